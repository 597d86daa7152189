#include "lensfind/cli/summary.h"

#include <algorithm>

#include <fmt/format.h>

namespace lensfind::cli {
namespace {

const evaluate::AtThreshold* at_f1(const evaluate::Evaluation& evaluation) {
  const auto found =
      std::find_if(evaluation.thresholds.begin(), evaluation.thresholds.end(), [](const auto& at) { return at.point.name == "f1"; });
  return found == evaluation.thresholds.end() ? nullptr : &*found;
}

}  // namespace

std::string figure_text(const evaluate::Estimate& figure) {
  return fmt::format("{:.4f} ({:.4f} to {:.4f})", figure.value, figure.low, figure.high);
}

namespace {

void say_one_class(Console& console, const std::string& name, const evaluate::OneClassEvaluation& e) {
  const bool lenses = e.label == Label::lens;
  console.say(
      fmt::format("{}: {} {} and no others; 95% intervals in brackets", name, with_commas(e.count), lenses ? "lenses" : "non-lenses"));
  for (const auto& [point, at] : e.thresholds)
    console.say(fmt::format("  {} at {} ({:.3f}, chosen on {}): {}", lenses ? "recall" : "false-positive rate", point.name, point.threshold,
                            point.chosen_on, figure_text(at.fraction)));
  for (const std::string& warning : e.warnings) console.say(fmt::format("  note: {}", warning));
}

}  // namespace

void say_evaluation(Console& console, const report::ReportModel& model) {
  if (model.one_class) return say_one_class(console, model.name, *model.one_class);
  const evaluate::Evaluation& evaluation = model.evaluation;
  console.say(fmt::format("{}: {} lenses, {} non-lenses; 95% intervals in brackets", model.name, with_commas(evaluation.lenses),
                          with_commas(evaluation.nonlenses)));
  console.say(fmt::format("  AUC                 {}", figure_text(evaluation.auc)));
  console.say(fmt::format("  average precision   {}", figure_text(evaluation.average_precision)));
  for (const evaluate::TprAtFpr& at : evaluation.tpr_at_fpr) {
    console.say(fmt::format("  TPR at FPR {:<7}  {}{}", fmt::format("{:g}", at.false_positive_rate), figure_text(at.true_positive_rate),
                            at.resolved ? "" : "  too few non-lenses to resolve"));
  }
  if (const evaluate::AtThreshold* at = at_f1(evaluation)) {
    console.say(fmt::format("  at threshold f1 ({:.3f}, chosen on {}):", at->point.threshold, at->point.chosen_on));
    console.say(fmt::format("    F1                {}", figure_text(at->f1)));
    console.say(fmt::format("    precision         {}", figure_text(at->precision)));
    console.say(fmt::format("    recall            {}", figure_text(at->recall)));
  }
  if (evaluation.cascade) {
    console.say(fmt::format("  the student loses    {} of the {} lenses that its teacher finds at FPR 1e-3",
                            figure_text(evaluation.cascade->lost), with_commas(evaluation.cascade->lenses)));
    console.say(fmt::format("  the teacher sees     {} of the non-lenses", figure_text(evaluation.cascade->passed)));
  }
  for (const std::string& warning : evaluation.warnings) console.say(fmt::format("  note: {}", warning));
}

void say_table(Console& console, const std::vector<report::ReportModel>& models) {
  console.say(fmt::format("{:<28} {:>8} {:>8} {:>10} {:>8} {:>18}", "model", "AUC", "F1", "precision", "recall", "average precision"));
  for (const report::ReportModel& model : models) {
    const evaluate::AtThreshold* at = at_f1(model.evaluation);
    const auto cell = [&](const evaluate::Estimate evaluate::AtThreshold::*figure) {
      return at ? fmt::format("{:.4f}", (at->*figure).value) : "-";
    };
    console.say(fmt::format("{:<28} {:>8.4f} {:>8} {:>10} {:>8} {:>18.4f}", model.name, model.evaluation.auc.value,
                            cell(&evaluate::AtThreshold::f1), cell(&evaluate::AtThreshold::precision), cell(&evaluate::AtThreshold::recall),
                            model.evaluation.average_precision.value));
  }
}

}  // namespace lensfind::cli
