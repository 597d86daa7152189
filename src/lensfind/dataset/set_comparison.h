#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/base/value.h"
#include "lensfind/dataset/logistic.h"
#include "lensfind/dataset/sample.h"
#include "lensfind/image/image.h"

namespace lensfind::dataset {

struct ComparisonOptions {
  std::int64_t max_a_class = 1000;      ///< of each class and set; more are drawn at random
  std::int64_t pictures = 12;           ///< so many of each class and set are kept for people to look at
  std::vector<std::string> bands = {};  ///< as LoadOptions
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all cores
};

/// One number of image_numbers() in both sets.
struct NumberInSets {
  std::string name;
  std::vector<double> here, there;           ///< a cutout, as image_numbers() gives them (some are logarithms)
  double here_median = 0, there_median = 0;  ///< not logarithms
  evaluate::Estimate auc;                    ///< of the number as a score for `here`: under .5 where `here` has the smaller ones
};

/// How well a classifier tells the cutouts of one class in the two sets apart.
struct ClassInSets {
  std::optional<Label> label;  ///< none: all cutouts, as one of the sets has no labels
  std::int64_t here = 0, there = 0;
  evaluate::Estimate auc;             ///< cross-validated; .5: it cannot. [0, 1] where there are too few
  std::vector<NumberInSets> numbers;  ///< what tells most stands first
  std::vector<image::Image> here_pictures, there_pictures;

  [[nodiscard]] std::string name() const;  ///< "lenses", "non-lenses", "cutouts"
};

struct SetComparison {
  std::vector<ClassInSets> classes;
  std::vector<std::string> bands;  ///< empty: not known
  std::vector<std::string> notes;  ///< what a reader must know of units and sizes
};

/// Compares a set, of simulated cutouts say, with another of genuine ones: ridge-logistic models (ridge 10) of image_numbers() and their
/// squares try to tell them apart, class by class where both have labels. Both are cut at their centres to the smaller side. Where the zero
/// points of both are known, `there` is brought to the unit of `here`. Where a set has a train split, that is looked at. Unusable cutouts
/// are passed over. Throws Error where a set is not there, their bands differ in number, or nothing can be compared; Stopped.
SetComparison compare_sets(const std::filesystem::path& here, const std::filesystem::path& there, const ComparisonOptions& options = {},
                           Progress& progress = no_progress(), const StopFlag& stop = never_stop());

/// As `check --json` prints it, the 20 numbers that tell most of each class.
Value to_value(const SetComparison& comparison);

/// A table for people, the `most` numbers that tell most, and what it means.
std::string summary(const SetComparison& comparison, std::size_t most = 8);

}  // namespace lensfind::dataset
