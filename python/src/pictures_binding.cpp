#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "lensfind/base/error.h"
#include "lensfind/image/orientation.h"
#include "lensfind/image/picture.h"

namespace lensfind::python {
namespace {

/// Pixels (bands, height, width), float32 in C order.
using Cutout = nb::ndarray<const float, nb::ndim<3>, nb::c_contig, nb::device::cpu>;

image::Stretch stretch_named(const std::string& name) {
  if (name == "linear") return image::Stretch::linear;
  if (name == "sqrt") return image::Stretch::sqrt;
  if (name == "asinh") return image::Stretch::asinh;
  throw Error{"there is no stretch '" + name + "'", "take linear, sqrt or asinh"};
}

image::ImageView view_of(const Cutout& cutout) {
  return {{static_cast<int>(cutout.shape(0)), static_cast<int>(cutout.shape(1)), static_cast<int>(cutout.shape(2))}, cutout.data()};
}

/// 8-bit red, green and blue (or grey three times), row 0 at the top.
nb::ndarray<nb::numpy, std::uint8_t> picture(const Cutout& cutout, std::vector<std::string> bands, std::vector<double> zero_points,
                                             const std::string& stretch) {
  image::BandFacts facts{.names = std::move(bands)};
  for (const double zero_point : zero_points) facts.zero_points.emplace_back(zero_point);
  const image::PictureOptions options{.stretch = stretch_named(stretch)};
  const image::Picture made = [&] {
    const nb::gil_scoped_release released;
    return image::picture_of(view_of(cutout), facts, options);
  }();
  std::vector<std::uint8_t> colours;
  const auto channels = static_cast<std::size_t>(made.channels);
  for (std::size_t i = 0; i < made.values.size(); i += channels) {
    for (std::size_t channel = 0; channel < 3; ++channel) colours.push_back(made.values[i + (channels == 3 ? channel : 0)]);
  }
  return array_of(std::move(colours), {static_cast<std::size_t>(made.height), static_cast<std::size_t>(made.width), 3});
}

/// The middle of a cutout with north up and east to the left where row 0 is drawn at the bottom.
nb::ndarray<nb::numpy, float> turned_north(const Cutout& cutout, double east_by_column, double north_by_column, double east_by_row,
                                           double north_by_row, int size) {
  const image::SkyAxes axes{east_by_column, north_by_column, east_by_row, north_by_row};
  const image::Image image = image::north_up(view_of(cutout), axes, size);
  const image::ImageShape shape = image.shape();
  return array_of(std::vector<float>{image.values().begin(), image.values().end()},
                  {static_cast<std::size_t>(shape.bands), static_cast<std::size_t>(shape.height), static_cast<std::size_t>(shape.width)});
}

}  // namespace

void bind_pictures(nb::module_& module) {
  module.def("picture", &picture, nb::arg("cutout"), nb::arg("bands"), nb::arg("zero_points"), nb::arg("stretch"));
  module.def("north_up", &turned_north, nb::arg("cutout"), nb::arg("east_by_column"), nb::arg("north_by_column"), nb::arg("east_by_row"),
             nb::arg("north_by_row"), nb::arg("size"));
}

}  // namespace lensfind::python
