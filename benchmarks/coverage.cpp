// Tries every interval of an evaluation: simulates score files from laws whose true figures are known, and prints how often each interval
// holds the truth. `lensfind_coverage [SIMULATIONS] [LAW]`: 500 of each by default, all laws; docs/statistics.md holds its table.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include "lensfind/base/random.h"
#include "lensfind/evaluate/evaluation.h"

namespace {

using namespace lensfind;
using namespace lensfind::evaluate;

double survival(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

/// Scores of non-lenses are N(0, 1), of lenses N(separation, deviation); `step` > 0 rounds both; copies of one object share a part of their
/// deviation.
struct Law {
  std::string name;
  double separation = 2, deviation = 1, step = 0;
  int copies = 1;
  double stretch = 1, shift = 0;  ///< reported log odds = stretch x true log odds + shift
  std::int64_t lenses = 50, nonlenses = 1000;
};

constexpr double kSharedPart = .7;

/// A cell of the score axis, from the highest: its lower edge, and the shares of lenses and non-lenses in it and in all cells so far.
struct Cell {
  double score, lenses, nonlenses, lenses_so_far, nonlenses_so_far;
};

std::vector<Cell> cells_of(const Law& law) {
  const double width = law.step > 0 ? law.step : 1e-4;
  const double top = law.separation + 9 * std::max(1.0, law.deviation);
  std::vector<Cell> cells;
  double lenses_before = 0;
  double nonlenses_before = 0;
  for (double score = std::ceil(top / width) * width; score > -9; score -= width) {
    // A rounded score stands in the middle of its cell, a continuous one is represented by it.
    const double edge = score - width / 2;
    const double lenses = survival((edge - law.separation) / law.deviation);
    const double nonlenses = survival(edge);
    cells.push_back({score, lenses - lenses_before, nonlenses - nonlenses_before, lenses, nonlenses});
    lenses_before = lenses;
    nonlenses_before = nonlenses;
  }
  return cells;
}

double reported_probability(const Law& law, double score) {
  const double prior = std::log(static_cast<double>(law.lenses) / static_cast<double>(law.nonlenses));
  const double ratio = -(score - law.separation) * (score - law.separation) / (2 * law.deviation * law.deviation) -
                       std::log(law.deviation) + score * score / 2;
  return 1 / (1 + std::exp(-law.stretch * (ratio + prior) - law.shift));
}

using Truth = std::map<std::string, double>;

double true_tpr(const std::vector<Cell>& cells, double fpr) {
  double tpr = 0;
  for (const Cell& cell : cells)
    if (cell.nonlenses_so_far <= fpr) tpr = cell.lenses_so_far;
  return tpr;
}

double threshold_at(const std::vector<Cell>& cells, double fpr) {
  double threshold = cells.front().score;
  for (const Cell& cell : cells)
    if (cell.nonlenses_so_far <= fpr) threshold = cell.score;
  return threshold;
}

void add_ranking(const Law& law, const std::vector<Cell>& cells, Truth& truth) {
  const auto lenses = static_cast<double>(law.lenses);
  const auto nonlenses = static_cast<double>(law.nonlenses);
  double auc = 0;
  double average_precision = 0;
  for (const Cell& c : cells) {
    auc += c.nonlenses * (c.lenses_so_far - c.lenses / 2);
    const double tp = lenses * (law.step > 0 ? c.lenses_so_far : c.lenses_so_far - c.lenses / 2);
    const double fp = nonlenses * (law.step > 0 ? c.nonlenses_so_far : c.nonlenses_so_far - c.nonlenses / 2);
    if (tp + fp > 0) average_precision += c.lenses * tp / (tp + fp);
  }
  truth["auc"] = auc;
  truth["average_precision"] = average_precision;
  for (const double fpr : {1e-1, 1e-2, 1e-3, 1e-4}) truth[fmt::format("tpr_at_fpr {:g}", fpr)] = true_tpr(cells, fpr);
  truth["tpr0"] = true_tpr(cells, 1 / (nonlenses + 1));
  truth["tpr10"] = true_tpr(cells, 10 / (nonlenses + 1));
}

void add_threshold(const Law& law, const std::vector<Cell>& cells, const model::OperatingPoint& point, Truth& truth) {
  double t = 0;
  double f = 0;
  for (const Cell& c : cells)
    if (c.score >= point.threshold - 1e-9) t = c.lenses_so_far, f = c.nonlenses_so_far;
  const double tp = t * static_cast<double>(law.lenses);
  const double fp = f * static_cast<double>(law.nonlenses);
  const auto lenses = static_cast<double>(law.lenses);
  const auto nonlenses = static_cast<double>(law.nonlenses);
  truth["recall " + point.name] = t;
  truth["precision " + point.name] = tp / (tp + fp);
  truth["f1 " + point.name] = 2 * tp / (lenses + tp + fp);
  truth["accuracy " + point.name] = (tp + nonlenses - fp) / (lenses + nonlenses);
  for (const double p : {1e-2, 1e-4}) {
    truth[fmt::format("purity {} {:g}", point.name, p)] = p * t / (p * t + (1 - p) * f);
    truth[fmt::format("candidates {} {:g}", point.name, p)] = 1e6 * (p * t + (1 - p) * f);
    truth[fmt::format("found {} {:g}", point.name, p)] = 1e6 * p * t;
    truth[fmt::format("missed {} {:g}", point.name, p)] = 1e6 * p * (1 - t);
  }
}

void add_calibration(const Law& law, const std::vector<Cell>& cells, Truth& truth) {
  const double share = static_cast<double>(law.lenses) / static_cast<double>(law.lenses + law.nonlenses);
  double brier = 0;
  double loss = 0;
  std::map<double, double> excess;
  for (const Cell& c : cells) {
    const double p = reported_probability(law, c.score);
    const double clipped = std::clamp(p, 2.3e-16, 1 - 2.3e-16);
    brier += share * c.lenses * (1 - p) * (1 - p) + (1 - share) * c.nonlenses * p * p;
    loss -= share * c.lenses * std::log(clipped) + (1 - share) * c.nonlenses * std::log1p(-clipped);
    excess[std::floor(std::log(clipped / (1 - clipped)))] += share * c.lenses - p * (share * c.lenses + (1 - share) * c.nonlenses);
  }
  truth["brier"] = brier;
  truth["log_loss"] = loss;
  truth["slope"] = 1 / law.stretch;
  truth["intercept"] = -law.shift / law.stretch;
  for (const auto& [bin, difference] : excess) truth["ece"] += std::abs(difference);
}

Scores draw_scores(const Law& law, std::uint64_t simulation) {
  RandomStream random{simulation, Purpose::test};
  Scores scores;
  scores.reserve(static_cast<std::size_t>(law.lenses + law.nonlenses));
  double shared = 0;
  for (std::int64_t i = 0; i < law.lenses + law.nonlenses; ++i) {
    const bool lens = i < law.lenses;
    const std::int64_t copy = (lens ? i : i - law.lenses) % law.copies;
    if (copy == 0) shared = random.normal();
    const double own = law.copies == 1 ? shared : std::sqrt(kSharedPart) * shared + std::sqrt(1 - kSharedPart) * random.normal();
    double logit = lens ? law.separation + law.deviation * own : own;
    if (law.step > 0) logit = std::round(logit / law.step) * law.step;
    scores.push_back({.id = std::to_string(i),
                      .label = lens ? Label::lens : Label::non_lens,
                      .logit = logit,
                      .probability = reported_probability(law, logit)});
    if (law.copies > 1) scores.back().group = (lens ? "l" : "n") + std::to_string((lens ? i : i - law.lenses) / law.copies);
  }
  return scores;
}

std::map<std::string, Figure> figures_of(const Evaluation& e) {
  std::map<std::string, Figure> out{{"auc", e.auc},
                                    {"average_precision", e.average_precision},
                                    {"tpr0", e.tpr0},
                                    {"tpr10", e.tpr10},
                                    {"brier", *e.brier},
                                    {"log_loss", *e.log_loss},
                                    {"slope", e.calibration->slope},
                                    {"intercept", e.calibration->intercept},
                                    {"ece", e.calibration->expected_calibration_error}};
  for (const TprAtFpr& entry : e.tpr_at_fpr) out[fmt::format("tpr_at_fpr {:g}", entry.false_positive_rate)] = entry.true_positive_rate;
  for (const AtThreshold& at : e.thresholds) {
    out["recall " + at.point.name] = at.recall;
    out["precision " + at.point.name] = at.precision;
    out["f1 " + at.point.name] = at.f1;
    out["accuracy " + at.point.name] = at.accuracy;
  }
  for (const AtPrevalence& at : e.at_prevalence) {
    const std::string where = fmt::format(" {} {:g}", at.point, at.prevalence);
    out["purity" + where] = at.purity;
    out["candidates" + where] = at.candidates;
    out["found" + where] = at.found;
    out["missed" + where] = at.missed;
  }
  return out;
}

struct Tally {
  int held = 0, tries = 0;
  double width = 0;
};

bool holds(const Figure& figure, double truth) {
  const double slack = 1e-9 * std::abs(truth);
  return figure.low <= truth + slack && truth <= figure.high + slack;
}

/// Whether a certificate was given to a threshold whose true false-positive rate is larger.
bool wrong_certificate(const TprAtFpr& entry) { return entry.certified && survival(entry.threshold) > entry.false_positive_rate; }

void print(const Law& law, const Truth& truth, const std::map<std::string, Tally>& tallies) {
  for (const auto& [name, tally] : tallies) {
    const double share = static_cast<double>(tally.held) / tally.tries;
    const char* mark = share < .9 ? " LOW" : share > .98 ? " high" : "";
    const auto known = truth.find(name);
    fmt::print("| {} | {} | {} | {} | {:.5g} | {:.4g} | {:.3f}{} |\n", law.name, law.lenses, law.nonlenses, name,
               known == truth.end() ? NAN : known->second, tally.width / tally.tries, share, mark);
  }
  std::fflush(stdout);
}

void try_law(const Law& law, int simulations) {
  const std::vector<Cell> cells = cells_of(law);
  const std::vector<model::OperatingPoint> points{{"a", threshold_at(cells, 2e-2), "law"}, {"b", threshold_at(cells, 1e-3), "law"}};
  Truth truth;
  add_ranking(law, cells, truth);
  for (const model::OperatingPoint& point : points) add_threshold(law, cells, point, truth);
  add_calibration(law, cells, truth);
  const bool bootstrap = law.nonlenses <= 10000;
  std::map<std::string, Tally> tallies;
  std::mutex mutex;
  tbb::parallel_for(0, simulations, [&](int simulation) {
    const int draws = bootstrap && simulation < std::max(200, simulations / 2) ? 500 : 0;
    const Evaluation e = evaluate::evaluate(draw_scores(law, static_cast<std::uint64_t>(simulation)),
                                            {.thresholds = points, .prevalences = {1e-2, 1e-4}, .bootstrap_draws = draws});
    const std::lock_guard lock{mutex};
    for (const auto& [name, figure] : figures_of(e)) {
      if (name == "average_precision" && draws == 0) continue;
      if ((name == "slope" || name == "intercept") && (law.step > 0 || law.deviation != 1)) continue;  // no straight line there
      Tally& tally = tallies[name];
      tally.held += holds(figure, truth.at(name));
      tally.width += figure.high - figure.low;
      ++tally.tries;
    }
    if (law.step > 0) return;
    for (const TprAtFpr& entry : e.tpr_at_fpr) {
      Tally& tally = tallies[fmt::format("certificate {:g}", entry.false_positive_rate)];
      tally.held += !wrong_certificate(entry);
      tally.width += entry.certified;
      ++tally.tries;
    }
  });
  print(law, truth, tallies);
}

std::vector<Law> laws() {
  std::vector<Law> out;
  for (const std::int64_t lenses : {5, 20, 200})
    for (const std::int64_t nonlenses : {1000, 10000, 100000})
      if (nonlenses < 100000 || lenses != 20)
        out.push_back({.name = "binormal", .separation = 2, .lenses = lenses, .nonlenses = nonlenses});
  for (const std::int64_t lenses : {5, 20, 200}) {
    out.push_back({.name = "good", .separation = 3.5, .lenses = lenses, .nonlenses = 10000});
    out.push_back({.name = "poor", .separation = .5, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "wide", .separation = 2.5, .deviation = 1.8, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "ties", .separation = 2, .step = .5, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "AUC 1", .separation = 12, .lenses = lenses, .nonlenses = 1000});
    out.push_back({.name = "miscalibrated", .separation = 2, .stretch = .7, .shift = .5, .lenses = lenses, .nonlenses = 1000});
    if (lenses > 5) out.push_back({.name = "groups of 4", .separation = 2, .copies = 4, .lenses = lenses, .nonlenses = 1000});
  }
  return out;
}

}  // namespace

int main(int count, char** arguments) {
  const int simulations = count > 1 ? std::atoi(arguments[1]) : 500;
  fmt::print("| law | lenses | non-lenses | figure | truth | mean width | coverage |\n|---|---|---|---|---|---|---|\n");
  for (const Law& law : laws())
    if (count <= 2 || law.name == arguments[2]) try_law(law, simulations);
}
