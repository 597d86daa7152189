#include "lensfind/image/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

/// Index of a pixel of a row of `size`, mirrored about its ends.
int mirrored(int index, int size) {
  const int from_start = std::abs(index);
  return from_start < size ? from_start : 2 * (size - 1) - from_start;
}

/// A row with `reach` mirrored pixels before and behind it.
void extend_row(const float* in, int width, int reach, float* extended) {
  for (int x = -reach; x < 0; ++x) extended[x + reach] = in[mirrored(x, width)];
  std::copy_n(in, width, extended + reach);
  for (int x = width; x < width + reach; ++x) extended[x + reach] = in[mirrored(x, width)];
}

/// out[x] = the weighted sum of as many rows as there are weights at x; row i begins at rows[i]. A number of rows known to the compiler (0:
/// it is not) is unrolled.
template <int known_side>
void add_rows(const float* const* rows, std::span<const float> weights, int width, float* out) {
  const std::size_t count = known_side > 0 ? known_side : weights.size();
  for (int x = 0; x < width; ++x) {
    float sum = weights[0] * rows[0][x];
    for (std::size_t i = 1; i < count; ++i) sum += weights[i] * rows[i][x];
    out[x] = sum;
  }
}

struct Scratch {
  std::vector<float> sums;         // (height, width) of one band, added up along rows
  std::vector<float> extended;     // one row
  std::vector<const float*> rows;  // those to be added
};

template <int known_side>
void blur_band(float* band, int height, int width, std::span<const float> weights, Scratch& scratch) {
  const auto side = static_cast<int>(weights.size());
  const int reach = side / 2;
  for (int row = 0; row < height; ++row) {
    extend_row(band + row * width, width, reach, scratch.extended.data());
    for (int i = 0; i < side; ++i) scratch.rows[static_cast<std::size_t>(i)] = scratch.extended.data() + i;
    add_rows<known_side>(scratch.rows.data(), weights, width, scratch.sums.data() + row * width);
  }
  for (int row = 0; row < height; ++row) {
    for (int i = 0; i < side; ++i)
      scratch.rows[static_cast<std::size_t>(i)] = scratch.sums.data() + mirrored(row + i - reach, height) * width;
    add_rows<known_side>(scratch.rows.data(), weights, width, band + row * width);
  }
}

using Blur = void (*)(float*, int, int, std::span<const float>, Scratch&);

template <int known_side>
constexpr Blur vectorised_blur = [](float* band, int height, int width, std::span<const float> weights, Scratch& scratch) {
  vectorised([&] { blur_band<known_side>(band, height, width, weights, scratch); });
};

/// Along rows, then along columns, with an odd number of weights. Throws Error where the image is too small to be mirrored so far.
void blur(MutableImageView image, std::span<const float> weights) {
  const auto [bands, height, width] = image.shape;
  const auto side = static_cast<int>(weights.size());
  if (side > 2 * std::min(height, width) - 1) {
    throw Error{fmt::format("a square of {} pixels cannot blur an image of {} x {}", side, height, width),
                "give an odd number, 3 or 5 for cutouts"};
  }
  thread_local Scratch scratch;
  scratch.sums.resize(image.shape.pixels());
  scratch.extended.resize(static_cast<std::size_t>(width + side));
  scratch.rows.resize(static_cast<std::size_t>(side));
  const auto blur_one = side == 3 ? vectorised_blur<3> : side == 5 ? vectorised_blur<5> : vectorised_blur<0>;
  for (int b = 0; b < bands; ++b) blur_one(image.band(b).data(), height, width, weights, scratch);
}

}  // namespace

void box_blur(MutableImageView image, int side) {
  if (side < 1 || side % 2 == 0)
    throw Error{fmt::format("a square of {} pixels has no middle pixel", side), "give an odd number, 3 or 5 for cutouts"};
  blur(image, std::vector<float>(static_cast<std::size_t>(side), 1.0F / static_cast<float>(side)));
}

void gaussian_blur(MutableImageView image, int side) {
  // OpenCV's getGaussianKernel(side, 0): fixed numbers for small sides, not samples of a Gaussian.
  static constexpr std::array<float, 3> three{.25F, .5F, .25F};
  static constexpr std::array<float, 5> five{.0625F, .25F, .375F, .25F, .0625F};
  static constexpr std::array<float, 7> seven{.03125F, .109375F, .21875F, .28125F, .21875F, .109375F, .03125F};
  switch (side) {
    case 3:
      return blur(image, three);
    case 5:
      return blur(image, five);
    case 7:
      return blur(image, seven);
    default:
      throw Error{fmt::format("there is no Gaussian kernel of {} pixels", side), "give 3, 5 or 7"};
  }
}

void discrete_gaussian_blur(MutableImageView image, double sigma) {
  if (!(sigma >= 0 && sigma <= 10))
    throw Error{fmt::format("there is no blur of a standard deviation of {} pixels", sigma), "give 0 to 10 pixels"};
  const int smaller_side = std::min(image.shape.height, image.shape.width);
  const int reach = std::min(static_cast<int>(std::ceil(4 * sigma)) + 2, smaller_side - 1);
  if (sigma == 0 || reach < 1) return;
  std::vector<double> exact(static_cast<std::size_t>(reach) + 1);
  double sum = 0;
  for (int n = 0; n <= reach; ++n) {
    const double weight = std::exp(-sigma * sigma) * std::cyl_bessel_i(n, sigma * sigma);
    exact[static_cast<std::size_t>(n)] = weight;
    sum += n == 0 ? weight : 2 * weight;
  }
  std::vector<float> weights(static_cast<std::size_t>(2 * reach + 1));
  for (int n = -reach; n <= reach; ++n)
    weights[static_cast<std::size_t>(n + reach)] = static_cast<float>(exact[static_cast<std::size_t>(std::abs(n))] / sum);
  blur(image, weights);
}

}  // namespace lensfind::image
