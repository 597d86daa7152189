#include "lensfind/inspect/showing.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lensfind/base/hash128.h"
#include "lensfind/base/random.h"

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

}  // namespace

double chance_of(const std::string& text, std::uint64_t seed) { return static_cast<double>(hash_of(text, seed).low >> 11U) * 0x1p-53; }

std::vector<Showing> showing_order(std::span<const Listed> objects, const std::string& grader, const ShowingOptions& options) {
  if (!options.blind) return by_score(objects);
  struct Place {
    double key;
    Showing showing;
  };
  std::vector<std::size_t> shuffled(objects.size());
  std::iota(shuffled.begin(), shuffled.end(), std::size_t{0});
  const auto key_of = [&](std::size_t i, const char* purpose) {
    return chance_of(grader + "\n" + objects[i].object.id + "\n" + purpose, options.seed);
  };
  std::vector<double> keys;
  for (std::size_t i = 0; i < objects.size(); ++i) keys.push_back(key_of(i, "order"));
  std::ranges::stable_sort(shuffled, {}, [&](std::size_t i) { return keys[i]; });
  const auto count = static_cast<double>(objects.size());
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
  std::vector<std::pair<double, std::size_t>> keys;
  for (std::size_t i = 0; i < controls.size(); ++i) keys.emplace_back(chance_of(controls[i].id + "\ncontrol", seed), i);
  std::ranges::sort(keys);
  keys.resize(wanted);
  std::ranges::sort(keys, {}, [](const auto& key) { return key.second; });
  std::vector<GradedObject> chosen;
  for (const auto& [key, i] : keys) chosen.push_back(std::move(controls[i]));
  return chosen;
}

}  // namespace lensfind::inspect
