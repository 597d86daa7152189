#include "lensfind/inject/paint_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"

namespace lensfind::inject {
namespace {

void require_edges(const std::vector<double>& edges, const char* flag) {
  const bool ascends = std::ranges::adjacent_find(edges, std::ranges::greater_equal{}) == edges.end();
  if (edges.size() >= 2 && edges.front() > 0 && std::isfinite(edges.back()) && ascends) return;
  throw Error{fmt::format("{} takes the edges of its ranges, two or more, above 0 and ascending", flag),
              "as --grid-radius 0.8,1.2,1.8,2.6 --grid-snr 10,20,40,80"};
}

}  // namespace

PaintGrid::PaintGrid(std::vector<double> radius_edges_arcsec, std::vector<double> snr_edges)
    : radius_edges_{std::move(radius_edges_arcsec)}, snr_edges_{std::move(snr_edges)} {
  require_edges(radius_edges_, "--grid-radius");
  require_edges(snr_edges_, "--grid-snr");
}

std::int64_t PaintGrid::size() const { return static_cast<std::int64_t>((radius_edges_.size() - 1) * (snr_edges_.size() - 1)); }

PaintCell PaintGrid::cell(std::int64_t number, std::uint64_t seed) const {
  const std::int64_t round = number / size();
  std::vector<std::int64_t> order(static_cast<std::size_t>(size()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::sort(order, {}, [&](std::int64_t i) {
    const std::array<std::int64_t, 2> key{round, i};
    return hash128(std::as_bytes(std::span{key}), seed);
  });
  const auto drawn = static_cast<std::size_t>(order[static_cast<std::size_t>(number % size())]);
  const std::size_t ratios = snr_edges_.size() - 1, i = drawn / ratios, j = drawn % ratios;
  return {radius_edges_[i], radius_edges_[i + 1], snr_edges_[j], snr_edges_[j + 1]};
}

std::optional<double> light_factor(const std::function<double(double)>& snr_of, double wanted) {
  constexpr double most = 10, near = 1e-3;
  double factor = 1;
  // The ratio grows as the light where the sky's noise rules and as its root where the arcs' own does: each step leaves half of the error.
  for (int step = 0; step < 20; ++step) {
    const double snr = snr_of(factor);
    if (!(snr > 0)) return {};
    if (std::abs(snr / wanted - 1) < near) return factor;
    factor *= wanted / snr;
    if (factor > most || factor < 1 / most) return {};
  }
  return {};
}

}  // namespace lensfind::inject
