#include "lensfind/inspect/deal.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

double entropy_bits(double p) { return p <= 0 || p >= 1 ? 0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p); }

/// What a grader of unknown skill is taken to do with either class: what all did with the controls, half a grade more each.
std::vector<double> usual_grades(const Merged& merged) {
  std::vector<double> counts(merged.scheme.grades.size(), .5);
  for (const GraderSummary& grader : merged.graders)
    for (const std::vector<double>* given : {&grader.skill.of_lenses, &grader.skill.of_nonlenses})
      for (std::size_t level = 0; level < given->size(); ++level) counts[level] += (*given)[level];
  double all = 0;
  for (const double count : counts) all += count;
  for (double& count : counts) count /= all;
  return counts;
}

std::vector<double> chances_of(const std::vector<double>& counts, const std::vector<double>& usual, double doubt) {
  std::vector<double> chances(counts.size());
  double all = 0;
  for (std::size_t level = 0; level < counts.size(); ++level) all += chances[level] = counts[level] + doubt * usual[level];
  for (double& chance : chances) chance /= all;
  return chances;
}

struct Hand {
  std::string grader;
  std::vector<double> of_lenses, of_nonlenses;
  std::size_t room = 0;
};

std::vector<Hand> hands_of(const Merged& merged, std::size_t objects, double doubt) {
  const std::vector<double> usual = usual_grades(merged);
  const std::size_t share = (objects + merged.graders.size() - 1) / merged.graders.size();
  std::vector<Hand> hands;
  for (const GraderSummary& grader : merged.graders)
    hands.push_back(
        {grader.grader, chances_of(grader.skill.of_lenses, usual, doubt), chances_of(grader.skill.of_nonlenses, usual, doubt), share});
  return hands;
}

}  // namespace

double expected_information(double p, std::span<const double> of_lenses, std::span<const double> of_nonlenses) {
  double left = 0;
  for (std::size_t level = 0; level < of_lenses.size(); ++level) {
    const double chance = p * of_lenses[level] + (1 - p) * of_nonlenses[level];
    if (chance > 0) left += chance * entropy_bits(p * of_lenses[level] / chance);
  }
  return entropy_bits(p) - left;
}

std::vector<std::string> deal(const Merged& merged, std::span<const NextObject> chosen, double doubt) {
  if (merged.method != ConsensusMethod::swap)
    throw Error{"nobody's skill is known: who should see which cannot be said", "mix controls in where people grade, or leave --deal out"};
  std::unordered_map<std::string, const MergedObject*> graded;
  for (const MergedObject& object : merged.objects) graded.emplace(object.object.id, &object);
  std::vector<Hand> hands = hands_of(merged, chosen.size(), doubt);
  std::vector<std::string> out;
  for (const NextObject& next : chosen) {
    const auto known = graded.find(next.id);
    const MergedObject* object = known == graded.end() ? nullptr : known->second;
    const double p = object && object->lens ? object->lens->value : merged.fraction;
    Hand* best = nullptr;
    double most = -1;
    for (Hand& hand : hands) {
      const bool has_graded =
          object && std::ranges::find(object->given, hand.grader, &std::pair<std::string, std::string>::first) != object->given.end();
      const double told = expected_information(p, hand.of_lenses, hand.of_nonlenses);
      if (hand.room == 0 || has_graded || told <= most) continue;
      best = &hand;
      most = told;
    }
    if (best) --best->room;
    out.push_back(best ? best->grader : std::string{});
  }
  return out;
}

}  // namespace lensfind::inspect
