#include "lensfind/inspect/showing.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "lensfind/base/hash128.h"
#include "lensfind/evaluate/selection.h"

namespace lensfind::inspect {
namespace {

constexpr double min_gap = 20;  // pictures between a showing and its repeat

Hash128 hash_of(const std::string& text, std::uint64_t seed) { return hash128(std::as_bytes(std::span{text}), seed); }

std::vector<Showing> by_score(std::span<const Listed> objects) {
  std::vector<Showing> order(objects.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i].object = i;
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](const Showing& showing) {
    const double logit = objects[showing.object].object.logit;
    return std::isnan(logit) ? -INFINITY : logit;
  });
  return order;
}

/// Which range of Einstein radius, of as many lenses each; -1 where it is not known.
std::vector<int> radius_ranges(std::span<const GradedObject> controls) {
  constexpr std::size_t ranges = 4;
  std::vector<double> known;
  for (const GradedObject& control : controls)
    if (std::isfinite(control.theta_e_arcsec)) known.push_back(control.theta_e_arcsec);
  const std::vector<double> edges = known.empty() ? known : evaluate::equal_count_edges(known, ranges);
  std::vector<int> out;
  for (const GradedObject& control : controls) {
    const bool is_known = std::isfinite(control.theta_e_arcsec);
    out.push_back(is_known ? static_cast<int>(std::ranges::upper_bound(edges, control.theta_e_arcsec) - edges.begin()) : -1);
  }
  return out;
}

/// Controls in an order in which like ones stand together: by class, range of Einstein radius, S/N, and chance.
std::vector<std::size_t> by_likeness(std::span<const GradedObject> controls, std::uint64_t seed) {
  const std::vector<int> ranges = radius_ranges(controls);
  std::vector<std::tuple<int, int, double, double, std::size_t>> keys;
  for (std::size_t i = 0; i < controls.size(); ++i) {
    const GradedObject& control = controls[i];
    const double snr = std::isfinite(control.arc_snr) ? control.arc_snr : -1;
    keys.emplace_back(static_cast<int>(control.truth), ranges[i], snr, chance_of(control.id + "\ncontrol", seed), i);
  }
  std::ranges::sort(keys);
  std::vector<std::size_t> order;
  for (const auto& key : keys) order.push_back(std::get<4>(key));
  return order;
}

}  // namespace

double chance_of(const std::string& text, std::uint64_t seed) { return static_cast<double>(hash_of(text, seed).low >> 11U) * 0x1p-53; }

std::vector<Showing> showing_order(std::span<const Listed> objects, const std::string& grader, const ShowingOptions& options) {
  if (!options.blind) return by_score(objects);
  struct Place {
    double key;
    Showing showing;
  };
  std::vector<std::size_t> shuffled;
  for (std::size_t i = 0; i < objects.size(); ++i)
    if (objects[i].for_grader.empty() || objects[i].for_grader == grader) shuffled.push_back(i);
  const auto key_of = [&](std::size_t i, const char* purpose) {
    return chance_of(grader + "\n" + objects[i].object.id + "\n" + purpose, options.seed);
  };
  std::vector<double> keys;
  for (std::size_t i = 0; i < objects.size(); ++i) keys.push_back(key_of(i, "order"));
  std::ranges::stable_sort(shuffled, {}, [&](std::size_t i) { return keys[i]; });
  const auto count = static_cast<double>(shuffled.size());
  std::vector<Place> places;
  for (std::size_t place = 0; place < shuffled.size(); ++place) {
    const std::size_t object = shuffled[place];
    const auto at = static_cast<double>(place);
    places.push_back({at, {object, 0}});
    if (key_of(object, "repeat") >= options.repeats) continue;
    const double first = at + min_gap;
    if (first >= count && count > 2 * min_gap) continue;  // too near the end for a gap
    const double again = first >= count ? count + key_of(object, "again") : first + (count - first) * key_of(object, "again");
    places.push_back({again + .5, {object, 1}});
  }
  std::ranges::stable_sort(places, {}, &Place::key);
  std::vector<Showing> order;
  for (const Place& place : places) order.push_back(place.showing);
  return order;
}

std::string order_name(std::span<const Listed> objects, std::span<const Showing> order, const std::string& grader) {
  Hash128 hash = hash_of(grader, 1);
  for (const Showing& showing : order)
    hash = hash_of(objects[showing.object].object.id + "\n" + std::to_string(showing.presentation), hash.low ^ (hash.high << 1U));
  return hash.text().substr(0, 16);
}

std::vector<GradedObject> choose_controls(std::vector<GradedObject> controls, std::size_t candidates, double fraction, std::uint64_t seed) {
  const auto wanted = static_cast<std::size_t>(std::lround(fraction / (1 - fraction) * static_cast<double>(candidates)));
  if (wanted >= controls.size()) return controls;
  const std::vector<std::size_t> like = by_likeness(controls, seed);
  const double step = static_cast<double>(controls.size()) / static_cast<double>(std::max<std::size_t>(wanted, 1));
  const double start = step * chance_of("the first control", seed);
  std::vector<std::size_t> taken;
  for (std::size_t k = 0; k < wanted; ++k)
    taken.push_back(like[std::min(like.size() - 1, static_cast<std::size_t>(start + step * static_cast<double>(k)))]);
  std::ranges::sort(taken);
  std::vector<GradedObject> chosen;
  for (const std::size_t i : taken) chosen.push_back(std::move(controls[i]));
  return chosen;
}

}  // namespace lensfind::inspect
