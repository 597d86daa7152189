#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/dataset/dataset.h"

namespace lensfind::dataset {

/// Cutouts with the same pixels.
struct Copies {
  std::vector<std::string> ids;  ///< two or more
  bool turned = false;           ///< equal only after a flip or quarter turn of one of them
  bool in_both_splits = false;   ///< some in the training split and some in the test split
  bool labels_differ = false;    ///< lens and non-lens
};

/// What is wrong with a set before anything is learned from it.
struct CheckReport {
  std::filesystem::path root;
  image::ImageShape shape;
  std::int64_t cutouts = 0;  ///< all that were found, lenses + nonlenses + unlabelled
  std::int64_t lenses = 0, nonlenses = 0, unlabelled = 0;
  std::vector<Rejected> unreadable;  ///< and those too small or of other bands
  std::vector<Rejected> not_finite;
  std::vector<Rejected> constant;
  std::vector<Rejected> broken;
  std::vector<Copies> copies;
  std::vector<std::string> objects_in_both_splits;  ///< groups (truth.csv, or the CSV's) with samples in both splits
  std::vector<std::string> notes;

  /// Whether nothing was found that spoils training or evaluation.
  [[nodiscard]] bool clean() const;
};

/// Reads the whole set (load_dataset's layouts, all splits) once. Looks for bad pixels, copies (exact and, for square cutouts, flipped or
/// turned by quarters) and objects that stand in both splits. Throws Error where there is no set.
CheckReport check_dataset(const std::filesystem::path& path, const LoadOptions& options = {}, Progress& progress = no_progress(),
                          const StopFlag& stop = never_stop());

/// The report as `check --json` prints it: counts, and for each kind the inputs with their reasons.
Value to_value(const CheckReport& report);

/// The report for people: a line a finding, each with a count and the first few names.
std::string summary(const CheckReport& report);

}  // namespace lensfind::dataset
