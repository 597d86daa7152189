#include <utility>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::evaluate {
namespace {

Value object(std::initializer_list<std::pair<const char*, Value>> members) {
  Value out = empty_object();
  for (const auto& [key, value] : members) out.set(key, value);
  return out;
}

template <typename T>
Value list_of(const std::vector<T>& items, auto to_value) {
  Value out{Value::Array{}};
  for (const T& item : items) out.push_back(to_value(item));
  return out;
}

Value to_json_value(const TprAtFpr& entry) {
  const Estimate& tpr = entry.true_positive_rate;
  return object({{"fpr", entry.false_positive_rate},
                 {"value", tpr.value},
                 {"low", tpr.low},
                 {"high", tpr.high},
                 {"threshold", entry.threshold},
                 {"resolved", entry.resolved},
                 {"certified", entry.certified}});
}

Value to_json_value(const CalibrationEstimates& calibration) {
  const auto bin = [](const ReliabilityBin& b) {
    return object({{"probability", b.mean_probability}, {"observed", to_json_value(b.observed)}, {"count", b.count}});
  };
  return object({{"slope", to_json_value(calibration.slope)},
                 {"intercept", to_json_value(calibration.intercept)},
                 {"ece", to_json_value(calibration.expected_calibration_error)},
                 {"bins", list_of(calibration.bins, bin)}});
}

Value to_json_value(const AtThreshold& at) {
  const Confusion& c = at.confusion;
  return object(
      {{"value", at.point.threshold},
       {"chosen_on", at.point.chosen_on},
       {"f1", to_json_value(at.f1)},
       {"precision", to_json_value(at.precision)},
       {"recall", to_json_value(at.recall)},
       {"accuracy", to_json_value(at.accuracy)},
       {"confusion", object({{"tp", c.true_positives}, {"fp", c.false_positives}, {"fn", c.false_negatives}, {"tn", c.true_negatives}})}});
}

Value to_json_value(const AtPrevalence& at) {
  return object({{"prevalence", at.prevalence},
                 {"point", at.point},
                 {"purity", to_json_value(at.purity)},
                 {"candidates", to_json_value(at.candidates)},
                 {"found", to_json_value(at.found)},
                 {"missed", to_json_value(at.missed)}});
}

Value curves_of(const Evaluation& e) {
  const auto triple = [](double a, double b, double c) { return Value{Value::Array{a, b, c}}; };
  return object(
      {{"roc", list_of(e.roc, [&](const RocPoint& p) { return triple(p.false_positive_rate, p.true_positive_rate, p.threshold); })},
       {"precision_recall",
        list_of(e.precision_recall, [&](const PrecisionRecallPoint& p) { return triple(p.recall, p.precision, p.threshold); })}});
}

Value definitions() {
  return object({
      {"intervals", "low and high: 95% interval; methods and their tried coverage in docs/statistics.md"},
      {"counts", "labelled samples; unlabelled rows and rows whose score is not a number are left out of every figure"},
      {"auc", "chance that a lens has a higher logit than a non-lens, ties counting half; DeLong on the logit scale"},
      {"average_precision", "sum over thresholds of precision x step in recall, at this set's fraction of lenses; bootstrap over groups"},
      {"tpr_at_fpr",
       "the highest true-positive rate whose false-positive rate does not exceed fpr, at logit >= threshold; resolved: non-lenses x fpr >= "
       "3; certified: the one-sided 95% Clopper-Pearson upper bound of the false-positive rate there does not exceed fpr"},
      {"tpr0", "true-positive rate while no non-lens is selected; depends on the number of non-lenses (counts)"},
      {"tpr10", "true-positive rate while fewer than 10 non-lenses are selected; depends on the number of non-lenses (counts)"},
      {"brier", "mean of (probability - label)^2"},
      {"log_loss", "mean of -ln(probability given to the true class)"},
      {"calibration",
       "slope and intercept of the labels' logistic regression on ln(p / (1 - p)): 1 and 0 where probabilities hold; ece: mean over "
       "samples of |observed fraction - mean probability| in bins of unit width in ln(p / (1 - p))"},
      {"thresholds",
       "a candidate has logit >= value, which was chosen on chosen_on; precision = tp / (tp + fp), recall = tp / (tp + fn), f1 = their "
       "harmonic mean, accuracy = (tp + tn) / all, at this set's fraction of lenses"},
      {"at_prevalence",
       "in a survey of 10^6 objects of which a fraction prevalence are lenses: purity = found / candidates, objects selected (candidates), "
       "lenses selected (found) and not (missed); values at the medians of both rates' Jeffreys posteriors, so that purity is not 1 for "
       "want of false positives"},
      {"curves",
       "roc: [false-positive rate, true-positive rate, threshold]; precision_recall: [recall, precision, threshold]; thinned to at most "
       "2,000 points that keep every reported one; a threshold of null is infinite"},
  });
}

}  // namespace

const char* const cascade_definition =
    "cut: the teacher sees what has at least this student logit; lenses: those it would find at its threshold for a false-positive rate of "
    "1e-3; lost: the fraction of them below the cut; passed: the fraction of non-lenses that the teacher sees";

Value to_json_value(const CascadeCut& cut) {
  return object({{"cut", cut.cut}, {"lenses", cut.lenses}, {"lost", to_json_value(cut.lost)}, {"passed", to_json_value(cut.passed)}});
}

Value to_json_value(const Evaluation& e) {
  Value out =
      object({{"counts",
               object({{"lenses", e.lenses}, {"nonlenses", e.nonlenses}, {"unlabelled", e.unlabelled}, {"not_a_number", e.not_a_number}})},
              {"auc", to_json_value(e.auc)},
              {"average_precision", to_json_value(e.average_precision)},
              {"tpr_at_fpr", list_of(e.tpr_at_fpr, [](const TprAtFpr& entry) { return to_json_value(entry); })},
              {"tpr0", to_json_value(e.tpr0)},
              {"tpr10", to_json_value(e.tpr10)}});
  if (e.brier) out.set("brier", to_json_value(*e.brier));
  if (e.log_loss) out.set("log_loss", to_json_value(*e.log_loss));
  if (e.calibration) out.set("calibration", to_json_value(*e.calibration));
  if (!e.thresholds.empty()) {
    Value thresholds = empty_object();
    for (const AtThreshold& at : e.thresholds) thresholds.set(at.point.name, to_json_value(at));
    out.set("thresholds", thresholds);
    out.set("at_prevalence", list_of(e.at_prevalence, [](const AtPrevalence& at) { return to_json_value(at); }));
  }
  out.set("curves", curves_of(e));
  Value meanings = definitions();
  if (e.cascade) {
    out.set("cascade", to_json_value(*e.cascade));
    meanings.set("cascade", cascade_definition);
  }
  out.set("definitions", meanings);
  out.set("warnings", list_of(e.warnings, [](const std::string& text) { return Value{text}; }));
  return out;
}

}  // namespace lensfind::evaluate
