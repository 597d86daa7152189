#include "lensfind/workflows/adapt_report.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::workflows {
namespace {

FigureGain gain_of(const char* figure, const std::vector<evaluate::PairedDifference>& differences, double before, double after) {
  FigureGain gain{.before = before, .after = after, .gain = {}};
  for (const evaluate::PairedDifference& row : differences)
    if (row.figure == figure) gain.gain = row.difference;
  return gain;
}

/// A figure of the labelled rows.
double figure_of(const evaluate::Scores& scores, auto figure) {
  std::vector<double> logits;
  std::vector<Label> labels;
  for (const evaluate::Score& row : scores) {
    logits.push_back(row.logit);
    labels.push_back(row.label);
  }
  return figure(logits, labels);
}
double auc_of(const evaluate::Scores& scores) {
  return figure_of(scores, [](const auto& logits, const auto& labels) { return evaluate::auc(logits, labels); });
}
double average_precision_of(const evaluate::Scores& scores) {
  return figure_of(scores, [](const auto& logits, const auto& labels) { return evaluate::average_precision(logits, labels); });
}

Value to_json_value(const FigureGain& figure) {
  return empty_object()
      .set("before", figure.before)
      .set("after", figure.after)
      .set("gain", empty_object().set("value", figure.gain.value).set("low", figure.gain.low).set("high", figure.gain.high));
}

std::optional<FigureGain> figure_gain(const Value* value) {
  if (value == nullptr) return std::nullopt;
  const Value& gain = value->at("gain");
  return FigureGain{.before = value->at("before").as_number(),
                    .after = value->at("after").as_number(),
                    .gain = {gain.at("value").as_number(), gain.at("low").as_number(), gain.at("high").as_number()}};
}

std::string csv_cells(const std::optional<FigureGain>& figure) {
  if (!figure) return ",,,,,";
  return fmt::format(",{},{},{},{},{}", figure->before, figure->after, figure->gain.value, figure->gain.low, figure->gain.high);
}

std::string csv_row(const StepRow& row) {
  return fmt::format("{},{}{}{},{:.1f},{}\n", row.step, name_of(row.outcome), csv_cells(row.auc), csv_cells(row.average_precision),
                     row.seconds, csv_field(row.note));
}

std::string markdown_cell(const std::optional<FigureGain>& figure) {
  if (!figure) return "";
  return fmt::format("{:.3f} -> {:.3f}: {:+.3f} ({:+.3f} to {:+.3f})", figure->before, figure->after, figure->gain.value, figure->gain.low,
                     figure->gain.high);
}

std::string markdown_row(const StepRow& row) {
  return fmt::format("| {} | {} | {} | {} | {:.0f} | {} |\n", row.step, name_of(row.outcome), markdown_cell(row.auc),
                     markdown_cell(row.average_precision), row.seconds, row.note);
}

std::string markdown(const AdaptOptions& options, const AdaptResult& result) {
  std::string images;
  for (const auto& path : options.images) images += (images.empty() ? "" : ", ") + path.string();
  std::string text = fmt::format("# {} adapted to {}\n\n", options.model.string(), images);
  text += fmt::format("{} labelled lenses, {} labelled non-lenses, {} unlabelled images.\n\n", result.lenses, result.nonlenses,
                      result.unlabelled);
  text +=
      result.whole.auc
          ? "Each figure is of the labelled images, by models that never saw them (cross-validation where a step looks at labelled "
            "images). "
            "In brackets: the paired difference's 95% interval. A step is kept where the AUC rises.\n\n"
          : "There are no labels, so nothing here was judged: label 10 lenses and 10 non-lenses at least to know whether it helped.\n\n";
  text += "| step | outcome | AUC | average precision | seconds | what |\n|---|---|---|---|---|---|\n";
  for (const StepRow& row : result.steps) text += markdown_row(row);
  text += markdown_row(result.whole);
  text += "\n";
  for (const std::string& note : result.notes) text += "- " + note + "\n";
  return text;
}

}  // namespace

void judge_gain(const evaluate::Scores& before, const evaluate::Scores& after, std::uint64_t seed, StepRow& row) {
  const auto differences = evaluate::paired_differences({after, before}, {.seed = seed});
  row.auc = gain_of("auc", differences, auc_of(before), auc_of(after));
  row.average_precision = gain_of("average_precision", differences, average_precision_of(before), average_precision_of(after));
}

bool is_gain(const StepRow& row) { return row.auc && row.auc->gain.value > 0; }

Value to_json_value(const StepRow& row) {
  Value value = empty_object().set("step", row.step).set("outcome", name_of(row.outcome));
  if (row.auc) value.set("auc", to_json_value(*row.auc));
  if (row.average_precision) value.set("average_precision", to_json_value(*row.average_precision));
  return value.set("seconds", row.seconds).set("note", row.note);
}

StepRow step_row(const Value& value) {
  const auto outcome = find_named<StepOutcome>(value.at("outcome").as_string());
  if (!outcome) throw Error{"adapt.json: unknown outcome " + value.at("outcome").as_string(), "begin anew with --overwrite"};
  return {.step = value.at("step").as_string(),
          .outcome = *outcome,
          .auc = figure_gain(value.find("auc")),
          .average_precision = figure_gain(value.find("average_precision")),
          .note = value.at("note").as_string(),
          .seconds = value.at("seconds").as_number()};
}

std::string gain_text(const StepRow& row) {
  if (row.auc) return fmt::format("AUC {}, {}", markdown_cell(row.auc), name_of(row.outcome));
  return fmt::format("{}", name_of(row.outcome));
}

void write_adapt_report(const std::filesystem::path& folder, const AdaptOptions& options, const AdaptResult& result,
                        const Value& settings) {
  std::string csv =
      "step,outcome,auc_before,auc_after,auc_gain,auc_gain_low,auc_gain_high,average_precision_before,average_precision_after,"
      "average_precision_gain,average_precision_gain_low,average_precision_gain_high,seconds,note\n";
  Value steps{Value::Array{}};
  for (const StepRow& row : result.steps) {
    csv += csv_row(row);
    Value value = to_json_value(row);
    if (const Value* chosen = settings.find(row.step)) value.set("settings", *chosen);
    steps.push_back(std::move(value));
  }
  Value notes{Value::Array{}};
  for (const std::string& note : result.notes) notes.push_back(note);
  write_file(folder / "adapt.csv", csv + csv_row(result.whole));
  write_file(folder / "adapt.json", to_json(empty_object()
                                                .set("model", options.model.string())
                                                .set("lenses", result.lenses)
                                                .set("nonlenses", result.nonlenses)
                                                .set("unlabelled", result.unlabelled)
                                                .set("judged", result.whole.auc.has_value())
                                                .set("steps", steps)
                                                .set("whole", to_json_value(result.whole))
                                                .set("notes", notes)
                                                .set("version", version())) +
                                        "\n");
  write_file(folder / "adapt.md", markdown(options, result));
}

}  // namespace lensfind::workflows
