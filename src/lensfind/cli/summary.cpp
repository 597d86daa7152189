#include "lensfind/cli/summary.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/workflows/score_survey.h"

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

void say_whole_way(Console& console, const std::vector<evaluate::WholeWay>& rows) {
  if (rows.empty()) return;
  const evaluate::WholeWay& all = rows.front();
  const auto text = [](const evaluate::Estimate& figure) {
    return fmt::format("{:.3f} ({:.3f} to {:.3f})", figure.value, figure.low, figure.high);
  };
  console.say(fmt::format("the whole way: the model finds {} of {} lenses, people take {} of the {} that they saw", text(all.finder),
                          with_commas(all.lenses), text(all.people), with_commas(all.graded)));
  console.say(fmt::format("completeness of both together: {}; over the lenses' properties: whole_way.csv", text(all.together)));
}

void say_training(Console& console, const train::TrainResult& result, const std::filesystem::path& model) {
  const model::EpochRecord& kept = result.history.at(static_cast<std::size_t>(result.kept_epoch - 1));
  console.say(fmt::format("{}: epoch {} of {} kept: validation AUC {:.4f}, average precision {:.4f} on {} lenses and {} non-lenses",
                          model.string(), result.kept_epoch, result.history.size(), kept.validation_auc, kept.validation_average_precision,
                          with_commas(result.validation_lenses), with_commas(result.validation_nonlenses)));
  console.say(fmt::format("calibration and thresholds: {}", result.calibrated_on));
}

namespace {

void say_images(Console& console, const score::RunSummary& summary) {
  if (!summary.complete) return;
  const std::vector<std::string> sentences = summary.images.text();
  const bool warn = summary.images.like_training == false;
  console.say(fmt::format("{}: {}", warn ? "warning" : "images", sentences.front()));
  for (std::size_t i = 1; i < sentences.size(); ++i) console.say("  - " + sentences[i]);
}

}  // namespace

void say_scores(Console& console, const score::RunSummary& summary, bool prevalence_asked) {
  console.say(fmt::format("{} cutouts scored, {} set aside; {:.0f} images/s ({})", with_commas(summary.scored),
                          with_commas(summary.rejected), summary.images_per_second, summary.engine));
  if (!summary.precision_reason.empty()) console.say(fmt::format("precision: {}", summary.precision_reason));
  console.say(workflows::prevalence_text(summary, prevalence_asked));
  for (const std::string& line : summary.reading_lines) console.say(line);
  say_images(console, summary);
  for (const std::string& note : summary.notes) console.say(fmt::format("note: {}", note));
  console.say(std::filesystem::exists(summary.table) ? fmt::format("scores: {}", summary.table.string())
                                                     : fmt::format("{} comes when the other shards are done", summary.table.string()));
  if (summary.rejected > 0) console.say(fmt::format("set aside: {}", summary.rejected_table.string()));
}

}  // namespace lensfind::cli
