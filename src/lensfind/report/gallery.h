#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/evaluate/scores.h"
#include "lensfind/report/report.h"

namespace lensfind::report {

/// What a look at pictures teaches most: rows of a score table, pointing into it.
struct Gallery {
  std::vector<const evaluate::Score*> best;    ///< lenses with the highest logits, highest first
  std::vector<const evaluate::Score*> missed;  ///< lenses with the lowest logits, lowest first; below the threshold where there is one
  std::vector<const evaluate::Score*> false_positives;  ///< non-lenses with the highest logits, highest first
};

/// At most `most` of each; equal logits in the order of the table.
Gallery choose_gallery(const evaluate::Scores& scores, std::optional<double> threshold, std::size_t max);

/// The galleries of one model as sections of the page, at most `most` cutouts in each; empty where no cutout of them can be had.
std::string gallery_html(const ReportModel& model, const CutoutSource& cutouts, std::size_t max);

}  // namespace lensfind::report
