#pragma once

#include <string>

#include "lensfind/report/report.h"

/// The report's opening: what the figures say, in words and in tables. All return HTML.
namespace lensfind::report {

/// A few sentences: the samples, the headline figures with intervals, what they mean at survey prevalence.
std::string summary_html(const ReportInput& input);

/// What a reader must know before believing a number; empty where there is nothing.
std::string warnings_html(const ReportInput& input);

/// All figures with their intervals: for one model a line a figure, for several a line a model.
std::string figures_table_html(const std::vector<ReportModel>& models);

/// Paired differences of the models; empty for one model.
std::string differences_html(const ReportInput& input);

/// False positives by what the objects truly are; empty where no truth names it.
std::string confusers_html(const ReportInput& input);

/// What thresholds chosen for a target promise; empty where there was no target.
std::string targets_html(const std::vector<ReportModel>& models);

/// Purity, candidates, found and missed by prevalence, for each operating point.
std::string prevalence_table_html(const std::vector<ReportModel>& models);

}  // namespace lensfind::report
