#include "lensfind/score/candidate_pictures.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/cutouts/find_inputs.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/orientation.h"
#include "lensfind/image/scaling.h"
#include "lensfind/sky/field.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

constexpr int max_pixels = 128;             // a side that is shown
constexpr std::size_t max_pictures = 1000;  // so that many candidates do not fill the memory

using Pictures = std::vector<std::optional<CandidatePicture>>;

/// The middle of an image of which a side is longer than is shown.
image::Image middle_of(image::Image image) {
  const auto [bands, height, width] = image.shape();
  if (height <= max_pixels && width <= max_pixels) return image;
  // A margin stays even, so that the middle stays where it is.
  const auto side = [](int has) { return has <= max_pixels ? has : max_pixels + (has - max_pixels) % 2; };
  image::Image out{image::ImageShape{bands, side(height), side(width)}};
  image::centre_crop(image.view(), out.view());
  return out;
}

image::BandFacts facts_of(const cutouts::Cutout& cutout, const std::vector<std::string>& bands) {
  image::BandFacts facts;
  const auto count = static_cast<std::size_t>(cutout.image.shape().bands);
  if (cutouts::names_all(cutout.facts.filters) && cutout.facts.filters.size() == count) {
    facts.names = cutout.facts.filters;
  } else if (bands.size() == count) {
    facts.names = bands;
  }
  const auto known = [](const std::optional<double>& zero_point) { return zero_point.has_value(); };
  if (cutout.facts.zero_points.size() == count && std::ranges::any_of(cutout.facts.zero_points, known))
    facts.zero_points = cutout.facts.zero_points;
  return facts;
}

CandidatePicture picture_from(cutouts::Cutout cutout, const std::optional<image::SkyAxes>& axes, const std::vector<std::string>& bands) {
  cutouts::choose_bands(cutout, bands);
  CandidatePicture picture{.facts = facts_of(cutout, bands), .pixel_scale_arcsec = cutout.facts.pixel_scale_arcsec};
  picture.image = middle_of(std::move(cutout.image));
  if (!axes) return picture;
  picture.pixel_scale_arcsec = axes->pixel_scale_arcsec();
  picture.image = image::north_up(picture.image.view(), *axes, std::min(picture.image.shape().height, picture.image.shape().width));
  picture.north_up = true;
  return picture;
}

/// The coordinates of a file's image, where it has them.
std::optional<sky::Wcs> wcs_of(const fs::path& path) {
  try {
    if (image::has_fits_suffix(path.native())) return sky::Wcs{path};
  } catch (const Error&) {
    return {};  // most cutouts have none
  }
  return {};
}

void read_cutout(const cutouts::Input& input, const PictureSources& sources, ListedCandidate& candidate,
                 std::optional<CandidatePicture>& into) {
  cutouts::Cutout cutout = input.source->read(input.index);
  const sky::Pixel middle{(cutout.image.shape().width - 1) / 2.0, (cutout.image.shape().height - 1) / 2.0};
  const std::optional<sky::Wcs> wcs = wcs_of(input.path);
  const std::optional<image::SkyAxes> axes = wcs ? sky::axes_at(*wcs, middle) : std::nullopt;
  if (axes && !candidate.position) candidate.position = wcs->position(middle);
  into = picture_from(std::move(cutout), axes, sources.bands);
}

/// Ids begin with their INPUT (`long_ids`) where several INPUTs would have given one id twice.
void read_cutouts(CandidateList& list, const PictureSources& sources, bool long_ids, Pictures& pictures) {
  std::unordered_map<std::string, std::size_t> wanted;
  for (std::size_t i = 0; i < std::min(pictures.size(), max_pictures); ++i)
    if (!pictures[i]) wanted.emplace(list.candidates[i].id, i);
  const cutouts::InputOptions inputs{.arguments = sources.images, .bands = sources.bands, .pattern = sources.pattern, .long_ids = long_ids};
  cutouts::find_inputs(inputs, std::move(wanted), [&](const cutouts::Input& input, std::size_t place) {
    try {
      read_cutout(input, sources, list.candidates[place], pictures[place]);
      return true;
    } catch (const Error& error) {
      list.notes.push_back(fmt::format("no picture of {}: {}", input.id, error.what()));
      return false;
    }
  });
}

void cut_from(const sky::Field& field, const CandidateList& list, const PictureSources& sources, Pictures& pictures) {
  std::optional<image::FitsCutout> pixels;
  for (std::size_t i = 0; i < std::min(pictures.size(), max_pictures); ++i) {
    const std::optional<sky::Position>& position = list.candidates[i].position;
    const auto place = position && !pictures[i] ? field.find(*position) : std::nullopt;
    if (!place) continue;
    if (!pixels) pixels = field.read();
    pictures[i] = picture_from({sky::cut(pixels->image.view(), *place, sources.size), pixels->facts}, sky::axes_at(field.wcs(), *place),
                               sources.bands);
  }
}

void cut_from_fields(CandidateList& list, const PictureSources& sources, Pictures& pictures) {
  for (const fs::path& argument : sources.fields) {
    const cutouts::FileList files = cutouts::files_of(argument, {.bands = sources.bands, .pattern = sources.pattern});
    while (const std::optional<cutouts::ListedFile> file = files()) {
      try {
        cut_from(sky::Field{file->bands.empty() ? std::vector<fs::path>{file->path} : file->bands}, list, sources, pictures);
      } catch (const Error& error) {
        list.notes.push_back(fmt::format("no pictures from {}: {}", file->name, error.what()));
      }
    }
  }
}

}  // namespace

std::vector<std::optional<CandidatePicture>> candidate_pictures(CandidateList& list, const PictureSources& sources) {
  Pictures pictures(list.candidates.size());
  if (!sources.images.empty()) read_cutouts(list, sources, false, pictures);
  if (sources.images.size() > 1) read_cutouts(list, sources, true, pictures);
  if (!sources.fields.empty()) cut_from_fields(list, sources, pictures);
  return pictures;
}

}  // namespace lensfind::score
