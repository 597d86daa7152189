#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "lensfind/score/about.h"

namespace lensfind::score {

/// Gives probabilities of finished scores for another fraction of lenses than the table's.
class Repricing {
 public:
  /// Uses a model folder's calibration where `model` names one, else what the table says of itself. `asked` is the fraction of lenses
  /// wanted, in (0, 1). Without it, it is the table's own, or with a model the one that the model states for surveys. Throws Error where a
  /// fraction is asked for and neither says how logits become probabilities.
  Repricing(const std::optional<About>& table, const std::filesystem::path& model, std::optional<double> asked);

  /// The fraction of lenses that probabilities are for. None: they are the table's own, for a fraction that is not known.
  [[nodiscard]] std::optional<double> prevalence() const { return prevalence_; }
  /// The probability of a row with this logit and the table's own probability (NaN: it has none). `by_odds`: a cascade's student cut the
  /// row off, and its logit means nothing to the calibration; its own probability is then brought from one fraction to the other. NaN where
  /// none can be given.
  [[nodiscard]] double probability(double logit, double own, bool by_odds) const;
  /// The model's operating point of this name. Throws Error that names those there are.
  [[nodiscard]] double threshold(const std::string& name) const;
  [[nodiscard]] const std::optional<evaluate::Calibration>& calibration() const { return calibration_; }
  [[nodiscard]] const std::vector<evaluate::OperatingPoint>& thresholds() const { return thresholds_; }

 private:
  std::optional<evaluate::Calibration> calibration_;
  std::vector<evaluate::OperatingPoint> thresholds_;
  std::optional<double> before_, prevalence_;
};

}  // namespace lensfind::score
