#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lensfind::inject {

/// A range of Einstein radius and one of the arcs' signal-to-noise ratio.
struct PaintCell {
  double radius_low_arcsec = 0, radius_high_arcsec = 0, snr_low = 0, snr_high = 0;
};

/// Cells over which painted lenses are spread evenly: how complete a search is can then be measured where a survey's own lenses are few.
class PaintGrid {
 public:
  /// Of the cells' edges. Throws Error unless both are two numbers or more, above 0 and ascending.
  PaintGrid(std::vector<double> radius_edges_arcsec, std::vector<double> snr_edges);

  [[nodiscard]] std::int64_t size() const;
  /// Of lens `number`. Of size() lenses in a row each is in another cell, in an order that the seed draws anew for each row: so no real
  /// galaxy meets the same cell again and again.
  [[nodiscard]] PaintCell cell(std::int64_t number, std::uint64_t seed) const;
  [[nodiscard]] double largest_radius_arcsec() const { return radius_edges_.back(); }

 private:
  std::vector<double> radius_edges_, snr_edges_;
};

/// By how much light must be multiplied for `snr_of` (which grows with it) to reach `wanted`; nothing where it is not between a tenth and
/// ten times.
std::optional<double> light_factor(const std::function<double(double)>& snr_of, double wanted);

}  // namespace lensfind::inject
