// Tries every interval of an evaluation: simulates score files from laws whose true figures are known, and prints how often each interval
// holds the truth. `lensfind_coverage [SIMULATIONS] [LAW]`: 500 of each (200 for bootstrap figures) and all laws by default;
// docs/statistics.md holds its table.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "coverage_laws.h"
#include "lensfind/base/error.h"
#include "lensfind/evaluate/evaluation.h"
#include "lensfind/evaluate/target.h"

namespace {

using namespace lensfind;
using namespace lensfind::coverage;
using lensfind::evaluate::AtPrevalence;
using lensfind::evaluate::AtThreshold;
using lensfind::evaluate::Estimate;
using lensfind::evaluate::Evaluation;
using lensfind::evaluate::Scores;
using lensfind::evaluate::TprAtFpr;

/// How often an interval held the truth, by figure.
class Tallies {
 public:
  void add(const std::string& figure, const Estimate& interval, double truth) {
    const double slack = 1e-9 * std::abs(truth);
    add(figure, interval.low <= truth + slack && truth <= interval.high + slack, interval.high - interval.low, truth);
  }
  void add(const std::string& figure, bool held, double width, double truth) {
    const std::lock_guard lock{mutex_};
    Tally& tally = tallies_[figure];
    tally.held += held;
    tally.width += width;
    tally.truth += truth;
    ++tally.tries;
  }
  void print(const Law& law) const {
    for (const auto& [figure, tally] : tallies_) {
      const double fraction = tally.held / tally.tries;
      fmt::print("| {} | {} | {} | {} | {:.4g} | {:.4g} | {:.3f}{} |\n", law.name, law.lenses, law.nonlenses, figure,
                 tally.truth / tally.tries, tally.width / tally.tries, fraction,
                 fraction < .9    ? " LOW"
                 : fraction > .98 ? " high"
                                  : "");
    }
    std::fflush(stdout);
  }

