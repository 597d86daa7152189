#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/held_out_choice.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::array numbers_of_epochs{1, 2, 3, 4, 6, 8, 11, 15, 20, 25, 30, 40, 60, 100, 200, 400, 1000};
constexpr double cutouts_at_most = 12'000;  // that a training shows: many labels need fewer epochs

/// A way to train; cross-validation finds how many epochs are best for each.
struct Way {
  double rate = 0;
  bool frozen_norms = true;

  [[nodiscard]] std::string text() const {
    return fmt::format("rate {:g}, batch norms {}", rate, frozen_norms ? "as they were" : "trained on");
  }
};

struct Candidate {
  Way way;
  int epochs = 0;
};

train::Recipe recipe_of(const AdaptBench& bench, const Way& way, int epochs) {
  train::Recipe recipe = further_recipe(bench, way.rate, epochs);
  if (way.frozen_norms) recipe.freeze = batch_norms_of(bench.model.graph);
  recipe.imbalance = {train::Imbalance::sampler};
  recipe.lens_fraction = .5;
  recipe.label_smoothing = .05;
  return recipe;
}

/// The mildest first.
std::vector<Way> ways_of(const AdaptOptions& options) {
  std::vector<double> rates = options.rates;
  std::ranges::sort(rates);
  std::vector<Way> ways;
  for (const double rate : rates)
    for (const bool frozen : {true, false}) ways.push_back({rate, frozen});
  return ways;
}

int most_epochs(const AdaptBench& bench) {
  const double labels = static_cast<double>(bench.images.labelled.size());
  return std::clamp(static_cast<int>(cutouts_at_most / labels), std::min(3, bench.options.epochs), bench.options.epochs);
}

train::FineTuned train_on(const AdaptBench& bench, const network::Weights& from, const Way& way, int epochs,
                          const std::vector<std::int64_t>& on, const std::vector<std::int64_t>& judged) {
  const train::FineTuneTask task{.recipe = recipe_of(bench, way, epochs),
                                 .train = {bench.images.data, on},
                                 .targets = bench.images.targets,
                                 .judged = {bench.images.data, judged},
                                 .views = bench.views(),
                                 .device = bench.options.device,
                                 .threads = bench.options.threads};
  return train_library().fine_tune(bench.network(from), task, bench.progress, bench.stop);
}

/// Logits of the labelled images by the models of the other folds, after each epoch.
std::vector<std::vector<double>> cross_validate(const AdaptBench& bench, const Adapted& before, const Way& way, int epochs) {
  std::vector<std::vector<double>> logits(static_cast<std::size_t>(epochs), std::vector<double>(bench.folds.size()));
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    const train::FineTuned trained = train_on(bench, before.without(fold), way, epochs, bench.outside_fold(fold), bench.in_fold(fold));
    for (std::size_t epoch = 0; epoch < trained.logits.size(); ++epoch) {
      std::size_t next = 0;
      for (std::size_t i = 0; i < bench.folds.size(); ++i)
        if (bench.folds[i] == fold) logits[epoch][i] = trained.logits[epoch][next++];
    }
  }
  return logits;
}

/// How many cutouts an epoch on `samples` shows: half of them lenses, until every one was shown.
std::int64_t shown_by(const AdaptBench& bench, const std::vector<std::int64_t>& samples) {
  const auto lenses = std::ranges::count_if(
      samples, [&](std::int64_t i) { return bench.images.data.samples[static_cast<std::size_t>(i)].label == Label::lens; });
  return 2 * std::max<std::int64_t>(lenses, static_cast<std::int64_t>(samples.size()) - lenses);
}

/// Every candidate with its cross-validated AUC.
Value table_of(const std::vector<Candidate>& candidates, const std::vector<std::vector<double>>& logits, const AdaptBench& bench) {
  Value rows{Value::Array{}};
  const std::vector<Label> labels = bench.images.labels();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    rows.push_back(empty_object()
                       .set("rate", candidates[i].way.rate)
                       .set("batch_norms_frozen", candidates[i].way.frozen_norms)
                       .set("epochs", candidates[i].epochs)
                       .set("auc", evaluate::auc(logits[i], labels)));
  }
  return rows;
}

}  // namespace

Tried adapt_to_labels(const AdaptBench& bench, const Adapted& before) {
  if (!bench.judges()) return not_possible("there are no labels");
  const int epochs = most_epochs(bench);
  const std::vector<Way> ways = ways_of(bench.options);
  std::vector<Candidate> candidates;
  std::vector<std::vector<double>> logits;
  std::int64_t images = 0;
  for (int fold = 0; fold < bench.fold_count; ++fold) images += shown_by(bench, bench.outside_fold(fold));
  bench.progress.start("labels: cross-validation", images * epochs * static_cast<std::int64_t>(ways.size()), "images");
  for (const Way& way : ways) {
    std::vector<std::vector<double>> of_epochs = cross_validate(bench, before, way, epochs);
    for (const int number : numbers_of_epochs) {
      if (number > epochs) break;
      candidates.push_back({way, number});
      logits.push_back(std::move(of_epochs[static_cast<std::size_t>(number - 1)]));
    }
  }
  bench.progress.finish();
  const std::vector<Label> labels = bench.images.labels();
  const evaluate::HeldOutChoice choice = evaluate::choose_held_out(logits, labels, bench.folds);
  const Candidate& chosen = candidates[choice.chosen];

  Tried tried;
  tried.note = fmt::format("{}, {} epochs", chosen.way.text(), chosen.epochs);
  tried.settings.set("rate", chosen.way.rate)
      .set("batch_norms_frozen", chosen.way.frozen_norms)
      .set("epochs", chosen.epochs)
      .set("tried", table_of(candidates, logits, bench));
  tried.after.held_out = choice.logits;
  tried.after.raw = logits[choice.chosen];
  bench.progress.start("labels: final training", (images + shown_by(bench, bench.all_labelled())) * chosen.epochs, "images");
  tried.after.weights = train_on(bench, before.weights, chosen.way, chosen.epochs, bench.all_labelled(), {}).weights;
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    tried.after.of_fold.push_back(train_on(bench, before.without(fold), chosen.way, chosen.epochs, bench.outside_fold(fold), {}).weights);
  }
  bench.progress.finish();
  return tried;
}

}  // namespace lensfind::workflows
