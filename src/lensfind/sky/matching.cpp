#include "lensfind/sky/matching.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

constexpr double radians = std::numbers::pi / 180;

/// How far in right ascension a place within `radius_deg` can be; half a turn where the pole is in reach.
double reach_in_ra(double dec_deg, double radius_deg) {
  if (std::abs(dec_deg) + radius_deg >= 90) return 180;
  const double sine = std::sin(radius_deg * radians) / std::cos(dec_deg * radians);
  return std::asin(std::min(1.0, sine)) / radians * (1 + 1e-9) + 1e-12;
}

std::size_t root_of(std::vector<std::size_t>& parents, std::size_t i) {
  while (parents[i] != i) i = parents[i] = parents[parents[i]];
  return i;
}

}  // namespace

PositionIndex::PositionIndex(std::span<const Position> positions, double radius_arcsec) : radius_arcsec_{radius_arcsec} {
  if (!(radius_arcsec > 0 && radius_arcsec <= 3600))
    throw Error{fmt::format("a radius of {} arcsec", radius_arcsec), "give one above 0 and at most a degree"};
  entries_.reserve(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i)
    entries_.push_back({zone_of(positions[i].dec_deg), positions[i].ra_deg, i, positions[i]});
  std::ranges::sort(entries_, {}, [](const Entry& entry) { return std::tie(entry.zone, entry.ra_deg, entry.index); });
}

long PositionIndex::zone_of(double dec_deg) const { return std::lround(std::floor((dec_deg + 90) * 3600 / radius_arcsec_)); }

void PositionIndex::near(const Position& place, const std::function<void(std::size_t, double)>& use) const {
  const double reach = reach_in_ra(place.dec_deg, radius_arcsec_ / 3600);
  const long middle = zone_of(place.dec_deg);
  for (long zone = middle - 1; zone <= middle + 1; ++zone) {
    if (reach >= 180) {
      near_in_zone(zone, 0, 360, place, use);
      continue;
    }
    const double low = place.ra_deg - reach;
    const double high = place.ra_deg + reach;
    near_in_zone(zone, std::max(low, 0.0), std::min(high, 360.0), place, use);
    if (low < 0) near_in_zone(zone, low + 360, 360, place, use);
    if (high >= 360) near_in_zone(zone, 0, high - 360, place, use);
  }
}

void PositionIndex::near_in_zone(long zone, double low, double high, const Position& place,
                                 const std::function<void(std::size_t, double)>& use) const {
  const auto before = [](const Entry& entry, const std::pair<long, double>& key) {
    return std::tie(entry.zone, entry.ra_deg) < std::tie(key.first, key.second);
  };
  auto entry = std::lower_bound(entries_.begin(), entries_.end(), std::pair{zone, low}, before);
  for (; entry != entries_.end() && entry->zone == zone && entry->ra_deg <= high; ++entry) {
    const double separation = separation_arcsec(place, entry->position);
    if (separation <= radius_arcsec_) use(entry->index, separation);
  }
}

std::vector<std::size_t> group_positions(std::span<const Position> positions, double radius_arcsec) {
  const PositionIndex index{positions, radius_arcsec};
  std::vector<std::size_t> parents(positions.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  for (std::size_t i = 0; i < positions.size(); ++i) {
    index.near(positions[i], [&](std::size_t other, double) {
      const std::size_t a = root_of(parents, i);
      const std::size_t b = root_of(parents, other);
      parents[std::max(a, b)] = std::min(a, b);
    });
  }
  std::vector<std::size_t> groups(positions.size());
  std::size_t count = 0;
  // The least index is its group's root, so it is met first.
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t root = root_of(parents, i);
    groups[i] = root == i ? count++ : groups[root];
  }
  return groups;
}

}  // namespace lensfind::sky
