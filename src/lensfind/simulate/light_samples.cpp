#include "lensfind/simulate/light_samples.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lensfind/simulate/plane_kernels.h"

namespace lensfind::simulate {
namespace {

constexpr std::size_t nodes = 9;
constexpr std::array<float, nodes> node_weight{25.f / 324, 40.f / 324, 25.f / 324, 40.f / 324, 64.f / 324,
                                               40.f / 324, 25.f / 324, 40.f / 324, 25.f / 324};

/// The quadratic B-spline's three values on a pixel, at -1/2 <= t <= 1/2 from its centre: they sum to 1 and are smooth from pixel to pixel.
std::array<float, 3> spline(float t) { return {0.5f * (0.5f - t) * (0.5f - t), 0.75f - t * t, 0.5f * (0.5f + t) * (0.5f + t)}; }

/// Bounds the error of the nodes' mean. Five of them make a rule of degree 3; what it differs by shows structure in both directions.
/// Structure in one direction is the same to both rules: there a second difference D of a smooth f leaves an error of order D^3 / f^2, and
/// a kink one of a few hundredths of D; D^2 / f lies between.
float rule_error(const auto& v, float mean) {
  const float mixed = v(4) + (v(1) + v(3) + v(5) + v(7) - 4 * v(4)) / 3.6f - mean;
  const float along_x = v(3) + v(5) - 2 * v(4), along_y = v(1) + v(7) - 2 * v(4);
  return std::abs(mixed) + 0.1f * (along_x * along_x + along_y * along_y) / (mean + 1e-30f);
}

}  // namespace

LightSampler::LightSampler(int side, SampleUse use) : use_{use}, values_{side}, rough_{side}, roughness_(values_.stride + kernel_block) {}

void LightSampler::look_through(const Lattice& lattice, const PreparedMass* mass) {
  lattice_ = &lattice;
  mass_ = mass;
}

void LightSampler::sample(const Sersic& light, const SamplingLimits& limits, LightSamples& out) {
  const float area = lattice_->pixel * lattice_->pixel, tolerance = static_cast<float>(limits.tolerance) / area;
  out.cells.clear();
  out.box = box_ = visible_box(light, limits.negligible / area);
  if (box_.empty()) return;
  const PreparedSersic prepared = prepare(light);
  sample_centres(prepared);
  find_rough(light, tolerance, out);
  if (use_ == SampleUse::spreading) blend(out);
  for (int row = box_.row_first; row < box_.row_end; ++row) {
    for (int column = box_.column_first; column < box_.column_end; ++column) out.smooth.at(row, column) *= area;
  }
  refine(light, prepared, tolerance, out);
}

PixelBox LightSampler::visible_box(const Sersic& light, double brightness_limit) const {
  const int side = lattice_->x.side;
  if (mass_) return {0, side, 0, side};
  const double reach =
      radius_at_brightness(light, brightness_limit) / std::sqrt(light.axis_ratio) + 3 * static_cast<double>(lattice_->pixel);
  const auto index = [&](double at) { return std::clamp(at / static_cast<double>(lattice_->pixel) + 0.5 * (side - 1), 0.0, 1.0 * side); };
  const Point c = light.centre_arcsec;
  return {static_cast<int>(index(c.y - reach)), static_cast<int>(std::ceil(index(c.y + reach))), static_cast<int>(index(c.x - reach)),
          static_cast<int>(std::ceil(index(c.x + reach)))};
}

void LightSampler::sample_centres(const PreparedSersic& light) {
  const Plane &sx = mass_ ? lattice_->source_x : lattice_->x, &sy = mass_ ? lattice_->source_y : lattice_->y;
  // Two more on every side for the differences.
  const std::size_t first = static_cast<std::size_t>(std::max(0, box_.column_first - 2)) / kernel_block * kernel_block;
  const std::size_t count = std::min(values_.stride, padded(static_cast<std::size_t>(box_.column_end) + 2)) - first;
  for (int row = std::max(0, box_.row_first - 2); row < std::min(values_.side, box_.row_end + 2); ++row) {
    brightness(light, sx.row(row).subspan(first, count), sy.row(row).subspan(first, count), values_.row(row).subspan(first, count));
  }
}

void LightSampler::find_rough(const Sersic& light, float tolerance, LightSamples& out) {
  const auto cx = static_cast<float>(light.centre_arcsec.x), cy = static_cast<float>(light.centre_arcsec.y);
  for (int row = rough_box_.row_first; row < rough_box_.row_end; ++row) {
    std::fill(rough_.row(row).begin() + rough_box_.column_first, rough_.row(row).begin() + rough_box_.column_end, 0.0f);
  }
  rough_box_ = {values_.side, 0, values_.side, 0};
  cells_.clear();
  const int first = std::max(2, box_.column_first), end = std::min(values_.side - 2, box_.column_end);
  for (int row = box_.row_first; row < box_.row_end; ++row) {
    std::copy(values_.row(row).begin() + box_.column_first, values_.row(row).begin() + box_.column_end,
              out.smooth.row(row).begin() + box_.column_first);
    if (row < 2 || row >= values_.side - 2) continue;
    const SmoothnessInput in{values_, mass_ ? &lattice_->source_x : &lattice_->x, mass_ ? &lattice_->source_y : &lattice_->y, cx, cy};
    examine_smoothness(in, row, first, end, use_ == SampleUse::pixel_means ? out.smooth.row(row) : std::span<float>{}, roughness_);
    for (int column = first; column < end; ++column) {
      if (roughness_[static_cast<std::size_t>(column)] > tolerance) mark_rough(row, column, out);
    }
  }
}

void LightSampler::mark_rough(int row, int column, LightSamples& out) {
  rough_.at(row, column) = 1;
  rough_box_ = {std::min(rough_box_.row_first, row), std::max(rough_box_.row_end, row + 1), std::min(rough_box_.column_first, column),
                std::max(rough_box_.column_end, column + 1)};
  if (use_ == SampleUse::spreading) return;
  out.smooth.at(row, column) = 0;
  cells_.push_back({row, column, 0, 0});
}

/// Pixels at and beside the rough ones hand their share over to points.
void LightSampler::blend(LightSamples& out) {
  // Rough pixels are two or more from the lattice's edge, so that their neighbours exist; beyond the box there is nothing to hand over.
  const PixelBox region{std::max(box_.row_first, rough_box_.row_first - 1), std::min(box_.row_end, rough_box_.row_end + 1),
                        std::max(box_.column_first, rough_box_.column_first - 1), std::min(box_.column_end, rough_box_.column_end + 1)};
  for (int row = std::max(1, region.row_first); row < std::min(values_.side - 1, region.row_end); ++row) {
    const float *above = rough_.row(row + 1).data(), *here = rough_.row(row).data(), *below = rough_.row(row - 1).data();
    for (int column = std::max(1, region.column_first); column < std::min(values_.side - 1, region.column_end); ++column) {
      const float edges = above[column] + below[column] + here[column - 1] + here[column + 1];
      const float corners = above[column - 1] + above[column + 1] + below[column - 1] + below[column + 1];
      if (here[column] + edges + corners == 0) continue;
      out.smooth.at(row, column) *= 1 - (0.5625f * here[column] + 0.09375f * edges + 0.015625f * corners);
      cells_.push_back({row, column, 0, 0, here[column] + edges + corners == 9});
    }
  }
}

void LightSampler::refine(const Sersic& light, const PreparedSersic& prepared, float tolerance, LightSamples& out) {
  float of_pixel = 1;
  for (std::int32_t level = 0; !cells_.empty(); ++level, of_pixel /= 4) {
    place_nodes(level);
    if (mass_) map_to_source(*mass_, x_, y_, source_x_, source_y_);
    brightness(prepared, mass_ ? source_x_ : x_, mass_ ? source_y_ : y_, value_);
    finer_.clear();
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const auto v = [&](std::size_t k) { return value_[k * stride_ + c]; };
      float mean = 0;
      for (std::size_t k = 0; k < nodes; ++k) mean += node_weight[k] * v(k);
      if ((rule_error(v, mean) * of_pixel <= tolerance && !hides_centre(c, light)) || level == deepest_level) {
        keep(c, level, out);
        continue;
      }
      const Cell& cell = cells_[c];
      for (const std::int32_t j : {0, 1}) {
        for (const std::int32_t i : {0, 1}) finer_.push_back({cell.row, cell.column, 2 * cell.i + i, 2 * cell.j + j, cell.inside});
      }
    }
    cells_.swap(finer_);
  }
}

