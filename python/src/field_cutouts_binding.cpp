#include <limits>

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attended.h"
#include "lensfind/base/error.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/field.h"

namespace lensfind::python {
namespace {

namespace fs = std::filesystem;

/// Objects of a catalogue, cut from fields.
struct ObjectCutouts {
  std::vector<float> pixels;         ///< (n, bands, size, size); NaN where the object could not be cut
  std::vector<std::string> ids;      ///< (n)
  std::vector<std::string> reasons;  ///< (n) why it could not be cut; empty: it was
  std::vector<double> missing;       ///< (n) largest fraction of missing pixels in a band, which have its median
};

ObjectCutouts cut(const cutouts::InputOptions& options, Progress& progress, const StopFlag& stop) {
  cutouts::InputStream stream{options};
  ObjectCutouts made;
  image::Image image{options.wanted};
  progress.start("cutting", 0, "objects");
  while (const std::optional<cutouts::Input> input = stream.next()) {
    if (stop) throw Stopped{"stopped while objects were cut", "start it again"};
    std::string reason;
    double missing = std::numeric_limits<double>::quiet_NaN();
    try {
      missing = cutouts::read_input(*input, image.view()).missing;
    } catch (const Error& error) {
      reason = error.what();
      std::ranges::fill(image.values(), std::numeric_limits<float>::quiet_NaN());
    }
    made.pixels.insert(made.pixels.end(), image.values().begin(), image.values().end());
    made.ids.push_back(input->id);
    made.reasons.push_back(std::move(reason));
    made.missing.push_back(missing);
    progress.advance(1);
  }
  progress.finish();
  return made;
}

nb::tuple field_cutouts(std::vector<fs::path> fields, std::vector<std::string> bands, const fs::path& catalogue, int size,
                        std::optional<double> pixel_scale_arcsec, std::optional<double> zero_point, std::vector<double> zero_points,
                        double max_missing, nb::handle listener) {
  cutouts::InputOptions options{
      .arguments = std::move(fields), .bands = bands, .catalogue = catalogue, .wanted = {static_cast<int>(bands.size()), size, size}};
  options.rules.max_missing = max_missing;
  options.rules.pixel_scale_arcsec = pixel_scale_arcsec;
  options.rules.zero_point = zero_point;
  options.rules.input_zero_points = std::move(zero_points);
  ObjectCutouts made = attended(listener, [&](Progress& progress, const StopFlag& stop) { return cut(options, progress, stop); });
  const auto side = static_cast<std::size_t>(size);
  const std::vector<std::size_t> shape{made.ids.size(), bands.size(), side, side};
  return nb::make_tuple(array_of(std::move(made.pixels), shape), std::move(made.ids), std::move(made.reasons),
                        array_of(std::move(made.missing)));
}

/// Where a catalogue's objects lie in fields: the number of the first field that an object lies in (-1: none), its pixel there counted from
/// 0, and the first file of each field.
nb::tuple field_places(std::vector<fs::path> files, const std::vector<std::string>& bands, const fs::path& path) {
  std::vector<sky::Field> fields;
  std::vector<fs::path> firsts;
  for (const fs::path& argument : files) {
    const cutouts::FileList list = cutouts::files_of(argument, {.bands = bands});
    while (const std::optional<cutouts::ListedFile> file = list()) {
      fields.emplace_back(file->bands.empty() ? std::vector<fs::path>{file->path} : file->bands);
      firsts.push_back(fields.back().files().front());
    }
  }
  std::vector<std::int64_t> found;
  std::vector<double> x, y;
  sky::Catalogue catalogue{path};
  while (const std::optional<sky::CatalogueObject> object = catalogue.next()) {
    std::int64_t number = -1;
    std::optional<sky::Pixel> place;
    for (std::size_t i = 0; object->position && !place && i < fields.size(); ++i) {
      place = fields[i].find(*object->position);
      if (place) number = static_cast<std::int64_t>(i);
    }
    found.push_back(number);
    x.push_back(place ? place->x : std::numeric_limits<double>::quiet_NaN());
    y.push_back(place ? place->y : std::numeric_limits<double>::quiet_NaN());
  }
  return nb::make_tuple(std::move(found), std::move(x), std::move(y), std::move(firsts));
}

}  // namespace

void bind_field_cutouts(nb::module_& module) {
  module.def("field_places", &field_places, nb::arg("fields"), nb::arg("bands"), nb::arg("catalogue"));
  module.def("field_cutouts", &field_cutouts, nb::arg("fields"), nb::arg("bands"), nb::arg("catalogue"), nb::arg("size"),
             nb::arg("pixel_scale_arcsec").none(), nb::arg("zero_point").none(), nb::arg("zero_points"), nb::arg("max_missing"),
             nb::arg("listener").none());
}

}  // namespace lensfind::python
