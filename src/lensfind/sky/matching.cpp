#include "lensfind/sky/matching.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/sky/vectors.h"

namespace lensfind::sky {
namespace {

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

void unite(std::vector<std::size_t>& parents, std::size_t i, std::size_t j) {
  const std::size_t a = root_of(parents, i);
  const std::size_t b = root_of(parents, j);
  parents[std::max(a, b)] = std::min(a, b);
}

void require_radius(double radius_arcsec) {
  if (!(radius_arcsec > 0 && radius_arcsec <= 3600))
    throw Error{fmt::format("a radius of {} arcsec", radius_arcsec), "give one above 0 and at most a degree"};
}

/// Positions sorted into cubes so small that all in one are within the radius of each other: however many share a place, they cost no
/// pairs.
class Cells {
 public:
  Cells(std::span<const Position> positions, double radius_arcsec) : positions_{positions}, radius_arcsec_{radius_arcsec} {
    chord_ = 2 * std::sin(radius_arcsec / 3600 * radians / 2);
    const double side = chord_ / std::sqrt(3.0) * (1 - 1e-6);
    std::vector<std::pair<Key, std::size_t>> placed;
    placed.reserve(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      Key key{};
      const std::array<double, 3> place = unit_vector(positions[i]);
      std::ranges::transform(place, key.begin(), [&](double along) { return std::llround(std::floor(along / side)); });
      placed.emplace_back(key, i);
    }
    std::ranges::sort(placed);
    for (const auto& [key, index] : placed) {
      if (cells_.empty() || cells_.back().key != key) cells_.push_back({key, members_.size(), members_.size(), {}, {}});
      cells_.back().add(members_.size(), unit_vector(positions[index]));
      members_.push_back(index);
    }
  }

  /// Unites the indices whose positions chains of steps connect.
  void join(std::vector<std::size_t>& parents) const {
    for (const Cell& cell : cells_) {
      for (std::size_t i = cell.begin + 1; i < cell.end; ++i) unite(parents, members_[cell.begin], members_[i]);
    }
    for (const Cell& cell : cells_) join_neighbours(cell, parents);
  }

 private:
  using Key = std::array<long long, 3>;
  struct Cell {
    Key key;
    std::size_t begin, end;           ///< in members_
    std::array<double, 3> low, high;  ///< the box around them

    void add(std::size_t member, const std::array<double, 3>& place) {
      const bool first = end == begin;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        low[axis] = first ? place[axis] : std::min(low[axis], place[axis]);
        high[axis] = first ? place[axis] : std::max(high[axis], place[axis]);
      }
      end = member + 1;
    }
  };

  /// Neighbours with higher keys: within two cubes along each axis.
  void join_neighbours(const Cell& cell, std::vector<std::size_t>& parents) const {
    for (long long x = 0; x <= 2; ++x) {
      for (long long y = x == 0 ? 0 : -2; y <= 2; ++y) {
        const long long first_z = x == 0 && y == 0 ? 1 : -2;
        const Key first{cell.key[0] + x, cell.key[1] + y, cell.key[2] + first_z};
        const Key last{first[0], first[1], cell.key[2] + 2};
        for (auto other = std::ranges::lower_bound(cells_, first, {}, &Cell::key); other != cells_.end() && other->key <= last; ++other)
          if (is_near(cell, *other) && root_of(parents, members_[cell.begin]) != root_of(parents, members_[other->begin]) &&
              any_within(cell, *other))
            unite(parents, members_[cell.begin], members_[other->begin]);
      }
    }
  }

  [[nodiscard]] bool is_near(const Cell& a, const Cell& b) const {
    double squares = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double gap = std::max({0.0, a.low[axis] - b.high[axis], b.low[axis] - a.high[axis]});
      squares += gap * gap;
    }
    return squares <= chord_ * chord_ * (1 + 1e-6);
  }

  [[nodiscard]] bool any_within(const Cell& a, const Cell& b) const {
    for (std::size_t i = a.begin; i < a.end; ++i) {
      for (std::size_t j = b.begin; j < b.end; ++j)
        if (separation_arcsec(positions_[members_[i]], positions_[members_[j]]) <= radius_arcsec_) return true;
    }
    return false;
  }

  std::span<const Position> positions_;
  double radius_arcsec_, chord_ = 0;
  std::vector<std::size_t> members_;  ///< cell by cell
  std::vector<Cell> cells_;           ///< by key
};

}  // namespace

PositionIndex::PositionIndex(std::span<const Position> positions, double radius_arcsec) : radius_arcsec_{radius_arcsec} {
  require_radius(radius_arcsec);
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
  require_radius(radius_arcsec);
  std::vector<std::size_t> parents(positions.size());
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  const Cells cells{positions, radius_arcsec};
  cells.join(parents);
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