void LightSampler::place_nodes(std::int32_t level) {
  stride_ = padded(cells_.size());
  for (auto* list : {&x_, &y_, &source_x_, &source_y_, &value_}) list->resize(nodes * stride_);
  const float pixel = lattice_->pixel, size = pixel / static_cast<float>(1 << level), reach = 0.5f * size * cell_nodes[2];
  for (std::size_t c = 0; c < stride_; ++c) {
    const Cell& cell = cells_[std::min(c, cells_.size() - 1)];
    const float x = lattice_->coordinate(cell.column) - 0.5f * pixel + (static_cast<float>(cell.i) + 0.5f) * size;
    const float y = lattice_->coordinate(cell.row) - 0.5f * pixel + (static_cast<float>(cell.j) + 0.5f) * size;
    for (std::size_t k = 0; k < nodes; ++k) {
      x_[k * stride_ + c] = x + static_cast<float>(static_cast<int>(k % 3) - 1) * reach;
      y_[k * stride_ + c] = y + static_cast<float>(static_cast<int>(k / 3) - 1) * reach;
    }
  }
}

/// Whether the source's centre lies in or beside the region that the cell maps to, while that is too large to show the source.
bool LightSampler::hides_centre(std::size_t cell, const Sersic& light) const {
  const std::vector<float>&sx = mass_ ? source_x_ : x_, &sy = mass_ ? source_y_ : y_;
  float left = sx[cell], right = left, low = sy[cell], high = low;
  for (const std::size_t k : {2, 4, 6, 8}) {
    left = std::min(left, sx[k * stride_ + cell]);
    right = std::max(right, sx[k * stride_ + cell]);
    low = std::min(low, sy[k * stride_ + cell]);
    high = std::max(high, sy[k * stride_ + cell]);
  }
  const float width = right - left, height = high - low;
  if (std::max(width, height) < 0.25f * static_cast<float>(light.effective_radius_arcsec)) return false;
  const auto cx = static_cast<float>(light.centre_arcsec.x), cy = static_cast<float>(light.centre_arcsec.y);
  return cx > left - 0.3f * width && cx < right + 0.3f * width && cy > low - 0.3f * height && cy < high + 0.3f * height;
}

