#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/dataset/logistic.h"

namespace lensfind::dataset {

/// One number of a shortcut by itself.
struct ShortcutNumber {
  std::string name;                             ///< "noise of band 2", "noise of band 2 / band 1"
  double lens_median = 0, non_lens_median = 0;  ///< not logarithms
  evaluate::Estimate auc;                       ///< of the number as a score: under .5 where lenses have the smaller ones
};

/// How well one shortcut tells the classes apart.
struct ShortcutFinding {
  std::string name, what;
  evaluate::Estimate auc;               ///< cross-validated by group
  std::vector<ShortcutNumber> numbers;  ///< of the noise shortcuts, each by itself

  /// Whether the interval excludes chance, of the model or of one of its numbers (at 95% for all of them together).
  [[nodiscard]] bool tells_classes_apart() const;
};

struct ShortcutReport {
  Split split = Split::all;  ///< what was looked at: the train split where the set has one
  std::int64_t lenses = 0, nonlenses = 0;
  std::vector<ShortcutFinding> findings;  ///< empty where a class has fewer than 4 usable cutouts
};

struct ShortcutOptions {
  std::int64_t max_a_class = 1000;  ///< more are drawn at random from a class that has more
  std::uint64_t seed = 0;
  image::ImageShape wanted;             ///< as LoadOptions
  std::vector<std::string> bands = {};  ///< as LoadOptions
  int threads = 0;
};

/// Tries how well numbers that hold no lensing, or little (dataset/shortcuts.h), tell lenses from non-lenses in a labelled set. What they
/// can, a network learns too, and unlearns in a survey where both classes are alike in it. Unusable cutouts are passed over. Throws Error
/// where there is no set.
ShortcutReport check_shortcuts(const std::filesystem::path& path, const ShortcutOptions& options = {}, Progress& progress = no_progress(),
                               const StopFlag& stop = never_stop());

/// As `check --json` prints it.
Value to_value(const ShortcutReport& report);

/// A table for people, and what it means.
std::string summary(const ShortcutReport& report);

}  // namespace lensfind::dataset
