#include "lensfind/score/repricing.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

double odds(double fraction) { return fraction / (1 - fraction); }

bool is_fraction(double value) { return value > 0 && value < 1; }

}  // namespace

Repricing::Repricing(const std::optional<About>& table, const std::filesystem::path& model, std::optional<double> asked) {
  if (table) {
    calibration_ = table->calibration;
    thresholds_ = table->thresholds;
    if (table->prevalence && is_fraction(*table->prevalence)) before_ = table->prevalence;
  }
  prevalence_ = before_;
  if (!model.empty()) {
    const Scorer scorer = open_scorer(model);
    if (!scorer.calibration)
      throw Error{model.string() + ": is not calibrated, so it says nothing of probabilities",
                  "`lensfind calibrate` gives it probabilities"};
    calibration_ = scorer.calibration;
    thresholds_ = scorer.thresholds;
    if (!prevalence_) prevalence_ = scorer.survey_prevalence;
  }
  if (!asked) return;
  if (!calibration_)
    throw Error{"the table does not say how its logits become probabilities",
                "give the model that scored it with --model, or leave --prevalence out"};
  prevalence_ = asked;
}

double Repricing::probability(double logit, double own, bool by_odds) const {
  if (prevalence_ && calibration_ && !by_odds) return calibration_->probability(logit, *prevalence_);
  if (!prevalence_ || !before_ || prevalence_ == before_) return own;
  const double factor = odds(*prevalence_) / odds(*before_);
  return own * factor / (1 - own + own * factor);
}

double Repricing::threshold(const std::string& name) const {
  const auto found = std::ranges::find(thresholds_, name, &evaluate::OperatingPoint::name);
  if (found != thresholds_.end()) return found->threshold;
  std::vector<std::string> names;
  for (const evaluate::OperatingPoint& point : thresholds_) names.push_back(point.name);
  if (names.empty())
    throw Error{fmt::format("the table names no operating points, and so not `{}`", name),
                "give a logit, or the model that scored it with --model"};
  throw Error{fmt::format("there is no operating point `{}`", name), fmt::format("give a logit or one of {}", fmt::join(names, ", "))};
}

}  // namespace lensfind::score