void LightSampler::keep(std::size_t cell, std::int32_t level, LightSamples& out) const {
  const Cell& of = cells_[cell];
  if (value_[4 * stride_ + cell] == 0) return;
  LightCell& kept = out.cells.emplace_back(LightCell{of.row, of.column, level, of.i, of.j});
  const float size = lattice_->pixel / static_cast<float>(1 << level), area = size * size;
  for (std::size_t k = 0; k < nodes; ++k) kept.flux[k] = node_weight[k] * value_[k * stride_ + cell] * area;
  if (use_ == SampleUse::pixel_means || of.inside) return;
  // The points' part of the partition of unity: quadratic B-splines on the rough pixels.
  for (std::size_t y = 0; y < 3; ++y) {
    const std::array<float, 3> wy = spline(node_offset(level, of.j, y));
    std::array<float, 3> column_sums{};
    for (int j = 0; j < 3; ++j) {
      const float* rough = rough_.row(of.row + j - 1).data() + of.column - 1;
      for (std::size_t i = 0; i < 3; ++i) column_sums[i] += wy[static_cast<std::size_t>(j)] * rough[i];
    }
    for (std::size_t x = 0; x < 3; ++x) {
      const std::array<float, 3> wx = spline(node_offset(level, of.i, x));
      kept.flux[3 * y + x] *= wx[0] * column_sums[0] + wx[1] * column_sums[1] + wx[2] * column_sums[2];
    }
  }
}

}  // namespace lensfind::simulate
