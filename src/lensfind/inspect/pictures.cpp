#include "lensfind/inspect/pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/field_inputs.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/image/fits.h"
#include "lensfind/inspect/smooth_model.h"
#include "lensfind/inspect/zscale.h"
#include "lensfind/sky/field.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::inspect {
namespace {

namespace fs = std::filesystem;

/// Where an object's pixels are; of 100,000 objects 15 MB, with their ids.
struct Place {
  std::shared_ptr<const cutouts::Source> source;
  std::int64_t index = 0;
  std::string fits;  ///< the file where it may have a header that says how it lies on the sky, else empty
};

/// Bands of the first field there is.
int bands_of_fields(const PictureOptions& options) {
  for (const fs::path& argument : options.inputs) {
    const auto files = cutouts::files_of(argument, {.bands = options.bands, .pattern = options.pattern});
    if (const auto file = files()) return sky::Field{file->bands.empty() ? std::vector{file->path} : file->bands}.shape().bands;
  }
  return 1;
}

std::string fits_file(const cutouts::Input& input) {
  std::error_code status;
  if (input.of_stack || input.path.empty() || input.path.extension() == ".npy" || !fs::is_regular_file(input.path, status)) return {};
  return input.path.string();
}

std::vector<std::string> band_names(const cutouts::Cutout& cutout, const std::vector<std::string>& asked) {
  std::vector<std::string> names;
  for (int band = 0; band < cutout.image.shape().bands; ++band) {
    const auto i = static_cast<std::size_t>(band);
    const bool in_header = i < cutout.facts.filters.size() && !cutout.facts.filters[i].empty();
    names.push_back(in_header ? cutout.facts.filters[i] : i < asked.size() ? asked[i] : fmt::format("band {}", band + 1));
  }
  return names;
}

bool all_named(const cutouts::Cutout& cutout, const std::vector<std::string>& asked) {
  const auto bands = static_cast<std::size_t>(cutout.image.shape().bands);
  return cutouts::names_all(cutout.facts.filters) || asked.size() >= bands;
}

image::Image one_band(image::ImageView image, int band) {
  return image::Image{image::ImageShape{1, image.shape.height, image.shape.width}, {image.band(band).begin(), image.band(band).end()}};
}

std::uint8_t grey_level(double value) { return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0., 1.))); }

/// Each band between its own limits, row 0 at the bottom.
image::Picture zscale_picture(image::ImageView image, const image::ColourPlan& plan) {
  const std::size_t channels = plan.bands.size() == 1 ? 1 : 3;
  std::array<std::size_t, 3> from{0, plan.bands.size() / 2, plan.bands.size() - 1};
  image::Picture picture{image.shape.height, image.shape.width, static_cast<int>(channels),
                         std::vector<std::uint8_t>(image.shape.pixels() * channels)};
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const auto band = image.band(plan.bands[from[channel]]);
    const DisplayLimits limits = zscale(band);
    const double range = limits.white > limits.black ? limits.white - limits.black : 1;
    for (int row = 0; row < image.shape.height; ++row) {
      for (int column = 0; column < image.shape.width; ++column) {
        const auto value = static_cast<double>(band[static_cast<std::size_t>(row * image.shape.width + column)]);
        const auto place = static_cast<std::size_t>((image.shape.height - 1 - row) * image.shape.width + column);
        picture.values[place * channels + channel] = std::isfinite(value) ? grey_level((value - limits.black) / range) : std::uint8_t{0};
      }
    }
  }
  return picture;
}

image::Picture picture_by(image::ImageView image, const image::BandFacts& facts, View::Scaling scaling) {
  if (scaling == View::Scaling::zscale) return zscale_picture(image, image::plan_colours(image, facts));
  lensfind::image::PictureOptions options;
  options.stretch = scaling == View::Scaling::linear ? image::Stretch::linear
                    : scaling == View::Scaling::sqrt ? image::Stretch::sqrt
                                                     : image::Stretch::asinh;
  return image::picture_of(image, facts, options);
}

}  // namespace

std::vector<std::filesystem::path> paths_of(const PictureOptions& options) {
  std::vector<std::filesystem::path> paths = options.inputs;
  if (options.catalogue) paths.push_back(*options.catalogue);
  return paths;
}

cutouts::InputOptions input_options(const PictureOptions& options) {
  const int bands = options.catalogue ? bands_of_fields(options) : 0;
  return {.arguments = options.inputs,
          .bands = options.bands,
          .catalogue = options.catalogue,
          .columns = options.columns,
          .wanted = {bands, options.size, options.size},
          .pattern = options.pattern};
}

