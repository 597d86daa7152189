#include "lensfind/inspect/merge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
Scheme chosen_scheme(const GradeSet& set, const std::vector<Grade>& grades, const std::string& wanted, std::vector<std::string>& notes) {
  std::map<std::string, std::int64_t> counts;
  for (const Grade& grade : grades) ++counts[grade.scheme];
  std::string name = wanted;
  if (name.empty() && !counts.empty()) name = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })->first;
  const auto found = std::ranges::find(set.schemes, name, &Scheme::name);
  if (counts[name] == 0 || found == set.schemes.end())
    throw Error{name.empty() ? "there are no grades" : fmt::format("no grade is of the scheme `{}`", name),
                "grade something with `lensfind inspect` first, or name the grades' scheme with --scheme"};
  for (const auto& [other, count] : counts)
    if (other != name && count > 0)
      notes.push_back(fmt::format("{} grades of scheme `{}` are left out: one scheme is merged at a time", count, other));
  return *found;
}

struct Sample {
  double mean = no_value, spread = no_value, median = no_value;  ///< median: the lower of two
};

Sample sample_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto count = static_cast<double>(values.size());
  double total = 0, squares = 0;
  for (const double value : values) total += value;
  for (const double value : values) squares += (value - total / count) * (value - total / count);
  return {total / count, values.size() > 1 ? std::sqrt(squares / (count - 1)) : no_value, values[(values.size() - 1) / 2]};
}

/// What the most say; of equally many the first in the alphabet.
std::string commonest(const std::map<std::string, int>& counts) {
  const auto max = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
  return max == counts.end() ? std::string{} : max->first;
}

const GradeLevel& level_of(const Scheme& scheme, double value) { return *std::ranges::find(scheme.grades, value, &GradeLevel::value); }

/// First showings, by object.
std::unordered_map<std::string, std::vector<const Grade*>> by_object(const std::vector<Grade>& grades, const Scheme& scheme) {
  std::unordered_map<std::string, std::vector<const Grade*>> out;
  for (const Grade& grade : grades)
    if (grade.presentation == 0 && grade.scheme == scheme.name && scheme.find(grade.grade)) out[grade.object].push_back(&grade);
  return out;
}

MergedObject merged_object(const GradedObject& object, const std::vector<const Grade*>& grades, const Scheme& scheme) {
  MergedObject merged{.object = object, .grades = static_cast<int>(grades.size())};
  std::vector<double> values;
  std::map<std::string, int> kinds;
  for (const Grade* grade : grades) {
    values.push_back(scheme.find(grade->grade)->value);
    merged.given.emplace_back(grade->grader, scheme.find(grade->grade)->grade);
    if (!grade->kind.empty()) ++kinds[grade->kind];
    if (!grade->note.empty()) merged.notes += fmt::format("{}{}: {}", merged.notes.empty() ? "" : "; ", grade->grader, grade->note);
  }
  std::ranges::sort(merged.given);
  const Sample sample = sample_of(std::move(values));
  merged.mean = sample.mean;
  merged.spread = sample.spread;
  merged.grade = level_of(scheme, sample.median).grade;
  merged.kind = commonest(kinds);
  return merged;
}

ConsensusMethod usable_method(const MergeOptions& options, const Ballots& ballots, const std::vector<Label>& truths) {
  bool lens = false, other = false;
  for (std::size_t object = 0; object < truths.size(); ++object) {
    if (ballots.of_object(object).empty()) continue;
    lens = lens || truths[object] == Label::lens;
    other = other || truths[object] == Label::non_lens;
  }
  if (options.method == ConsensusMethod::swap && !(lens && other))
    throw Error{fmt::format("no control that is a {} was graded: SWAP does not know the graders' skill", lens ? "non-lens" : "lens"),
                "mix controls in (`inspect --known ... --painted ... --random ...`), or choose --method dawid-skene"};
  if (options.method != ConsensusMethod::automatic) return options.method;
  if (lens && other) return ConsensusMethod::swap;
  return ballots.graders.size() >= 3 ? ConsensusMethod::dawid_skene : ConsensusMethod::mean;
}

