#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// Finds which of many positions lie within a radius of a place. They are sorted into zones of declination, and by right ascension in each
/// (the zones algorithm, Gray, Nieto-Santisteban & Szalay 2006).
class PositionIndex {
 public:
  /// `radius_arcsec` > 0 and at most a degree; throws Error.
  PositionIndex(std::span<const Position> positions, double radius_arcsec);

  /// Calls `use` with the index and separation (arcsec) of each position that lies within the radius (inclusive), in no order.
  void near(const Position& place, const std::function<void(std::size_t index, double separation_arcsec)>& use) const;

 private:
  struct Entry {
    long zone;
    double ra_deg;
    std::size_t index;
    Position position;
  };

  [[nodiscard]] long zone_of(double dec_deg) const;
  void near_in_zone(long zone, double low, double high, const Position& place, const std::function<void(std::size_t, double)>& use) const;

  double radius_arcsec_;
  std::vector<Entry> entries_;  ///< sorted by zone, then right ascension
};

/// The friends of friends: positions that are connected by chains of steps of at most `radius_arcsec` have one group. Groups are numbered
/// from 0 in the order of their first positions. The result is as long as `positions`.
std::vector<std::size_t> group_positions(std::span<const Position> positions, double radius_arcsec);

}  // namespace lensfind::sky
