#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "lensfind/base/error.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/sky/field.h"

namespace lensfind::python {
namespace {

namespace fs = std::filesystem;

using Degrees = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

/// Fields of sky by their headers, to be asked what lies in them.
class FieldSet {
 public:
  FieldSet(const std::vector<fs::path>& arguments, const std::vector<std::string>& bands, const std::string& pattern) {
    for (const fs::path& argument : arguments) {
      const cutouts::FileList list = cutouts::files_of(argument, {.bands = bands, .pattern = pattern});
      while (const std::optional<cutouts::ListedFile> file = list()) {
        if (file->kind != cutouts::FileKind::fits)
          throw Error{file->path.string() + ": is no field", "with a catalogue the inputs are FITS images that have coordinates"};
        fields_.emplace_back(file->bands.empty() ? std::vector<fs::path>{file->path} : file->bands);
      }
    }
    if (fields_.empty()) throw Error{"there is no field in the inputs", "give FITS images that have coordinates"};
  }

  // A vector of fields, which cannot be copied, lets itself be taken for one that can.
  FieldSet(const FieldSet&) = delete;
  FieldSet& operator=(const FieldSet&) = delete;
  ~FieldSet() = default;

  [[nodiscard]] std::size_t size() const { return fields_.size(); }

  /// The first field that each position (n,), ICRS in degrees, lies in; -1 where it lies in none, or is no position.
  [[nodiscard]] std::vector<std::int64_t> find(std::span<const double> ra_deg, std::span<const double> dec_deg) const {
    std::vector<std::int64_t> found(ra_deg.size(), -1);
    for (std::size_t k = 0; k < ra_deg.size(); ++k) {
      if (!std::isfinite(ra_deg[k]) || !(std::abs(dec_deg[k]) <= 90)) continue;
      const auto in = std::ranges::find_if(fields_, [&](const sky::Field& field) {
        return field.find({ra_deg[k], dec_deg[k]}).has_value();
      });
      if (in != fields_.end()) found[k] = in - fields_.begin();
    }
    return found;
  }

  /// A circle around each field: unit vectors of the middles (n, 3) and cosines of the radii (n,).
  [[nodiscard]] std::vector<sky::Circle> circles() const {
    std::vector<sky::Circle> circles;
    for (const sky::Field& field : fields_) circles.push_back(field.circle());
    return circles;
  }

 private:
  std::vector<sky::Field> fields_;
};

auto find_positions(const FieldSet& fields, const Degrees& ra_deg, const Degrees& dec_deg) {
  if (ra_deg.size() != dec_deg.size()) throw Error{"right ascensions and declinations differ in number", "give one of each an object"};
  return array_of(fields.find({ra_deg.data(), ra_deg.size()}, {dec_deg.data(), dec_deg.size()}));
}

nb::tuple circles_of(const FieldSet& fields) {
  std::vector<double> middles, cosines;
  for (const sky::Circle& circle : fields.circles()) {
    middles.insert(middles.end(), circle.middle.begin(), circle.middle.end());
    cosines.push_back(circle.cosine);
  }
  return nb::make_tuple(array_of(std::move(middles), {fields.size(), 3}), array_of(std::move(cosines)));
}

}  // namespace

void bind_field_set(nb::module_& module) {
  nb::class_<FieldSet>(module, "FieldSet", "Fields of sky by their headers.")
      .def(nb::init<const std::vector<fs::path>&, const std::vector<std::string>&, const std::string&>(), nb::arg("fields"),
           nb::arg("bands"), nb::arg("pattern"))
      .def("__len__", &FieldSet::size)
      .def("find", &find_positions, nb::arg("ra_deg"), nb::arg("dec_deg"))
      .def("circles", &circles_of);
}

}  // namespace lensfind::python