Label settled(const MergedObject& object, const MergeOptions& options) {
  if (!object.lens || object.grades < options.min_grades) return Label::unknown;
  if (object.lens->low >= options.lens_from) return Label::lens;
  if (object.lens->high <= options.nonlens_below) return Label::non_lens;
  return Label::unknown;
}

evaluate::Estimate rate(int successes, int trials) {
  return evaluate::jeffreys({static_cast<double>(successes), static_cast<double>(trials)});
}

/// Grades that count as lenses, and all, of counts by level.
std::pair<int, int> lens_grades(const std::vector<double>& counts, const Levels& levels, const Scheme& scheme) {
  double lenses = 0, all = 0;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    all += counts[k];
    if (level_of(scheme, levels.values()[k]).label == 1) lenses += counts[k];
  }
  return {static_cast<int>(lenses), static_cast<int>(all)};
}

/// Repeated showings of what a grader graded, and those that got the same grade.
void count_repeats(const std::vector<Grade>& grades, GraderSummary& summary, const Scheme& scheme) {
  std::unordered_map<std::string, double> first;
  for (const Grade& grade : grades)
    if (grade.grader == summary.grader && grade.scheme == scheme.name && grade.presentation == 0 && scheme.find(grade.grade))
      first[grade.object] = scheme.find(grade.grade)->value;
  int same = 0;
  for (const Grade& grade : grades) {
    if (grade.grader != summary.grader || grade.scheme != scheme.name || grade.presentation == 0 || !scheme.find(grade.grade)) continue;
    const auto known = first.find(grade.object);
    if (known == first.end()) continue;
    ++summary.repeats;
    same += known->second == scheme.find(grade.grade)->value;
  }
  summary.consistency = rate(same, summary.repeats);
}

GraderSummary summary_of(std::size_t grader, const std::vector<Grade>& grades, const Ballots& ballots, const std::vector<Label>& truths,
                         const Skill& skill, const Levels& levels, const Scheme& scheme) {
  GraderSummary summary{.grader = ballots.graders[grader], .skill = skill};
  std::vector<double> of_candidates, seconds;
  for (std::size_t object = 0; object < truths.size(); ++object) {
    const double value = ballots.at(grader, object);
    if (std::isnan(value)) continue;
    ++summary.grades;
    if (truths[object] == Label::unknown) of_candidates.push_back(value);
  }
  for (const Grade& grade : grades)
    if (grade.grader == summary.grader && grade.scheme == scheme.name && !std::isnan(grade.seconds)) seconds.push_back(grade.seconds);
  summary.mean = sample_of(std::move(of_candidates)).mean;
  summary.median_seconds = sample_of(std::move(seconds)).median;
  const auto [found, lenses] = lens_grades(skill.of_lenses, levels, scheme);
  const auto [wrong, others] = lens_grades(skill.of_nonlenses, levels, scheme);
  summary.lens_controls = lenses;
  summary.nonlens_controls = others;
  summary.completeness = rate(found, lenses);
  summary.false_positive_rate = rate(wrong, others);
  count_repeats(grades, summary, scheme);
  return summary;
}

