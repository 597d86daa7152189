#include "lensfind/render/light_samples.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lensfind/render/cell_kernels.h"
#include "lensfind/render/smoothness_kernels.h"

namespace lensfind::render {

void LightSamples::clear() {
  for (int row = box.row_first; row < box.row_end; ++row)
    std::fill(smooth.row(row).begin() + box.column_first, smooth.row(row).begin() + box.column_end, 0.0f);
  box = {};
  for (SampledCells& level : levels) level.clear();
}

double arcs_limit(double negligible, float pixel_arcsec) { return 0.01 * negligible / static_cast<double>(pixel_arcsec * pixel_arcsec); }

LightSampler::LightSampler(int side, SampleUse use)
    : use_{use}, values_{side}, rough_{side}, marks_{side}, row_is_rough_(static_cast<std::size_t>(side) + 2) {}

void LightSampler::look_through(const Lattice& lattice, std::span<const ColumnSpan> columns, const PreparedMass* mass) {
  lattice_ = &lattice;
  columns_ = columns;
  mass_ = mass;
}

void LightSampler::sample(const Sersic& light, const SamplingLimits& limits, LightSamples& out) {
  const float area = lattice_->pixel * lattice_->pixel;
  const double limit = limits.negligible / static_cast<double>(area);
  out.clear();
  out.box = box_ = visible_box(light, limit);
  if (box_.empty()) return;
  PreparedSersic prepared = prepare(light, mass_ ? arcs_limit(limits.negligible, lattice_->pixel) : 0);
  prepared.log2_centre += std::log2(area);
  sample_centres(prepared);
  out.box = box_;
  if (box_.empty()) return;
  find_rough(prepared, static_cast<float>(limits.tolerance), out);
  gather_cells(out);
  refine(prepared, light.effective_radius_arcsec, static_cast<float>(limits.tolerance), out);
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

/// Columns of a row whose samples the differences of pixels that are looked at take: of those in the box two rows up and down, and two
/// more on either side.
ColumnSpan LightSampler::around(int row) const {
  ColumnSpan out{values_.side, 0};
  for (int near = std::max(box_.row_first, row - 2); near < std::min(box_.row_end, row + 3); ++near) {
    const PixelBox here = box_.row(near, columns_[static_cast<std::size_t>(near)]);
    if (!here.empty()) out = {std::min(out.first, here.column_first), std::max(out.end, here.column_end)};
  }
  return {std::max(0, out.first - 2), std::min(values_.side, out.end + 2)};
}

/// Lensed light may be anywhere; the box closes about what there is.
void LightSampler::sample_centres(const PreparedSersic& light) {
  const Plane &sx = mass_ ? lattice_->source_x : lattice_->x, &sy = mass_ ? lattice_->source_y : lattice_->y;
  PixelBox lit{values_.side, 0, values_.side, 0};
  for (int row = std::max(0, box_.row_first - 2); row < std::min(values_.side, box_.row_end + 2); ++row) {
    const ColumnSpan columns = around(row);
    if (columns.first >= columns.end) continue;
    const std::size_t first = static_cast<std::size_t>(columns.first) / kernel_block * kernel_block;
    const std::size_t count = std::min(values_.stride, padded(static_cast<std::size_t>(columns.end))) - first;
    const Extent extent =
        brightness(light, sx.row(row).subspan(first, count), sy.row(row).subspan(first, count), values_.row(row).subspan(first, count));
    if (extent.first >= extent.end) continue;
    lit = {std::min(lit.row_first, row), row + 1, std::min(lit.column_first, static_cast<int>(first + extent.first)),
           std::max(lit.column_end, static_cast<int>(first + extent.end))};
  }
  if (mass_) close_box(light, lit);
}

void LightSampler::close_box(const PreparedSersic& light, PixelBox lit) {
  // Its shortest radius; of the light, not of what is left of it at the farthest.
  const float radius = std::sqrt(light.farthest / (light.xx + light.yy));
  if (radius < 3 * lattice_->pixel) return;  // may hide between the samples anywhere
  // Next to a mass's centre the source plane passes by too fast for samples to show what is there.
  constexpr int about_mass = 3;
  for (const PreparedMass::Ellipsoid& lens : mass_->ellipsoids) {
    const auto index = [&](float at) {
      return static_cast<int>(std::lround(at / lattice_->pixel + 0.5f * static_cast<float>(values_.side - 1)));
    };
    const int row = index(lens.centre_y), column = index(lens.centre_x);
    lit = {std::min(lit.row_first, row - about_mass), std::max(lit.row_end, row + about_mass + 1),
           std::min(lit.column_first, column - about_mass), std::max(lit.column_end, column + about_mass + 1)};
  }
  box_ = {std::max(0, lit.row_first - 1), std::min(values_.side, lit.row_end + 1), std::max(0, lit.column_first - 1),
          std::min(values_.side, lit.column_end + 1)};
}

void LightSampler::find_rough(const PreparedSersic& light, float tolerance, LightSamples& out) {
  const SmoothnessInput in{.lattice = lattice_,
                           .light = &light,
                           .values = values_,
                           .lensed = mass_ != nullptr,
                           .tolerance = tolerance,
                           .means = use_ == SampleUse::pixel_means};
  // The rows beside the box are read with it.
  for (int row = std::max(0, box_.row_first - 3); row < std::min(values_.side, box_.row_end + 3); ++row) {
    const bool inside = row >= box_.row_first && row < box_.row_end;
    if (!inside) std::fill(rough_.row(row).begin(), rough_.row(row).end(), 0.0f);
    const PixelBox here = box_.row(row, columns_[static_cast<std::size_t>(row)]);
    row_is_rough_[static_cast<std::size_t>(row)] =
        inside && examine_smoothness(in, row, here.column_first, here.column_end, out.smooth.row(row), rough_.row(row));
  }
}

/// Whether any pixel is rough in rows that far away; no nearer to the lattice's edge than that.
bool LightSampler::any_rough(int row, int within) const {
  const auto here = row_is_rough_.begin() + row;
  return std::any_of(here - within, here + within + 1, [](char any) { return any != 0; });
}

/// Rough pixels become cells.
void LightSampler::gather_cells(LightSamples& out) {
  const int side = values_.side;
  for (int row = std::max(1, box_.row_first - 2); row < std::min(side - 1, box_.row_end + 2); ++row) {
    if (any_rough(row, 1)) {
      fill_gaps(rough_, row, marks_.row(row));
    } else {
      std::fill(marks_.row(row).begin(), marks_.row(row).end(), 0.0f);
    }
  }
  CellList& cells = out.levels.front().cells;
  // Rough pixels are two or more from the lattice's edge, so that their neighbours exist; beyond the box there is no light.
  for (int row = std::max(2, box_.row_first); row < std::min(side - 2, box_.row_end); ++row) {
    if (!any_rough(row, 2)) continue;
    cells.make_room(static_cast<std::size_t>(side));
    hand_over(marks_, row, std::max(2, box_.column_first), std::min(side - 2, box_.column_end), use_ == SampleUse::spreading,
              out.smooth.row(row), cells);
  }
}

void LightSampler::refine(const PreparedSersic& light, double effective_radius_arcsec, float tolerance, LightSamples& out) {
  for (std::size_t level = 0; out.levels[level].cells.count > 0; ++level) {
    const bool deepest = level == deepest_level;
    sample_cells({.mass = mass_,
                  .light = &light,
                  .pixel_arcsec = lattice_->pixel,
                  .side = values_.side,
                  .tolerance = tolerance,
                  .hidden_within_arcsec = 0.25f * static_cast<float>(effective_radius_arcsec),
                  .level = static_cast<std::int32_t>(level),
                  .deepest = deepest},
                 out.levels[level]);
    if (deepest) return;
    out.levels[level].quarter(out.levels[level + 1].cells);
  }
}

}  // namespace lensfind::render
