#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "lensfind/score/about.h"

namespace lensfind::score {

/// Gives probabilities of finished scores for another fraction of lenses than the table's.
class Repricing {
 public:
  /// By a model folder's calibration where `model` names one, else by what the table says of itself. `asked`: the fraction of lenses
  /// wanted, in (0, 1); none: the table's own, or with a model that which it states for surveys. Throws Error where a fraction is asked for
  /// and neither says how logits become probabilities.
  Repricing(const std::optional<About>& table, const std::filesystem::path& model, std::optional<double> asked);

  /// The fraction of lenses that probabilities are for; none: they are the table's own, for a fraction that is not known.
  [[nodiscard]] std::optional<double> prevalence() const { return prevalence_; }
  /// Of a row with this logit and the table's own probability (NaN: it has none). What a cascade's student cut off has a logit that its
  /// calibration does not speak of (`by_odds`): its own probability is brought from fraction to fraction. NaN where none can be given.
  [[nodiscard]] double probability(double logit, double own, bool by_odds) const;
  /// The model's operating point of a name; throws Error that names those there are.
  [[nodiscard]] double threshold(const std::string& name) const;
  [[nodiscard]] const std::optional<evaluate::Calibration>& calibration() const { return calibration_; }
  [[nodiscard]] const std::vector<evaluate::OperatingPoint>& thresholds() const { return thresholds_; }

 private:
  std::optional<evaluate::Calibration> calibration_;
  std::vector<evaluate::OperatingPoint> thresholds_;
  std::optional<double> before_, prevalence_;
};

}  // namespace lensfind::score
