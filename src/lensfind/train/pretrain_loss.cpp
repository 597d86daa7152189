#include "lensfind/train/pretrain_loss.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <ATen/ATen.h>

#include "lensfind/base/random.h"

namespace lensfind::train {
namespace {

/// Rows of length 1; a row of zeros stays.
at::Tensor unit_rows(const at::Tensor& rows) { return rows / rows.norm(2, at::IntArrayRef{1}, true).clamp_min(1e-12); }

}  // namespace

at::Tensor view_loss(const at::Tensor& predicted, const at::Tensor& target) {
  return 2 - 2 * (unit_rows(predicted) * unit_rows(target.detach())).sum(at::IntArrayRef{1}).mean();
}

at::Tensor hidden_pixel_loss(const at::Tensor& predicted, const at::Tensor& pixels, const at::Tensor& hidden) {
  return ((predicted - pixels).abs() * hidden).sum() / (hidden.sum() * pixels.size(1));
}

double feature_spread(const at::Tensor& features) {
  const at::Tensor rows = unit_rows(features.to(at::kDouble));
  const at::Tensor deviation = (rows - rows.mean(at::IntArrayRef{0}, true)).square().mean(at::IntArrayRef{0}).sqrt();
  return deviation.mean().item<double>() * std::sqrt(static_cast<double>(features.size(1)));
}

int BlockGrid::hidden() const {
  const int side = size / block, blocks = side * side;
  return std::clamp(static_cast<int>(std::lround(fraction * blocks)), 1, std::max(1, blocks - 1));
}

std::vector<float> hidden_pixels(const BlockGrid& grid, std::uint64_t seed, int epoch, std::size_t first, std::size_t count) {
  const auto size = static_cast<std::size_t>(grid.size), block = static_cast<std::size_t>(grid.block), side = size / block;
  std::vector<float> all(count * size * size, 0);
  std::vector<std::size_t> blocks(side * side);
  for (std::size_t i = 0; i < count; ++i) {
    std::iota(blocks.begin(), blocks.end(), std::size_t{0});
    RandomStream random{seed, Purpose::hidden_blocks, static_cast<std::uint64_t>(epoch) << 40U | (first + i)};
    shuffle(blocks, random);
    for (std::size_t k = 0; k < static_cast<std::size_t>(grid.hidden()); ++k) {
      float* corner = all.data() + i * size * size + blocks[k] / side * block * size + blocks[k] % side * block;
      for (std::size_t row = 0; row < block; ++row) std::fill_n(corner + row * size, block, 1.F);
    }
  }
  return all;
}

double target_momentum(double first, std::int64_t step, std::int64_t steps) {
  const double done = static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(steps, 1));
  return 1 - (1 - first) * (std::cos(std::numbers::pi * done) + 1) / 2;
}

}  // namespace lensfind::train
