#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "lensfind/inspect/grade.h"
#include "lensfind/inspect/scheme.h"

namespace lensfind::inspect {

/// Who gave which value to what, as a table of graders and objects.
struct Ballots {
  std::vector<std::string> graders, objects;
  std::vector<double> values;  ///< (graders, objects) row-major; NaN where the grader did not grade the object

  [[nodiscard]] double at(std::size_t grader, std::size_t object) const { return values[grader * objects.size() + object]; }
  /// Values given to an object, in the graders' order.
  [[nodiscard]] std::vector<double> of_object(std::size_t object) const;
};

/// The grades that hold, of one scheme and of first showings, as values. Grades that the scheme does not know are left out. Graders and
/// objects keep the order in which they first appear. `objects` come first where given, also those without a grade.
Ballots ballots_of(std::span<const Grade> standing, const Scheme& scheme, std::span<const std::string> objects = {});

/// How much a difference between values counts in agreement.
enum class Measurement { nominal, ordinal, interval };

/// Krippendorff's alpha (2011, "Computing Krippendorff's alpha-reliability"): 1 - observed / expected disagreement, with missing values. 1
/// is full agreement, 0 as by chance. Objects with fewer than two values say nothing. NaN where no two values differ.
double krippendorff_alpha(const Ballots& ballots, Measurement measurement);

/// Cohen's kappa (1960) of two graders on the objects that both graded. With `quadratic` each disagreement weighs the square of the steps
/// between the two values' places among all values given (Cohen 1968). NaN where they have no object in common or chance alone agrees
/// fully.
double cohen_kappa(const Ballots& ballots, std::size_t first, std::size_t second, bool quadratic = false);

/// Fleiss' kappa (1971) over the objects with two or more grades. Their numbers may differ. NaN where chance alone agrees fully.
double fleiss_kappa(const Ballots& ballots);

}  // namespace lensfind::inspect
