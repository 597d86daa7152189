#include "lensfind/report/summary.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/html.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::AtPrevalence;
using evaluate::AtThreshold;
using evaluate::Evaluation;

std::string samples_sentence(const ReportInput& input) {
  const Evaluation& first = input.models.front().evaluation;
  std::string out =
      fmt::format("{} {} tried on <strong>{} lenses and {} non-lenses</strong> of {}.",
                  input.models.size() == 1 ? escape(input.models.front().name) : fmt::format("{} models", input.models.size()),
                  input.models.size() == 1 ? "was" : "were", count_text(first.lenses), count_text(first.nonlenses), escape(input.data));
  if (first.unlabelled > 0) out += fmt::format(" {} cutouts without a label were left out.", count_text(first.unlabelled));
  if (first.not_a_number > 0) out += fmt::format(" {} cutouts whose score is no number were left out.", count_text(first.not_a_number));
  return out;
}

std::string ranking_sentences(const ReportModel& model) {
  const Evaluation& e = model.evaluation;
  std::string out = fmt::format("AUC is <strong>{}</strong> (95% interval {}): the chance that a lens gets a higher score than a non-lens.",
                                value_text(e.auc), range_text(e.auc));
  // The rate that matters most among those the samples can speak about.
  const evaluate::TprAtFpr* best = nullptr;
  for (const evaluate::TprAtFpr& at : e.tpr_at_fpr) {
    if (at.resolved && at.false_positive_rate >= 1e-3 * .999) best = &at;
  }
  if (best) {
    out += fmt::format(" Letting through at most {} non-lenses, it finds <strong>{}</strong> of the lenses ({} to {}).",
                       one_in_text(best->false_positive_rate), percent_text(best->true_positive_rate.value),
                       percent_text(best->true_positive_rate.low), percent_text(best->true_positive_rate.high));
  }
  return out;
}

/// The threshold of the first target, or f1, at the prevalence of the survey that is meant.
const AtPrevalence* survey_row(const ReportModel& model) {
  const std::string point = model.targets.empty() ? "f1" : model.targets.front().point.name;
  const auto& rows = model.evaluation.at_prevalence;
  const auto found = std::ranges::find_if(
      rows, [&](const AtPrevalence& row) { return row.point == point && std::abs(row.prevalence / model.survey_prevalence - 1) < 1e-9; });
  return found == rows.end() ? nullptr : &*found;
}

std::string survey_sentence(const ReportModel& model) {
  if (const AtPrevalence* row = survey_row(model)) {
    const evaluate::OperatingPoint& point = at_threshold(model.evaluation, row->point)->point;
    return fmt::format(
        "In a survey where {} objects is a lens, threshold {} (logit at least {:.3f}, chosen on {}) would give <strong>{} candidates per "
        "million objects</strong>; "
        "of them {} would be lenses ({} to {}), and {} of the {} lenses would be among them.",
        one_in_text(row->prevalence), escape(point.name), point.threshold, escape(point.chosen_on), amount_interval_text(row->candidates),
        percent_text(row->purity.value), percent_text(row->purity.low), percent_text(row->purity.high), amount_text(row->found.value),
        amount_text(1e6 * row->prevalence));
  }
  if (!model.evaluation.thresholds.empty()) return {};
  return "No threshold was chosen beforehand, so F1, precision, recall and purity are not stated: a threshold picked on the samples under "
         "test would flatter.";
}

std::string best_model_sentence(const std::vector<ReportModel>& models) {
  const auto highest = std::ranges::max_element(models, {}, [](const ReportModel& model) { return model.evaluation.auc.value; });
  return fmt::format("The highest AUC is that of <strong>{}</strong>: {} ({}).", escape(highest->name), value_text(highest->evaluation.auc),
                     range_text(highest->evaluation.auc));
}

std::string row_html(const std::string& name, const evaluate::Estimate& figure, const std::string& note = {}) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n", name, value_text(figure), range_text(figure),
                     note);
}

std::string rate_note(const evaluate::TprAtFpr& at) {
  if (!at.resolved) return "not resolved: fewer than 3 false positives expected";
  return at.certified ? "FPR certified" : "its FPR may be higher";
}

