#include "lensfind/inspect/skill.h"

#include <algorithm>
#include <cmath>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/log_odds.h"

namespace lensfind::inspect {
namespace {

constexpr int max_rounds = 1000;       // of expectation and maximisation
constexpr double settled_step = 1e-9;  // of the fraction, or of any probability

/// How often each level was given by anybody, half a grade more each: what a grader of unknown skill is taken to do with either class.
std::vector<double> usual_grades(const Ballots& ballots, const Levels& levels) {
  std::vector<double> counts(levels.count(), .5);
  for (const double value : ballots.values)
    if (!std::isnan(value)) ++counts[levels.of(value)];
  double all = 0;
  for (const double count : counts) all += count;
  for (double& count : counts) count /= all;
  return counts;
}

/// Chances of the levels: counts with `doubt` times the usual grades.
std::vector<double> chances(std::span<const double> counts, std::span<const double> usual, double doubt) {
  std::vector<double> out(counts.size());
  double all = 0;
  for (std::size_t k = 0; k < out.size(); ++k) all += out[k] = counts[k] + doubt * usual[k];
  for (double& chance : out) chance /= all;
  return out;
}

/// Gamma deviate of a shape > 0 and scale 1 (Marsaglia & Tsang 2000), on the logarithm: small shapes give numbers below float64's.
double log_gamma_deviate(double shape, RandomStream& random) {
  if (shape < 1) return log_gamma_deviate(shape + 1, random) + std::log(1 - random.uniform()) / shape;
  const double d = shape - 1. / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random.normal(), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(1 - random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return std::log(d * v);
  }
}

/// Logarithms of chances drawn from the Dirichlet distribution that the counts leave.
std::vector<double> drawn_log_chances(std::span<const double> counts, std::span<const double> usual, double doubt, RandomStream& random) {
  std::vector<double> out(counts.size());
  double max = -INFINITY;
  for (std::size_t k = 0; k < out.size(); ++k) max = std::max(max, out[k] = log_gamma_deviate(counts[k] + doubt * usual[k], random));
  double all = 0;
  for (const double value : out) all += std::exp(value - max);
  for (double& value : out) value -= max + std::log(all);
  return out;
}

/// ln P(level | lens) - ln P(level | non-lens), (graders, levels).
using Evidence = std::vector<std::vector<double>>;

std::vector<double> evidence_of(const Skill& skill, std::span<const double> usual, double doubt) {
  const std::vector<double> lens = chances(skill.of_lenses, usual, doubt), other = chances(skill.of_nonlenses, usual, doubt);
  std::vector<double> out(lens.size());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = std::log(lens[k] / other[k]);
  return out;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// Sum of the evidence of an object's grades.
double evidence_for(const Ballots& ballots, std::size_t object, const Levels& levels, const Evidence& evidence) {
  double total = 0;
  for (std::size_t grader = 0; grader < ballots.graders.size(); ++grader)
    if (const double value = ballots.at(grader, object); !std::isnan(value)) total += evidence[grader][levels.of(value)];
  return total;
}

bool is_graded(const Ballots& ballots, std::size_t object) {
  for (std::size_t grader = 0; grader < ballots.graders.size(); ++grader)
    if (!std::isnan(ballots.at(grader, object))) return true;
  return false;
}

/// The fraction of lenses that makes the grades most likely, drawn slightly to one half: by expectation and maximisation.
double fraction_of(std::span<const double> evidence) {
  double fraction = .5;
  for (int round = 0; round < max_rounds; ++round) {
    double lenses = 1;
    for (const double value : evidence) lenses += logistic(evaluate::log_odds(fraction) + value);
    const double next = lenses / (static_cast<double>(evidence.size()) + 2);
    if (std::abs(next - fraction) < settled_step) return next;
    fraction = next;
  }
  return fraction;
}

/// The skill without one control, so that it is not judged by itself.
Skill without(Skill skill, Label truth, std::size_t level) {
  --(truth == Label::lens ? skill.of_lenses : skill.of_nonlenses)[level];
  return skill;
}

/// For each draw the evidence of each grader's levels.
std::vector<Evidence> draw_evidence(const std::vector<Skill>& skills, std::span<const double> usual, const ConsensusOptions& options) {
  std::vector<Evidence> draws;
  for (int draw = 0; draw < options.draws; ++draw) {
    RandomStream random{options.seed, Purpose::bootstrap, static_cast<std::uint64_t>(draw)};
    Evidence evidence;
    for (const Skill& skill : skills) {
      std::vector<double> lens = drawn_log_chances(skill.of_lenses, usual, options.doubt, random);
      const std::vector<double> other = drawn_log_chances(skill.of_nonlenses, usual, options.doubt, random);
      for (std::size_t k = 0; k < lens.size(); ++k) lens[k] -= other[k];
      evidence.push_back(std::move(lens));
    }
    draws.push_back(std::move(evidence));
  }
  return draws;
}

void add_intervals(Consensus& consensus, const Ballots& ballots, const Levels& levels, std::span<const double> usual,
                   const ConsensusOptions& options) {
  const std::vector<Evidence> draws = draw_evidence(consensus.skills, usual, options);
  std::vector<double> values(draws.size());
  for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
    const double value = consensus.lens[object].value;
    consensus.lens[object] = {value, value, value};
    if (!is_graded(ballots, object) || draws.empty()) continue;
    for (std::size_t i = 0; i < draws.size(); ++i)
      values[i] = logistic(evaluate::log_odds(consensus.fraction) + evidence_for(ballots, object, levels, draws[i]));
    consensus.lens[object] = evaluate::interval_of_draws(value, values);
  }
}

/// Of each object the evidence of its grades; a control by its graders' skills on the others.
std::vector<double> swap_evidence(const Ballots& ballots, std::span<const Label> truths, const Levels& levels,
                                  const std::vector<Skill>& skills, std::span<const double> usual, double doubt) {
  Evidence evidence;
  for (const Skill& skill : skills) evidence.push_back(evidence_of(skill, usual, doubt));
  std::vector<double> out(ballots.objects.size());
  for (std::size_t object = 0; object < out.size(); ++object) {
    if (truths[object] == Label::unknown) {
      out[object] = evidence_for(ballots, object, levels, evidence);
      continue;
    }
    for (std::size_t grader = 0; grader < skills.size(); ++grader) {
      const double value = ballots.at(grader, object);
      if (std::isnan(value)) continue;
      const std::size_t level = levels.of(value);
      out[object] += evidence_of(without(skills[grader], truths[object], level), usual, doubt)[level];
    }
  }
  return out;
}

/// Where Dawid and Skene begin: the mean grade, between its ends.
std::vector<double> mean_grades(const Ballots& ballots, std::span<const Label> truths, const Levels& levels) {
  const double min = levels.values().front(), max = levels.values().back();
  std::vector<double> out(ballots.objects.size(), .5);
  for (std::size_t object = 0; object < out.size(); ++object) {
    double total = 0, count = 0;
    for (const double value : ballots.of_object(object)) {
      total += (value - min) / (max - min);
      ++count;
    }
    if (count > 0) out[object] = std::clamp(total / count, .01, .99);
    if (truths[object] != Label::unknown) out[object] = truths[object] == Label::lens ? 1 : 0;
  }
  return out;
}

std::vector<Skill> expected_skills(const Ballots& ballots, std::span<const double> lens, const Levels& levels) {
  std::vector<Skill> skills(ballots.graders.size(), {std::vector<double>(levels.count()), std::vector<double>(levels.count())});
  for (std::size_t grader = 0; grader < skills.size(); ++grader) {
    for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
      const double value = ballots.at(grader, object);
      if (std::isnan(value)) continue;
      skills[grader].of_lenses[levels.of(value)] += lens[object];
      skills[grader].of_nonlenses[levels.of(value)] += 1 - lens[object];
    }
  }
  return skills;
}

}  // namespace

