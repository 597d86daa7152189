#include "lensfind/simulate/artefacts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace lensfind::simulate {
namespace {

/// Adds amplitude(row, column) times each band's rms to the bands from `first` to before `end`.
void add(MutableImageView image, std::span<const double> rms, int first, int end, auto&& amplitude) {
  for (int row = 0; row < image.shape.height; ++row) {
    for (int column = 0; column < image.shape.width; ++column) {
      const double value = amplitude(row, column);
      for (int b = first; b < end; ++b) image.at(b, row, column) += static_cast<float>(value * rms[static_cast<std::size_t>(b)]);
    }
  }
}

/// A star just beyond one of the edges, whose light falls as the wings of a PSF do, with the square of the distance.
void add_halo(MutableImageView image, std::span<const double> rms, RandomStream& random) {
  const double side = image.shape.width, angle = random.uniform(0, 2 * std::numbers::pi), distance = random.uniform(0.55, 0.9) * side;
  const double row0 = 0.5 * (side - 1) + distance * std::sin(angle), column0 = 0.5 * (side - 1) + distance * std::cos(angle);
  const double strength = std::exp(random.uniform(std::log(5), std::log(200))), core = 0.1 * side;
  add(image, rms, 0, image.shape.bands, [&](int row, int column) {
    const double r2 = (row - row0) * (row - row0) + (column - column0) * (column - column0);
    return strength / (1 + r2 / (core * core));
  });
}

/// A straight line of Gaussian profile across the cutout.
void add_trail(MutableImageView image, std::span<const double> rms, RandomStream& random) {
  const double side = image.shape.width, angle = random.uniform(0, std::numbers::pi), offset = random.uniform(-0.5, 0.5) * side;
  const double strength = random.uniform(3, 40), width = random.uniform(1.5, 3);
  const auto band = static_cast<int>(random.below(static_cast<std::uint64_t>(image.shape.bands)));
  add(image, rms, band, band + 1, [&](int row, int column) {
    const double across = (column - 0.5 * (side - 1)) * std::sin(angle) - (row - 0.5 * (side - 1)) * std::cos(angle) - offset;
    return strength * std::exp(-0.5 * across * across / (width * width));
  });
}

/// A rectangle outside of the middle, as around bright stars, bad columns and the edges of exposures.
void mask(MutableImageView image, RandomStream& random) {
  const auto side = static_cast<std::uint64_t>(image.shape.width);
  const auto first_row = static_cast<int>(random.below(side)), first_column = static_cast<int>(random.below(side)),
             rows = static_cast<int>(1 + random.below(side / 2)), columns = static_cast<int>(1 + random.below(side / 4));
  const int middle = image.shape.width / 2, spared = image.shape.width / 8;
  for (int row = first_row; row < std::min(first_row + rows, image.shape.height); ++row) {
    for (int column = first_column; column < std::min(first_column + columns, image.shape.width); ++column) {
      if (std::abs(row - middle) <= spared && std::abs(column - middle) <= spared) continue;
      for (int b = 0; b < image.shape.bands; ++b) image.at(b, row, column) = 0;
    }
  }
}

}  // namespace

std::string add_artefact(MutableImageView image, std::span<const double> rms, RandomStream& random) {
  switch (random.below(3)) {
    case 0:
      add_halo(image, rms, random);
      return "halo";
    case 1:
      add_trail(image, rms, random);
      return "trail";
    default:
      mask(image, random);
      return "mask";
  }
}

}  // namespace lensfind::simulate