std::string one_model_table(const Evaluation& e) {
  std::string out =
      "<table class=\"figures\"><thead><tr><th>figure</th><th>value</th><th>95% interval</th><th>note</th></tr></thead><tbody>\n";
  out += row_html("AUC", e.auc) + row_html("average precision", e.average_precision);
  for (const evaluate::TprAtFpr& at : e.tpr_at_fpr)
    out += row_html(fmt::format("TPR at FPR {:g}", at.false_positive_rate), at.true_positive_rate, rate_note(at));
  const std::string beside = count_text(e.nonlenses) + " non-lenses";
  out += row_html("TPR0", e.tpr0, "no false positive among " + beside) + row_html("TPR10", e.tpr10, "fewer than 10 among " + beside);
  if (e.brier) out += row_html("Brier score", *e.brier, "lower is better");
  if (e.log_loss) out += row_html("log loss", *e.log_loss, "lower is better");
  if (e.calibration) {
    out += row_html("calibration slope", e.calibration->slope, "1 is right") +
           row_html("calibration intercept", e.calibration->intercept,
                    fmt::format("{:.3g} is right{}", e.calibration->expected_intercept,
                                e.calibration->expected_intercept == 0 ? "" : ", for the prevalence that the probabilities are meant for"));
    out += row_html("calibration error", e.calibration->expected_calibration_error, "0 is right");
  }
  for (const AtThreshold& at : e.thresholds) {
    out += fmt::format(
        "<tr class=\"part\"><th colspan=\"4\" scope=\"colgroup\">at threshold {}: logit at least {:.4g}, chosen on {}</th></tr>\n",
        escape(at.point.name), at.point.threshold, escape(at.point.chosen_on));
    out += row_html("F1", at.f1) + row_html("precision", at.precision) + row_html("recall", at.recall) + row_html("accuracy", at.accuracy);
  }
  return out + "</tbody></table>\n";
}

std::string cell_html(const char* label, const evaluate::Estimate* figure) {
  if (!figure) return fmt::format("<td data-label=\"{}\">-</td>", label);
  return fmt::format("<td data-label=\"{}\">{} <span class=\"interval\">{}</span></td>", label, value_text(*figure), range_text(*figure));
}

std::string many_models_table(const std::vector<ReportModel>& models) {
  std::string out =
      "<table class=\"models compare\"><thead><tr><th>model</th><th>AUC</th><th>F1</th><th>precision</th><th>recall</th><th>average "
      "precision</th><th>TPR at FPR 0.01</th>"
      "<th>TPR at FPR 0.001</th></tr></thead><tbody>\n";
  for (const ReportModel& model : models) {
    const Evaluation& e = model.evaluation;
    const AtThreshold* f1 = at_threshold(e, "f1");
    const auto tpr = [&e](double rate) -> const evaluate::Estimate* {
      const auto found = std::ranges::find(e.tpr_at_fpr, rate, &evaluate::TprAtFpr::false_positive_rate);
      return found == e.tpr_at_fpr.end() ? nullptr : &found->true_positive_rate;
    };
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escape(model.name)) + cell_html("AUC", &e.auc) +
           cell_html("F1", f1 ? &f1->f1 : nullptr) + cell_html("precision", f1 ? &f1->precision : nullptr) +
           cell_html("recall", f1 ? &f1->recall : nullptr) + cell_html("average precision", &e.average_precision) +
           cell_html("TPR at FPR 0.01", tpr(1e-2)) + cell_html("TPR at FPR 0.001", tpr(1e-3)) + "</tr>\n";
  }
  return out +
         "</tbody></table>\n<p class=\"small\">F1, precision and recall at each model's own threshold f1, chosen on its validation side. "
         "Intervals are 95%. table.csv beside this page holds every figure.</p>\n";
}

}  // namespace

