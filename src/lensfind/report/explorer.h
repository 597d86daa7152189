#pragma once

#include <string>
#include <vector>

#include "lensfind/report/report.h"

namespace lensfind::report {

/// What a threshold does: a row of the table on which the page's sliders work.
struct ThresholdRow {
  double threshold = 0;
  std::int64_t true_positives = 0, false_positives = 0;
  evaluate::EffectiveWeight effective_weight;
};

/// Rows from the lowest threshold to the highest, as a slider goes, thinned to those that differ visibly. Every operating point is among
/// them.
std::vector<ThresholdRow> threshold_rows(const evaluate::Evaluation& evaluation);

/// The section with sliders for threshold and prevalence. Its numbers come along as JSON; the arithmetic is in page.js.
std::string explorer_html(const std::vector<ReportModel>& models);

}  // namespace lensfind::report