 private:
  struct Tally {
    double held = 0, tries = 0, width = 0, truth = 0;
  };
  std::map<std::string, Tally> tallies_;
  std::mutex mutex_;
};

Truth threshold_truth(const Law& law, const TrueRates& rates) {
  const auto lenses = static_cast<double>(law.lenses);
  const auto nonlenses = static_cast<double>(law.nonlenses);
  const double tp = rates.true_positive * lenses;
  const double fp = rates.false_positive * nonlenses;
  return {{"recall", rates.true_positive},
          {"precision", tp / (tp + fp)},
          {"f1", 2 * tp / (lenses + tp + fp)},
          {"accuracy", (tp + nonlenses - fp) / (lenses + nonlenses)}};
}

Truth survey_truth(const TrueRates& rates, double prevalence) {
  const double found = 1e6 * prevalence * rates.true_positive;
  const double candidates = found + 1e6 * (1 - prevalence) * rates.false_positive;
  return {{"purity", found / candidates}, {"candidates", candidates}, {"found", found}, {"missed", 1e6 * prevalence - found}};
}

void tally_thresholds(const Law& law, const std::vector<Cell>& cells, const Evaluation& e, Tallies& tallies) {
  for (const AtThreshold& at : e.thresholds) {
    const Truth truth = threshold_truth(law, rates_of(cells, at.point.threshold));
    tallies.add("recall " + at.point.name, at.recall, truth.at("recall"));
    tallies.add("precision " + at.point.name, at.precision, truth.at("precision"));
    tallies.add("f1 " + at.point.name, at.f1, truth.at("f1"));
    tallies.add("accuracy " + at.point.name, at.accuracy, truth.at("accuracy"));
  }
  for (const AtPrevalence& at : e.at_prevalence) {
    const auto point =
        std::find_if(e.thresholds.begin(), e.thresholds.end(), [&](const AtThreshold& t) { return t.point.name == at.point; });
    const Truth truth = survey_truth(rates_of(cells, point->point.threshold), at.prevalence);
    const std::string where = fmt::format(" {} at {:g}", at.point, at.prevalence);
    tallies.add("purity" + where, at.purity, truth.at("purity"));
    tallies.add("candidates" + where, at.candidates, truth.at("candidates"));
    tallies.add("found" + where, at.found, truth.at("found"));
    tallies.add("missed" + where, at.missed, truth.at("missed"));
  }
}

void tally_ranking(const Evaluation& e, const Truth& truth, const std::vector<Cell>& cells, bool bootstrap, Tallies& tallies) {
  tallies.add("auc", e.auc, truth.at("auc"));
  if (bootstrap) tallies.add("average_precision", e.average_precision, truth.at("average_precision"));
  tallies.add("tpr0", e.tpr0, truth.at("tpr0"));
  tallies.add("tpr10", e.tpr10, truth.at("tpr10"));
  for (const TprAtFpr& entry : e.tpr_at_fpr) {
    const double rate = entry.false_positive_rate;
    tallies.add(fmt::format("tpr_at_fpr {:g}", rate), entry.true_positive_rate, truth.at(fmt::format("tpr_at_fpr {:g}", rate)));
    // The width column of a certificate is the fraction of files that get one.
    const bool wrong = entry.certified && rates_of(cells, entry.threshold).false_positive > rate * (1 + 1e-3);
    tallies.add(fmt::format("certificate {:g}", rate), !wrong, entry.certified, rate);
  }
}

void tally_calibration(const Law& law, const Evaluation& e, const Truth& truth, Tallies& tallies) {
  tallies.add("brier", *e.brier, truth.at("brier"));
  tallies.add("log_loss", *e.log_loss, truth.at("log_loss"));
  tallies.add("ece", e.calibration->expected_calibration_error, truth.at("ece"));
  if (law.step > 0 || law.std_dev != 1) return;  // the log odds of the labels are no straight line there
  tallies.add("slope", e.calibration->slope, truth.at("slope"));
  tallies.add("intercept", e.calibration->intercept, truth.at("intercept"));
}

/// What a threshold chosen by a target was said to bring, against what it truly brings.
void tally_target(const std::vector<Cell>& cells, const evaluate::ReachedTarget& reached, double prevalence, Tallies& tallies) {
  const TrueRates rates = rates_of(cells, reached.point.threshold);
  const Truth truth = survey_truth(rates, prevalence);
  const std::string where = " of target " + reached.point.name;
  tallies.add("purity" + where, reached.purity, truth.at("purity"));
  tallies.add("candidates" + where, reached.candidates, truth.at("candidates"));
  tallies.add("recall" + where, reached.recall, rates.true_positive);
  tallies.add("fpr" + where, reached.false_positive_rate, rates.false_positive);
}

/// A target counts where it is reached. A poor finder with five lenses reaches few, so files are drawn until enough did; a target that one
/// file in fifty reaches has no row.
void try_target(const Law& law, const std::vector<Cell>& cells, const std::string& text, int simulations, Tallies& tallies) {
  constexpr double prevalence = 1e-2;
  std::vector<evaluate::ReachedTarget> reached;
  const int max = 50 * simulations;
  for (int simulation = 0; simulation < max && static_cast<int>(reached.size()) < simulations; ++simulation) {
    try {
      reached.push_back(evaluate::reach_target(draw_scores(law, static_cast<std::uint64_t>(simulation)), evaluate::parse_target(text),
                                               prevalence, "simulation"));
    } catch (const Error&) {
      continue;  // a target that this file cannot grant
    }
  }
  if (static_cast<int>(reached.size()) < simulations) return;
  for (const evaluate::ReachedTarget& target : reached) tally_target(cells, target, prevalence, tallies);
}

void try_law(const Law& law, int simulations) {
  const std::vector<Cell> cells = cells_of(law);
  const std::vector<evaluate::OperatingPoint> points{{"at FPR 2e-2", threshold_at(cells, 2e-2), "law"},
                                                     {"at FPR 1e-3", threshold_at(cells, 1e-3), "law"}};
  const Truth ranking = ranking_truth(law, cells);
  const Truth calibration = calibration_truth(law, cells);
  Tallies tallies;
  tbb::parallel_for(0, simulations, [&](int simulation) {
    const bool bootstrap = law.nonlenses <= 10000 && simulation < 200;
    const Scores scores = draw_scores(law, static_cast<std::uint64_t>(simulation));
    const Evaluation e =
        evaluate::evaluate(scores, {.thresholds = points, .prevalences = {1e-2, 1e-4}, .bootstrap_draws = bootstrap ? 500 : 0});
    tally_ranking(e, ranking, cells, bootstrap, tallies);
    tally_thresholds(law, cells, e, tallies);
    tally_calibration(law, e, calibration, tallies);
  });
  const std::vector<std::string> targets{"purity=.5", "recall=.8", "fpr=1e-2", "candidates=5000"};
  if (law.nonlenses <= 10000)
    tbb::parallel_for(std::size_t{0}, targets.size(), [&](std::size_t i) { try_target(law, cells, targets[i], simulations, tallies); });
  tallies.print(law);
}

/// Differences of two finders on the same samples.
void try_pair(const Law& law, double second, int simulations) {
  Law other = law;
  other.separation = second;
  const std::vector<Cell> cells = cells_of(law);
  const std::vector<Cell> others = cells_of(other);
  const Truth a = ranking_truth(law, cells);
  const Truth b = ranking_truth(other, others);
  Tallies tallies;
  tbb::parallel_for(0, simulations, [&](int simulation) {
    const auto models = draw_pair(law, second, static_cast<std::uint64_t>(simulation));
    for (const evaluate::PairedDifference& d : evaluate::paired_differences(models, {.bootstrap_draws = 500})) {
      std::string name = d.figure;
      if (name.starts_with("tpr")) name = fmt::format("tpr_at_fpr {:g}", std::strtod(name.c_str() + name.rfind('_') + 1, nullptr));
      tallies.add("difference of " + name, d.difference, a.at(name) - b.at(name));
    }
  });
  tallies.print(law);
}

}  // namespace

int main(int count, char** arguments) {
  const int simulations = count > 1 ? std::atoi(arguments[1]) : 500;
  const auto wanted = [&](const std::string& name) { return count <= 2 || name == arguments[2]; };
  fmt::print("| law | lenses | non-lenses | figure | truth | mean width | coverage |\n|---|---|---|---|---|---|---|\n");
  for (const Law& law : laws())
    if (wanted(law.name)) try_law(law, simulations);
  if (!wanted("pair")) return 0;
  for (const std::int64_t lenses : {5, 20, 200})
    for (const double second : {2.0, 1.5})
      try_pair({.name = second == 2 ? "pair, equal" : "pair, one better", .lenses = lenses, .nonlenses = 1000}, second, simulations);
}
