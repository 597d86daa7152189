#include "lensfind/evaluate/held_out_choice.h"

#include <algorithm>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/evaluate/curves.h"

namespace lensfind::evaluate {
namespace {

/// The samples outside of a fold; fold -1 leaves none out.
struct Others {
  std::vector<std::size_t> rows;
  std::vector<Label> labels;

  Others(std::span<const Label> all, std::span<const int> folds, int fold) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (folds[i] == fold || folds[i] < 0) continue;
      rows.push_back(i);
      labels.push_back(all[i]);
    }
  }
  [[nodiscard]] std::vector<double> of(const std::vector<double>& logits) const {
    std::vector<double> values;
    for (const std::size_t i : rows) values.push_back(logits[i]);
    return values;
  }
};

std::size_t best_on(const Others& others, const std::vector<std::vector<double>>& logits) {
  std::size_t best = 0;
  double best_auc = -1;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    const double value = auc(others.of(logits[c]), others.labels);
    if (!(value > best_auc + 1e-12)) continue;
    best_auc = value;
    best = c;
  }
  return best;
}

Calibration calibration_on(const Others& others, const std::vector<double>& logits) {
  Scores rows;
  const std::vector<double> values = others.of(logits);
  for (std::size_t i = 0; i < values.size(); ++i) rows.push_back({.label = others.labels[i], .logit = values[i]});
  return fit_model_calibration(rows, "the other folds").value_or(Calibration{});
}

void check(const std::vector<std::vector<double>>& logits, std::span<const Label> labels, std::span<const int> folds) {
  const bool fit = std::ranges::all_of(logits, [&](const auto& of) { return of.size() == labels.size(); });
  if (logits.empty() || !fit || labels.size() != folds.size())
    throw Error{"candidates, labels and folds are not of the same samples", "this is a fault of lensfind; please report it"};
}

}  // namespace

HeldOutChoice choose_held_out(const std::vector<std::vector<double>>& logits, std::span<const Label> labels, std::span<const int> folds) {
  check(logits, labels, folds);
  HeldOutChoice out{.chosen = best_on(Others{labels, folds, -1}, logits), .chosen_without = {}, .logits = logits.front()};
  const int count = folds.empty() ? 0 : *std::ranges::max_element(folds) + 1;
  for (int fold = 0; fold < count; ++fold) out.chosen_without.push_back(best_on(Others{labels, folds, fold}, logits));
  const bool of_one = std::ranges::all_of(out.chosen_without, [&](std::size_t c) { return c == out.chosen; });
  for (int fold = 0; fold < count; ++fold) {
    const std::vector<double>& chosen = logits[out.chosen_without[static_cast<std::size_t>(fold)]];
    const Calibration scale = of_one ? Calibration{} : calibration_on(Others{labels, folds, fold}, chosen);
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (folds[i] == fold) out.logits[i] = scale.log_likelihood_ratio(chosen[i]);
  }
  return out;
}

}  // namespace lensfind::evaluate