std::size_t Levels::of(double value) const { return static_cast<std::size_t>(std::ranges::lower_bound(values_, value) - values_.begin()); }

std::vector<Skill> skills_on(const Ballots& ballots, std::span<const Label> truths, const Levels& levels) {
  std::vector<Skill> skills(ballots.graders.size(), {std::vector<double>(levels.count()), std::vector<double>(levels.count())});
  for (std::size_t grader = 0; grader < skills.size(); ++grader) {
    for (std::size_t object = 0; object < truths.size(); ++object) {
      const double value = ballots.at(grader, object);
      if (std::isnan(value) || truths[object] == Label::unknown) continue;
      ++(truths[object] == Label::lens ? skills[grader].of_lenses : skills[grader].of_nonlenses)[levels.of(value)];
    }
  }
  return skills;
}

Consensus swap_consensus(const Ballots& ballots, std::span<const Label> truths, const Levels& levels, const ConsensusOptions& options) {
  Consensus consensus{.skills = skills_on(ballots, truths, levels), .fraction = options.fraction};
  const std::vector<double> usual = usual_grades(ballots, levels);
  const std::vector<double> evidence = swap_evidence(ballots, truths, levels, consensus.skills, usual, options.doubt);
  if (consensus.fraction <= 0) {
    std::vector<double> of_candidates;
    for (std::size_t object = 0; object < truths.size(); ++object)
      if (truths[object] == Label::unknown && is_graded(ballots, object)) of_candidates.push_back(evidence[object]);
    consensus.fraction = fraction_of(of_candidates);
  }
  for (const double value : evidence) consensus.lens.push_back({.value = logistic(evaluate::log_odds(consensus.fraction) + value)});
  add_intervals(consensus, ballots, levels, usual, options);
  return consensus;
}

Consensus dawid_skene(const Ballots& ballots, std::span<const Label> truths, const Levels& levels, const ConsensusOptions& options) {
  constexpr double doubt = .01;  // so that no chance is 0; the grades themselves say the rest
  const std::vector<double> usual = usual_grades(ballots, levels);
  std::vector<double> lens = mean_grades(ballots, truths, levels);
  Consensus consensus{.fraction = options.fraction};
  for (int round = 0; round < max_rounds; ++round) {
    consensus.skills = expected_skills(ballots, lens, levels);
    if (options.fraction <= 0) {
      double lenses = 0, graded = 0;
      for (std::size_t object = 0; object < lens.size(); ++object) {
        if (truths[object] != Label::unknown || !is_graded(ballots, object)) continue;
        lenses += lens[object];
        ++graded;
      }
      consensus.fraction = (lenses + doubt) / (graded + 2 * doubt);
    }
    Evidence evidence;
    for (const Skill& skill : consensus.skills) evidence.push_back(evidence_of(skill, usual, doubt));
    double moved = 0;
    for (std::size_t object = 0; object < lens.size(); ++object) {
      if (truths[object] != Label::unknown) continue;
      const double next = logistic(evaluate::log_odds(consensus.fraction) + evidence_for(ballots, object, levels, evidence));
      moved = std::max(moved, std::abs(next - lens[object]));
      lens[object] = next;
    }
    if (moved < settled_step) break;
  }
  for (const double value : lens) consensus.lens.push_back({.value = value});
  add_intervals(consensus, ballots, levels, usual, {.doubt = doubt, .draws = options.draws, .seed = options.seed});
  return consensus;
}

}  // namespace lensfind::inspect
