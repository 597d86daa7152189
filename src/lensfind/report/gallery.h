#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/evaluate/scores.h"
#include "lensfind/report/report.h"

namespace lensfind::report {

/// The rows of a score table whose pictures teach most. They point into the table.
struct Gallery {
  std::vector<const evaluate::Score*> best;    ///< lenses with the highest logits, highest first
  std::vector<const evaluate::Score*> missed;  ///< lenses with the lowest logits, lowest first; below the threshold where there is one
  std::vector<const evaluate::Score*> false_positives;  ///< non-lenses with the highest logits, highest first
};

/// At most `max` of each. Equal logits keep the order of the table.
Gallery choose_gallery(const evaluate::Scores& scores, std::optional<double> threshold, std::size_t max);

/// The galleries of one model as sections of the page, at most `max` cutouts in each. Empty where no cutout of them is available.
std::string gallery_html(const ReportModel& model, const CutoutSource& cutouts, std::size_t max);

}  // namespace lensfind::report