std::string summary_html(const ReportInput& input) {
  std::string out = "<p>" + samples_sentence(input) + "</p>\n";
  if (input.models.size() > 1)
    return out + "<p>" + best_model_sentence(input.models) +
           " Whether it is truly better than the others, the paired differences say.</p>\n";
  const ReportModel& model = input.models.front();
  out += "<p>" + ranking_sentences(model) + "</p>\n";
  const std::string survey = survey_sentence(model);
  return survey.empty() ? out : out + "<p>" + survey + "</p>\n";
}

std::string warnings_html(const ReportInput& input) {
  std::vector<std::pair<std::string, std::vector<std::string>>> said;  // what, and of which models
  for (const ReportModel& model : input.models) {
    for (const std::string& warning : model.evaluation.warnings) {
      const auto known = std::ranges::find(said, warning, &std::pair<std::string, std::vector<std::string>>::first);
      if (known == said.end())
        said.push_back({warning, {model.name}});
      else
        known->second.push_back(model.name);
    }
  }
  std::string items;
  for (const auto& [warning, names] : said) {
    const std::string whose = names.size() < input.models.size() ? fmt::format("{}: ", fmt::join(names, ", ")) : std::string{};
    items += "<li>" + escape(whose + warning) + "</li>\n";
  }
  return items.empty() ? std::string{}
                       : "<aside class=\"warnings\">\n<h2>Before you believe a number</h2>\n<ul>\n" + items + "</ul>\n</aside>\n";
}

std::string figures_table_html(const std::vector<ReportModel>& models) {
  return models.size() == 1 ? one_model_table(models.front().evaluation) : many_models_table(models);
}

std::string differences_html(const ReportInput& input) {
  if (input.differences.empty()) return {};
  std::vector<std::string> names;
  for (const ReportModel& model : input.models) names.push_back(model.name);
  // Of many pairs, those with the model that looks best are what a reader asks about.
  const auto best = std::ranges::max_element(input.models, {}, [](const ReportModel& model) { return model.evaluation.auc.value; }) -
                    input.models.begin();
  const auto has_best = [best](const evaluate::PairedDifference& row) {
    return static_cast<std::ptrdiff_t>(row.first) == best || static_cast<std::ptrdiff_t>(row.second) == best;
  };
  std::string sentences, rows;
  for (const evaluate::PairedDifference& row : input.differences) {
    if (row.figure == "auc" && has_best(row)) sentences += "<li>" + escape(evaluate::in_words(row, names)) + "</li>\n";
    const auto p_text = [](double p) { return p < 1e-4 ? "&lt; 0.0001" : amount_text(p, 2); };
    rows += fmt::format(R"(<tr{}><th scope="row">{} minus {}</th><td data-label="figure">{}</td><td data-label="difference">{:+.4f}</td>)",
                        row.adjusted_p_value < .05 ? " class=\"real\"" : "", escape(names.at(row.first)), escape(names.at(row.second)),
                        escape(row.figure), row.difference.value);
    rows += fmt::format(
        R"(<td data-label="95% interval">{:+.4f} to {:+.4f}</td><td data-label="p">{}</td><td data-label="p for all pairs">{}</td></tr>)",
        row.difference.low, row.difference.high, p_text(row.p_value), p_text(row.adjusted_p_value));
  }
  // Five models have forty rows: folded, so that they do not stand before the figures.
  return fmt::format("<ul>\n{}</ul>\n<details{}><summary>All {} differences between two models</summary>\n", sentences,
                     input.differences.size() > 12 ? "" : " open", input.differences.size()) +
         "<table class=\"models\"><thead><tr><th>pair</th><th>figure</th><th>difference</th><th>95% interval</th><th>p</th><th>p "
         "for all pairs</th></tr></thead><tbody>\n" +
         rows +
         "</tbody></table></details>\n<p class=\"small\">All models saw the same samples, so their differences are known better than "
         "each figure alone. p for all pairs allows for how many pairs are compared (Holm); below 0.05 the row is bold.</p>\n";
}