std::vector<PairAgreement> pairs_of(const Ballots& ballots) {
  std::vector<PairAgreement> pairs;
  for (std::size_t a = 0; a < ballots.graders.size(); ++a) {
    for (std::size_t b = a + 1; b < ballots.graders.size(); ++b) {
      PairAgreement pair{ballots.graders[a], ballots.graders[b]};
      for (std::size_t object = 0; object < ballots.objects.size(); ++object)
        pair.shared += !std::isnan(ballots.at(a, object)) && !std::isnan(ballots.at(b, object));
      pair.kappa = cohen_kappa(ballots, a, b);
      pair.quadratic_kappa = cohen_kappa(ballots, a, b, true);
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

Value counts_value(const std::vector<double>& counts, const Scheme& scheme) {
  const Levels levels{scheme.values()};
  Value out = empty_object();
  for (const GradeLevel& level : scheme.grades) out.set(level.grade, static_cast<std::int64_t>(counts[levels.of(level.value)]));
  return out;
}

}  // namespace

Merged merge_grades(const GradeSet& set, const MergeOptions& options) {
  Merged merged;
  const std::vector<Grade> grades = standing(set.rows);
  merged.scheme = chosen_scheme(set, grades, options.scheme, merged.notes);
  const Levels levels{merged.scheme.values()};
  const auto graded = by_object(grades, merged.scheme);
  if (graded.empty()) throw Error{"no grade is one of the scheme `" + merged.scheme.name + "`", "name the grades' scheme with --scheme"};

  std::vector<std::string> ids;
  std::vector<Label> truths;
  for (const GradedObject& object : set.objects) {
    const auto found = graded.find(object.id);
    if (found == graded.end()) continue;
    ids.push_back(object.id);
    truths.push_back(object.role == Role::candidate ? Label::unknown : object.truth);
    merged.objects.push_back(merged_object(object, found->second, merged.scheme));
  }
  const Ballots ballots = ballots_of(grades, merged.scheme, ids);

  merged.method = usable_method(options, ballots, truths);
  merged.fraction = no_value;
  if (merged.method != ConsensusMethod::mean) {
    const Consensus consensus = merged.method == ConsensusMethod::swap ? swap_consensus(ballots, truths, levels, options.consensus)
                                                                       : dawid_skene(ballots, truths, levels, options.consensus);
    merged.fraction = consensus.fraction;
    for (std::size_t i = 0; i < merged.objects.size(); ++i) {
      merged.objects[i].lens = consensus.lens[i];
      merged.objects[i].settled = settled(merged.objects[i], options);
    }
  }
  const std::vector<Skill> skills = skills_on(ballots, truths, levels);
  for (std::size_t grader = 0; grader < ballots.graders.size(); ++grader)
    merged.graders.push_back(summary_of(grader, grades, ballots, truths, skills[grader], levels, merged.scheme));
  merged.pairs = pairs_of(ballots);
  merged.alpha_nominal = krippendorff_alpha(ballots, Measurement::nominal);
  merged.alpha_ordinal = krippendorff_alpha(ballots, Measurement::ordinal);
  merged.alpha_interval = krippendorff_alpha(ballots, Measurement::interval);
  merged.fleiss = fleiss_kappa(ballots);
  std::ranges::stable_sort(merged.objects, [](const MergedObject& a, const MergedObject& b) {
    const double p = a.lens ? a.lens->value : 0, q = b.lens ? b.lens->value : 0;
    return p != q ? p > q : a.mean > b.mean;
  });
  return merged;
}

Value merged_value(const Merged& merged) {
  Value graders{Value::Array{}}, pairs{Value::Array{}}, notes{Value::Array{}};
  for (const GraderSummary& grader : merged.graders)
    graders.push_back(empty_object()
                          .set("grader", grader.grader)
                          .set("grades", grader.grades)
                          .set("mean", grader.mean)
                          .set("median_seconds", grader.median_seconds)
                          .set("lens_controls", grader.lens_controls)
                          .set("nonlens_controls", grader.nonlens_controls)
                          .set("completeness", evaluate::to_json_value(grader.completeness))
                          .set("false_positive_rate", evaluate::to_json_value(grader.false_positive_rate))
                          .set("repeats", grader.repeats)
                          .set("consistency", evaluate::to_json_value(grader.consistency))
                          .set("of_lenses", counts_value(grader.skill.of_lenses, merged.scheme))
                          .set("of_nonlenses", counts_value(grader.skill.of_nonlenses, merged.scheme)));
  for (const PairAgreement& pair : merged.pairs)
    pairs.push_back(empty_object()
                        .set("first", pair.first)
                        .set("second", pair.second)
                        .set("shared", pair.shared)
                        .set("cohen_kappa", pair.kappa)
                        .set("cohen_kappa_quadratic", pair.quadratic_kappa));
  for (const std::string& note : merged.notes) notes.push_back(note);
  return empty_object()
      .set("scheme", merged.scheme.name)
      .set("method", name_of(merged.method))
      .set("fraction_of_lenses", merged.fraction)
      .set("objects", merged.objects.size())
      .set("krippendorff_alpha",
           empty_object().set("nominal", merged.alpha_nominal).set("ordinal", merged.alpha_ordinal).set("interval", merged.alpha_interval))
      .set("fleiss_kappa", merged.fleiss)
      .set("graders", graders)
      .set("pairs", pairs)
      .set("notes", notes);
}

}  // namespace lensfind::inspect