std::optional<image::SkyAxes> sky_axes(const fs::path& fits, image::ImageShape shape) {
  try {
    return sky::axes_at(sky::Wcs{fits}, {(shape.width - 1) / 2., (shape.height - 1) / 2.});
  } catch (const Error&) {
    return {};
  }
}

struct Pictures::State {
  PictureOptions options;
  std::unordered_map<std::string, Place> places;
  std::vector<std::string> ids;
  std::optional<image::SkyAxes> field_axes;  ///< of the first field; they differ little between the fields of a survey

  [[nodiscard]] const Place& place(const std::string& id) const {
    if (const auto found = places.find(id); found != places.end()) return found->second;
    throw Error{id + ": there is no image of it", "give the folder, list or fields that hold it with --images"};
  }
  [[nodiscard]] cutouts::Cutout read(const Place& place, int field) const {
    if (field == 1) return place.source->read(place.index);
    auto wider = cutouts::read_wider(*place.source, field);
    if (!wider) throw Error{"no wider field is there", "give fields with --catalogue"};
    return std::move(*wider);
  }
  void find_field_axes();
};

void Pictures::State::find_field_axes() {
  for (const fs::path& argument : options.inputs) {
    const auto files = cutouts::files_of(argument, {.bands = options.bands, .pattern = options.pattern});
    const auto file = files();
    if (!file) continue;
    const sky::Field field{file->bands.empty() ? std::vector{file->path} : file->bands};
    field_axes = sky_axes(field.files().front(), field.shape());
    return;
  }
}

Pictures::Pictures(const PictureOptions& options, const std::unordered_set<std::string>* wanted) : state_{std::make_unique<State>()} {
  state_->options = options;
  cutouts::InputStream stream{input_options(options)};
  if (wanted) state_->places.reserve(wanted->size());
  while (auto input = stream.next()) {
    if (wanted && !wanted->contains(input->id)) continue;
    if (!wanted) state_->ids.push_back(input->id);
    Place place{std::move(input->source), input->index, options.catalogue ? std::string{} : fits_file(*input)};
    if (!state_->places.emplace(input->id, std::move(place)).second)
      throw Error{input->id + ": two images have this id", "give folders whose files have different names"};
  }
  if (options.catalogue) state_->find_field_axes();
}

Pictures::~Pictures() = default;
Pictures::Pictures(Pictures&&) noexcept = default;
Pictures& Pictures::operator=(Pictures&&) noexcept = default;

bool Pictures::has(const std::string& id) const { return state_->places.contains(id); }
const std::vector<std::string>& Pictures::ids() const { return state_->ids; }
int Pictures::widest_field() const { return state_->options.catalogue ? 4 : 1; }

Drawn Pictures::draw(const std::string& id, const View& view) const {
  const Place& place = state_->place(id);
  cutouts::Cutout cutout = state_->read(place, view.field);
  Drawn drawn{.pixel_scale_arcsec = cutout.facts.pixel_scale_arcsec.value_or(0), .bands = band_names(cutout, state_->options.bands)};
  if (view.band >= cutout.image.shape().bands) throw Error{fmt::format("{} has no band {}", id, view.band + 1), "choose another band"};
  image::BandFacts facts{.names = all_named(cutout, state_->options.bands) ? drawn.bands : std::vector<std::string>{},
                         .zero_points = cutout.facts.zero_points};
  drawn.colours = image::colours_text(image::plan_colours(cutout.image.view(), facts), facts);
  if (view.residual == View::Residual::smooth) cutout.image = without_smooth_galaxy(cutout.image.view());
  std::optional<image::SkyAxes> axes = state_->field_axes;
  if (!place.fits.empty()) axes = sky_axes(place.fits, cutout.image.shape());
  if (axes) {
    cutout.image = image::north_up(cutout.image.view(), *axes, std::min(cutout.image.shape().height, cutout.image.shape().width));
    drawn.north_up = true;
    if (!(drawn.pixel_scale_arcsec > 0)) drawn.pixel_scale_arcsec = axes->pixel_scale_arcsec();
  }
  if (view.band >= 0) {
    drawn.picture = picture_by(one_band(cutout.image.view(), view.band).view(), {}, view.scaling);
  } else {
    drawn.picture = picture_by(cutout.image.view(), facts, view.scaling);
  }
  return drawn;
}

}  // namespace lensfind::inspect
