#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <nanobind/ndarray.h>

#include "bindings.h"

namespace lensfind::python {

/// Cutouts (n, bands, height, width), float32 in C order, borrowed from numpy.
using Pixels = nb::ndarray<const float, nb::ndim<4>, nb::c_contig, nb::device::cpu>;

/// Numbers as a numpy array of this shape, which takes them over.
template <typename Number>
nb::ndarray<nb::numpy, Number> array_of(std::vector<Number> numbers, const std::vector<std::size_t>& shape) {
  auto* kept = new std::vector<Number>{std::move(numbers)};
  nb::capsule owner{kept, [](void* pointer) noexcept { delete static_cast<std::vector<Number>*>(pointer); }};
  return {kept->data(), shape.size(), shape.data(), owner};
}

template <typename Number>
nb::ndarray<nb::numpy, Number> array_of(std::vector<Number> numbers) {
  const std::size_t count = numbers.size();
  return array_of(std::move(numbers), {count});
}

}  // namespace lensfind::python
