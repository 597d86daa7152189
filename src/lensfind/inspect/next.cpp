#include "lensfind/inspect/next.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

using Ranked = std::vector<std::pair<double, std::string>>;

std::vector<std::string> best_first(Ranked ranked) {
  std::ranges::stable_sort(ranked, std::ranges::greater{}, [](const auto& entry) { return entry.first; });
  std::vector<std::string> ids;
  for (auto& [value, id] : ranked) ids.push_back(std::move(id));
  return ids;
}

bool is_open(const MergedObject& object, int max_grades) {
  return object.object.role == Role::candidate && object.settled == Label::unknown && object.grades < max_grades;
}

std::vector<std::string> highest(const Merged& merged, const std::vector<Listed>& candidates) {
  std::unordered_set<std::string> graded;
  for (const MergedObject& object : merged.objects) graded.insert(object.object.id);
  Ranked ranked;
  for (const Listed& candidate : candidates)
    if (!graded.contains(candidate.object.id))
      ranked.emplace_back(std::isnan(candidate.object.logit) ? -INFINITY : candidate.object.logit, candidate.object.id);
  return best_first(std::move(ranked));
}

/// By how wide the interval is; without probabilities by how few graded it.
std::vector<std::string> uncertain(const Merged& merged, int max_grades) {
  Ranked ranked;
  for (const MergedObject& object : merged.objects)
    if (is_open(object, max_grades))
      ranked.emplace_back(object.lens ? object.lens->high - object.lens->low : -object.grades, object.object.id);
  return best_first(std::move(ranked));
}

std::vector<std::string> disagreed(const Merged& merged, int max_grades) {
  Ranked ranked;
  for (const MergedObject& object : merged.objects)
    if (is_open(object, max_grades) && object.spread > 0) ranked.emplace_back(object.spread, object.object.id);
  return best_first(std::move(ranked));
}

}  // namespace

std::vector<NextObject> choose_next(const Merged& merged, const std::vector<Listed>& candidates, NextRule rule, std::size_t count,
                                    int max_grades) {
  std::vector<std::pair<const char*, std::vector<std::string>>> lists;
  const auto wants = [&](NextRule one) { return rule == one || rule == NextRule::mixed; };
  if (wants(NextRule::highest)) lists.emplace_back("highest", highest(merged, candidates));
  if (wants(NextRule::uncertain)) lists.emplace_back("uncertain", uncertain(merged, max_grades));
  if (wants(NextRule::disagreed)) lists.emplace_back("disagreed", disagreed(merged, max_grades));
  std::vector<NextObject> chosen;
  std::unordered_set<std::string> taken;
  std::vector<std::size_t> at(lists.size());
  for (bool more = true; more && chosen.size() < count;) {
    more = false;
    for (std::size_t list = 0; list < lists.size() && chosen.size() < count; ++list) {
      const std::vector<std::string>& ids = lists[list].second;
      while (at[list] < ids.size() && taken.contains(ids[at[list]])) ++at[list];
      if (at[list] == ids.size()) continue;
      more = true;
      taken.insert(ids[at[list]]);
      chosen.push_back({ids[at[list]++], lists[list].first});
    }
  }
  return chosen;
}

}  // namespace lensfind::inspect
