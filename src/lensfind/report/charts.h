#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/report/chart.h"
#include "lensfind/report/report.h"

/// The report's figures, each from the models' evaluations. nullopt where no model has what a figure shows.
namespace lensfind::report {

/// AUC, and F1, precision and recall at the operating point `f1`, as points with intervals.
Chart comparison_chart(const std::vector<ReportModel>& models);
/// Losses, and validation AUC and average precision, by epoch; the kept epoch is ringed.
std::optional<Chart> history_chart(const std::vector<ReportModel>& models);
/// Counts and rates at each operating point of one model, or at `f1` of several.
std::optional<Chart> confusion_chart(const std::vector<ReportModel>& models);
/// True-positive rate against false-positive rate, the latter logarithmic.
Chart roc_chart(const std::vector<ReportModel>& models);
Chart precision_recall_chart(const std::vector<ReportModel>& models);
/// Histograms of the logit by class.
Chart scores_chart(const std::vector<ReportModel>& models);
/// Observed fraction of lenses against stated probability, both on axes even in log odds.
std::optional<Chart> reliability_chart(const std::vector<ReportModel>& models);
/// Purity and candidates per million objects against prevalence.
std::optional<Chart> prevalence_chart(const std::vector<ReportModel>& models);
std::optional<Chart> completeness_chart(const std::optional<SelectionFunction>& selection);
/// What the finder finds, what people take of it, and both together, over each property of the injected lenses.
std::optional<Chart> whole_way_chart(const std::vector<evaluate::WholeWay>& rows);

/// A truth column's name in words, with its unit: "theta_e_arcsec" is "Einstein radius (arcsec)".
std::string column_words(const std::string& column);

/// The operating point of that name, or nullptr.
const evaluate::AtThreshold* at_threshold(const evaluate::Evaluation& evaluation, std::string_view name);
/// The operating points a chart shows: all of a single model, `f1` of several (or the first, where there is no `f1`).
std::vector<const evaluate::AtThreshold*> shown_thresholds(const std::vector<ReportModel>& models, std::size_t model);

}  // namespace lensfind::report
