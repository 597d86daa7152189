#include "lensfind/evaluate/one_class.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/labelled.h"
#include "lensfind/evaluate/selected_fraction.h"
#include "lensfind/evaluate/warnings.h"

namespace lensfind::evaluate {
namespace {

/// Rows of one class, from the highest score, and what they count for.
class OneClass {
 public:
  OneClass(const Scores& scores, Label label) : rows_{labelled_rows_of_any_class(scores)}, label_{label} {}

  [[nodiscard]] const LabelledScores& rows() const { return rows_; }
  [[nodiscard]] SelectedFraction at(double threshold) const {
    SelectedFraction out{.threshold = threshold};
    out.selected = std::ranges::upper_bound(rows_.logits, threshold, std::ranges::greater{}) - rows_.logits.begin();
    out.fraction = jeffreys(selected_fraction(rows_, label_, threshold));
    out.fraction.value = static_cast<double>(out.selected) / static_cast<double>(rows_.size());
    return out;
  }

 private:
  LabelledScores rows_;
  Label label_;
};

std::vector<SelectedFraction> curve_of(const OneClass& sample) {
  std::vector<double> thresholds = sample.rows().logits;
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  const std::size_t points = std::min(thresholds.size(), max_curve_points);
  std::vector<SelectedFraction> curve;
  for (std::size_t i = 0; i < points; ++i)
    curve.push_back(sample.at(thresholds[points == 1 ? 0 : i * (thresholds.size() - 1) / (points - 1)]));
  return curve;
}

const char* class_name(Label label) { return label == Label::lens ? "lenses" : "nonlenses"; }

Value curve_value(const std::vector<SelectedFraction>& curve) {
  Value points{Value::Array{}};
  for (const SelectedFraction& at : curve)
    points.push_back(Value{Value::Array{at.threshold, at.fraction.value, at.fraction.low, at.fraction.high}});
  return points;
}

}  // namespace

std::optional<Label> only_class(const Scores& scores) {
  bool lenses = false, others = false;
  for (const Score& score : scores) {
    lenses = lenses || score.label == Label::lens;
    others = others || score.label == Label::non_lens;
  }
  if (lenses == others) return {};
  return lenses ? Label::lens : Label::non_lens;
}

const char* fraction_name(Label label) { return label == Label::lens ? "recall" : "false_positive_rate"; }

OneClassEvaluation evaluate_one_class(const Scores& scores, const std::vector<OperatingPoint>& thresholds) {
  const std::optional<Label> label = only_class(scores);
  if (!label) throw Error{"samples of both classes, or of none, are labelled", "evaluate them together"};
  OneClassEvaluation out{.label = *label};
  for (const Score& score : scores) {
    if (std::isnan(score.logit))
      ++out.not_a_number;
    else
      (score.label == Label::unknown ? out.unlabelled : out.count) += 1;
  }
  if (out.count == 0) throw Error{"no labelled sample has a score", "give scores that are numbers"};
  const OneClass sample{scores, *label};
  for (const OperatingPoint& point : thresholds) out.thresholds.emplace_back(point, sample.at(point.threshold));
  out.curve = curve_of(sample);
  const char* name = *label == Label::lens ? "lenses" : "non-lenses";
  out.warnings.push_back(fmt::format("Only {} are labelled: AUC, precision and whatever else needs both classes cannot be had.", name));
  if (out.count < fewest_that_mean_anything) out.warnings.push_back(fmt::format("Only {} {}: look at the interval.", out.count, name));
  if (out.thresholds.empty())
    out.warnings.push_back(
        fmt::format("No threshold was chosen beforehand: the {} is given for every threshold, and none is the right one.",
                    *label == Label::lens ? "recall" : "false-positive rate"));
  if (out.not_a_number > 0) out.warnings.push_back(fmt::format("{} rows have no number as score; they are left out.", out.not_a_number));
  if (out.unlabelled > 0) out.warnings.push_back(fmt::format("{} rows have no label; they are left out.", out.unlabelled));
  return out;
}

Value to_json_value(const OneClassEvaluation& e) {
  const bool lenses = e.label == Label::lens;
  Value out = empty_object()
                  .set("counts", empty_object()
                                     .set("lenses", lenses ? e.count : 0)
                                     .set("nonlenses", lenses ? 0 : e.count)
                                     .set("unlabelled", e.unlabelled)
                                     .set("not_a_number", e.not_a_number))
                  .set("only", class_name(e.label));
  if (!e.thresholds.empty()) {
    Value thresholds = empty_object();
    for (const auto& [point, at] : e.thresholds)
      thresholds.set(point.name, empty_object()
                                     .set("value", point.threshold)
                                     .set("chosen_on", point.chosen_on)
                                     .set("selected", at.selected)
                                     .set(fraction_name(e.label), to_json_value(at.fraction)));
    out.set("thresholds", thresholds);
  }
  out.set("curves", empty_object().set(fraction_name(e.label), curve_value(e.curve)));
  out.set(
      "definitions",
      empty_object()
          .set("only", "the one class that is labelled: figures that need both are not there")
          .set(fraction_name(e.label),
               fmt::format("fraction of the {} with score >= the threshold; low and high: 95% interval by Jeffreys", class_name(e.label)))
          .set("curves",
               fmt::format("[threshold, {0}, low, high], from the highest threshold, at most 2,000 points", fraction_name(e.label))));
  Value warnings{Value::Array{}};
  for (const std::string& warning : e.warnings) warnings.push_back(warning);
  return out.set("warnings", warnings);
}

}  // namespace lensfind::evaluate
