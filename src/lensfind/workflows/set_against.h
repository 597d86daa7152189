#pragma once

#include <filesystem>

#include "lensfind/dataset/set_comparison.h"

namespace lensfind::workflows {

struct AgainstOptions {
  std::filesystem::path data;     ///< a set, of simulated cutouts say
  std::filesystem::path against;  ///< what it is compared with: genuine ones
  std::filesystem::path out;      ///< a folder for figures and tables; empty: none is made
  bool overwrite = false;
  dataset::ComparisonOptions comparison;
};

/// dataset::compare_sets(), and where a folder is named there against.json (all of it), numbers.csv
/// (class,number,median,other_median,auc,low,high), cutouts.png (for each class a row of DATA and below it one of AGAINST, drawn alike) and
/// numbers.{svg,png,pdf,csv}: histograms of the six numbers that tell most. Throws Error as compare_sets(), and as the figures' gnuplot;
/// Stopped.
dataset::SetComparison set_against(const AgainstOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::workflows
