#pragma once

#include <map>
#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::coverage {

/// Scores of non-lenses are N(0, 1), of lenses N(separation, std_dev); `step` > 0 rounds both; copies of one object share 70% of their
/// variance.
struct Law {
  std::string name;
  double separation = 2, std_dev = 1, step = 0;
  int copies = 1;
  double stretch = 1, shift = 0;  ///< reported log odds = stretch x true log odds + shift
  std::int64_t lenses = 50, nonlenses = 1000;
};

/// What is tried: 5 to 200 lenses, 10^3 to 10^5 non-lenses.
std::vector<Law> laws();

/// A cell of the score axis, from the highest: its score, and the fractions of lenses and non-lenses in it and in all cells so far.
struct Cell {
  double score, lenses, nonlenses, lenses_so_far, nonlenses_so_far;
};
std::vector<Cell> cells_of(const Law& law);

/// Figures of an infinite sample with the law's numbers of lenses and non-lenses, by name.
using Truth = std::map<std::string, double>;
Truth ranking_truth(const Law& law, const std::vector<Cell>& cells);
Truth calibration_truth(const Law& law, const std::vector<Cell>& cells);

/// True rates of a threshold.
struct TrueRates {
  double true_positive = 0, false_positive = 0;
};
TrueRates rates_of(const std::vector<Cell>& cells, double threshold);
double threshold_at(const std::vector<Cell>& cells, double false_positive_rate);

/// A score file of the law; the same for the same number.
evaluate::Scores draw_scores(const Law& law, std::uint64_t simulation);

/// Two finders of separations 2 and `second` that see the same objects and share 80% of their scores' variance.
std::vector<evaluate::Scores> draw_pair(const Law& law, double second, std::uint64_t simulation);

}  // namespace lensfind::coverage