std::string confusers_html(const ReportInput& input) {
  if (!input.selection || input.selection->false_positives.empty()) return {};
  std::string rows;
  for (const evaluate::FalsePositivesOfKind& kind : input.selection->false_positives) {
    rows += fmt::format(R"(<tr><th scope="row">{}</th><td data-label="non-lenses">{}</td><td data-label="false positives">{}</td>)",
                        escape(kind.kind.empty() ? "not named" : kind.kind), count_text(kind.nonlenses), count_text(kind.false_positives));
    rows += fmt::format("<td data-label=\"rate\">{} <span class=\"interval\">{} to {}</span></td></tr>\n", percent_text(kind.rate.value),
                        percent_text(kind.rate.low), percent_text(kind.rate.high));
  }
  return fmt::format(
      "<table class=\"models\"><thead><tr><th>kind</th><th>non-lenses</th><th>false "
      "positives</th><th>rate</th></tr></thead><tbody>\n{}</tbody></table>\n"
      "<p class=\"small\">At threshold {}, the kinds most often mistaken first. Intervals are 95%.</p>\n",
      rows, escape(input.selection->point));
}

std::string targets_html(const std::vector<ReportModel>& models) {
  std::string rows;
  for (const ReportModel& model : models) {
    for (const evaluate::ReachedTarget& target : model.targets) {
      const std::string name = models.size() > 1 ? model.name + ": " + target.point.name : target.point.name;
      rows += fmt::format(R"(<tr><th scope="row">{}</th><td data-label="threshold">{:.4g}</td><td data-label="prevalence">{}</td>)",
                          escape(name), target.point.threshold, one_in_text(target.prevalence));
      rows += fmt::format(
          "<td data-label=\"purity\">{} <span class=\"interval\">{} to {}</span></td><td data-label=\"candidates\">{} <span "
          "class=\"interval\">{} to {}</span></td>",
          percent_text(target.purity.value), percent_text(target.purity.low), percent_text(target.purity.high),
          amount_text(target.candidates.value), amount_text(target.candidates.low), amount_text(target.candidates.high));
      rows += fmt::format("<td data-label=\"recall\">{} <span class=\"interval\">{} to {}</span></td></tr>\n",
                          percent_text(target.recall.value), percent_text(target.recall.low), percent_text(target.recall.high));
    }
  }
  if (rows.empty()) return {};
  return "<h3>Targets</h3>\n<table "
         "class=\"models\"><thead><tr><th>target</th><th>threshold</th><th>prevalence</th><th>purity</th><th>candidates</th><th>recall</"
         "th></tr></thead><tbody>\n" +
         rows +
         "</tbody></table>\n<p class=\"small\">What each threshold promised where it was chosen; candidates are per million objects. "
         "Intervals are 95%.</p>\n";
}

std::string prevalence_table_html(const std::vector<ReportModel>& models) {
  std::string rows;
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const AtThreshold* at : shown_thresholds(models, i)) {
      for (const AtPrevalence& row : models[i].evaluation.at_prevalence) {
        if (row.point != at->point.name) continue;
        const std::string name = models.size() > 1 ? models[i].name + ": " + row.point : row.point;
        rows += fmt::format(
            "<tr><th scope=\"row\">{}</th><td data-label=\"prevalence\">{}</td><td data-label=\"purity\">{} <span class=\"interval\">{} to "
            "{}</span></td><td data-label=\"candidates\">{} <span class=\"interval\">{} to {}</span></td><td "
            "data-label=\"found\">{}</td><td data-label=\"missed\">{}</td></tr>\n",
            escape(name), one_in_text(row.prevalence), percent_text(row.purity.value), percent_text(row.purity.low),
            percent_text(row.purity.high), amount_text(row.candidates.value), amount_text(row.candidates.low),
            amount_text(row.candidates.high), amount_text(row.found.value), amount_text(row.missed.value));
      }
    }
  }
  if (rows.empty()) return {};
  return "<table class=\"models\"><thead><tr><th>threshold</th><th>prevalence</th><th>purity</th><th>candidates</th><th>lenses "
         "found</th><th>missed</th></tr></thead><tbody>\n" +
         rows + "</tbody></table>\n<p class=\"small\">Candidates, found and missed are per million objects. Intervals are 95%.</p>\n";
}

}  // namespace lensfind::report
