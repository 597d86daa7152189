#include "lensfind/simulate/set_writer.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_keywords.h"
#include "lensfind/image/npy.h"

namespace lensfind::simulate {
namespace {

void write_at(int descriptor, const void* bytes, std::size_t count, std::int64_t offset, const std::filesystem::path& path) {
  const char* at = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = pwrite(descriptor, at, count, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw_write_error(path, written < 0 ? errno : ENOSPC);
    at += written;
    offset += written;
    count -= static_cast<std::size_t>(written);
  }
}

/// A tangent plane whose middle is the image's; steps of pixels in arcsec.
std::vector<image::FitsCard> tangent_plane(const sky::Position& middle, const image::SkyAxes& axes, int size, const char* comment) {
  const double centre = 0.5 * (size + 1);
  return {{"CTYPE1", "RA---TAN", ""},
          {"CTYPE2", "DEC--TAN", ""},
          {"CRVAL1", middle.ra_deg, comment},
          {"CRVAL2", middle.dec_deg, comment},
          {"CRPIX1", centre, ""},
          {"CRPIX2", centre, ""},
          {"CD1_1", axes.east_by_column / 3600, "deg"},
          {"CD1_2", axes.east_by_row / 3600, "deg"},
          {"CD2_1", axes.north_by_column / 3600, "deg"},
          {"CD2_2", axes.north_by_row / 3600, "deg"},
          {"RADESYS", "ICRS", ""}};
}

/// Made up, so that viewers know the pixel scale and which way is up, and another place for each image, so that no two are one object: a
/// minute of arc and more apart.
std::vector<image::FitsCard> made_up_sky(const SimulateOptions& options, std::int64_t index) {
  constexpr std::int64_t in_a_row = 1000;
  constexpr double step_deg = 0.02;
  const double scale = options.survey.pixel_scale_arcsec;
  const sky::Position middle{150 + step_deg * static_cast<double>(index % in_a_row),
                             2 + step_deg * static_cast<double>(index / in_a_row % in_a_row)};
  return tangent_plane(middle, {.east_by_column = -scale, .north_by_row = scale}, options.size, "made up");
}

/// A painted cutout lies where the real one does.
std::vector<image::FitsCard> sky_of(const HostSky& host, int size) {
  if (host.middle) return tangent_plane(*host.middle, host.axes, size, "of the real cutout");
  return {{image::keywords::pixel_scale.front(), host.pixel_scale_arcsec, "arcsec"}};
}

std::vector<image::FitsCard> cards(const SimulateOptions& options, const std::string& id, const SimulatedCutout& cutout,
                                   std::int64_t index) {
  const Survey& survey = options.survey;
  std::vector<image::FitsCard> out = cutout.host ? sky_of(*cutout.host, options.size) : made_up_sky(options, index);
  out.push_back({"OBJECT", id, "simulated"});
  out.push_back({"SURVEY", survey.name, ""});
  const std::vector<double>& seeing = cutout.truth.conditions.seeing_fwhm_arcsec;
  for (std::size_t b = 0; b < survey.bands.size(); ++b) {
    out.push_back({image::keywords::written_band(b), survey.bands[b], ""});
    if (b < seeing.size()) out.push_back({image::keywords::written_seeing(b), seeing[b], "FWHM, arcsec"});
    // Bands scaled to [0, 1] have no unit of flux.
    if (options.scaling != Scaling::minmax)
      out.push_back({image::keywords::written_zero_point(b), survey.output_zero_point[b], "AB magnitude of one unit"});
  }
  return out;
}

}  // namespace

std::int64_t SetLayout::size(Split split) const {
  return split == Split::train ? options_.lenses + options_.nonlenses : options_.test_lenses + options_.test_nonlenses;
}

std::int64_t SetLayout::size() const { return size(Split::train) + size(Split::test); }

Place SetLayout::place(std::int64_t index) const {
  const bool train = index < size(Split::train);
  Place out{.index = index, .in_split = train ? index : index - size(Split::train)};
  const std::int64_t lenses = train ? options_.lenses : options_.test_lenses;
  const bool lens = out.in_split < lenses;
  out.request = {.split = train ? Split::train : Split::test,
                 .lens = lens,
                 .number = lens ? out.in_split : out.in_split - lenses,
                 .size = options_.size,
                 .scaling = options_.scaling,
                 .seed = options_.seed};
  out.folder = fmt::format("{}_{}", name_of(out.request.split), lens ? "lenses" : "nonlenses");
  return out;
}

std::string SetLayout::id(const Place& place) const {
  if (options_.format == Format::stack && !options_.only) return fmt::format("{}.npy#{}", name_of(place.request.split), place.in_split);
  return fmt::format("{}/{}", place.folder, place.request.number + 1);
}

SetWriter::SetWriter(const SimulateOptions& options, const SetLayout& layout, const std::filesystem::path& work)
    : options_{options}, layout_{layout}, work_{work} {
  const auto bands = static_cast<std::int64_t>(options.survey.bands.size());
  for (const Split split : {Split::train, Split::test}) {
    if (layout.size(split) == 0) continue;
    if (options.only) continue;
    if (options.format != Format::stack) {
      for (const char* label : {"lenses", "nonlenses"}) {
        const std::filesystem::path folder = options.out / fmt::format("{}_{}", name_of(split), label);
        std::filesystem::create_directories(folder);
        remove_stale_temporaries(folder);
      }
      continue;
    }
    const std::array<std::int64_t, 4> shape{layout.size(split), bands, options.size, options.size};
    const std::string header = image::npy_header_text(shape);
    int& descriptor = descriptors_[static_cast<int>(split)];
    descriptor = open(stack(split).c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (descriptor < 0) throw_write_error(stack(split), errno);
    write_at(descriptor, header.data(), header.size(), 0, stack(split));
    data_offsets_[static_cast<int>(split)] = static_cast<std::int64_t>(header.size());
  }
}

SetWriter::~SetWriter() {
  for (const int descriptor : descriptors_) {
    if (descriptor >= 0) close(descriptor);
  }
}

std::filesystem::path SetWriter::stack(Split split) const { return work_ / fmt::format("{}.npy", name_of(split)); }

void SetWriter::write(const Place& place, const SimulatedCutout& cutout) {
  const image::ImageView image = cutout.image.view();
  const std::filesystem::path path = options_.out / place.folder / std::to_string(place.request.number + 1);
  if (options_.only) std::filesystem::create_directories(path.parent_path());
  if (options_.format == Format::stack && !options_.only) {
    const auto split = static_cast<int>(place.request.split);
    const auto bytes = static_cast<std::int64_t>(image.values().size_bytes());
    write_at(descriptors_[split], image.data, image.values().size_bytes(), data_offsets_[split] + place.in_split * bytes,
             stack(place.request.split));
  } else if (options_.format == Format::fits) {
    image::write_fits(path.string() + ".fits", image, cards(options_, layout_.id(place), cutout, place.index));
  } else {
    image::write_npy(path.string() + ".npy", image);
  }
}

void SetWriter::finish() {
  if (options_.format != Format::stack || options_.only) return;
  for (const Split split : {Split::train, Split::test}) {
    int& descriptor = descriptors_[static_cast<int>(split)];
    if (descriptor < 0) continue;
    if (close(descriptor) != 0) throw_write_error(stack(split), errno);
    descriptor = -1;
    std::filesystem::rename(stack(split), options_.out / fmt::format("{}.npy", name_of(split)));
    AtomicFile table{options_.out / fmt::format("{}.csv", name_of(split))};
    table.write(std::string_view{"id,label\n"});
    const std::int64_t first = split == Split::train ? 0 : layout_.size(Split::train);
    for (std::int64_t i = 0; i < layout_.size(split); ++i) {
      const Place place = layout_.place(first + i);
      table.write(fmt::format("{},{}\n", layout_.id(place), place.request.lens ? 1 : 0));
    }
    table.commit();
  }
}

}  // namespace lensfind::simulate
