#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "lensfind/evaluate/curves.h"
#include "lensfind/evaluate/held_out_choice.h"
#include "lensfind/workflows/adapt_head.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

constexpr std::array numbers_of_epochs{1, 2, 3, 4, 6, 8, 11, 15, 20, 25, 30, 40, 60, 100, 200, 400, 1000};
constexpr double cutouts_at_most = 12'000;  // that a training shows: many labels need fewer epochs

/// A way to train; cross-validation finds how many epochs are best for each.
struct Way {
  double ridge = 0;  ///< > 0: the last layer is fitted anew by this penalty first
  double rate = 0;   ///< 0: and that is all
  bool frozen_norms = true;

  [[nodiscard]] std::string text(int epochs) const {
    const std::string head = ridge > 0 ? fmt::format("last layer fitted anew, ridge {:g}", ridge) : "";
    if (rate == 0) return head;
    return fmt::format("{}{}rate {:g}, batch norms {}, {} epochs", head, head.empty() ? "" : "; ", rate,
                       frozen_norms ? "as they were" : "trained on", epochs);
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
std::vector<Way> ways_of(const AdaptBench& bench) {
  std::vector<double> rates = bench.options.rates;
  std::ranges::sort(rates);
  std::vector<double> ridges = bench.options.ridges;
  std::ranges::sort(ridges, std::greater{});
  std::vector<Way> ways;
  if (HeadFit::is_possible(bench.model.graph))
    for (const double ridge : ridges)
      if (ridge > 0) ways.push_back({.ridge = ridge});
  for (const double rate : rates)
    for (const bool frozen : {true, false}) ways.push_back({.rate = rate, .frozen_norms = frozen});
  return ways;
}

/// The last layer's fits to the labels, from the weights that a fold begins with: all folds' where they begin alike.
class HeadFits {
 public:
  HeadFits(const AdaptBench& bench, const Adapted& before) {
    if (!HeadFit::is_possible(bench.model.graph)) return;
    of_all_ = std::make_unique<HeadFit>(bench, before.weights);
    for (const network::Weights& weights : before.of_fold) of_fold_.push_back(std::make_unique<HeadFit>(bench, weights));
  }
  [[nodiscard]] const HeadFit& without(int fold) const {
    return of_fold_.empty() || fold < 0 ? *of_all_ : *of_fold_[static_cast<std::size_t>(fold)];
  }

 private:
  std::unique_ptr<HeadFit> of_all_;
  std::vector<std::unique_ptr<HeadFit>> of_fold_;
};

int most_epochs(const AdaptBench& bench) {
  const double labels = static_cast<double>(bench.images.labelled.size());
  return std::clamp(static_cast<int>(cutouts_at_most / labels), std::min(3, bench.options.epochs), bench.options.epochs);
}

/// A network that began with what saw nothing of `fold` (-1: of all), trained on all labels outside of it.
train::FineTuned train_without(const AdaptBench& bench, const Adapted& before, const HeadFits& heads, const Way& way, int epochs, int fold,
                               const std::vector<std::int64_t>& judged) {
  const std::vector<std::int64_t> on = bench.outside_fold(fold);
  network::Weights from = fold < 0 ? before.weights : before.without(fold);
  if (way.ridge > 0) from = heads.without(fold).fitted(on, way.ridge);
  if (way.rate == 0) {
    train::FineTuned fitted{.weights = std::move(from), .logits = {}};
    if (!judged.empty()) fitted.logits.push_back(bench.logits(fitted.weights, judged));
    return fitted;
  }
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
std::vector<std::vector<double>> cross_validate(const AdaptBench& bench, const Adapted& before, const HeadFits& heads, const Way& way,
                                                int epochs) {
  std::vector<std::vector<double>> logits(static_cast<std::size_t>(epochs), std::vector<double>(bench.folds.size()));
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    const train::FineTuned trained = train_without(bench, before, heads, way, epochs, fold, bench.in_fold(fold));
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
                       .set("ridge", candidates[i].way.ridge)
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
  const std::vector<Way> ways = ways_of(bench);
  const HeadFits heads{bench, before};
  std::vector<Candidate> candidates;
  std::vector<std::vector<double>> logits;
  std::int64_t images = 0;
  for (int fold = 0; fold < bench.fold_count; ++fold) images += shown_by(bench, bench.outside_fold(fold));
  const auto trainings = std::ranges::count_if(ways, [](const Way& way) { return way.rate > 0; });
  bench.progress.start("labels: cross-validation", images * epochs * trainings, "images");
  for (const Way& way : ways) {
    const int most = way.rate > 0 ? epochs : 1;
    std::vector<std::vector<double>> of_epochs = cross_validate(bench, before, heads, way, most);
    for (const int number : numbers_of_epochs) {
      if (number > most) break;
      candidates.push_back({way, way.rate > 0 ? number : 0});
      logits.push_back(std::move(of_epochs[static_cast<std::size_t>(number - 1)]));
    }
  }
  bench.progress.finish();
  const std::vector<Label> labels = bench.images.labels();
  const evaluate::HeldOutChoice choice = evaluate::choose_held_out(logits, labels, bench.folds);
  const Candidate& chosen = candidates[choice.chosen];

  Tried tried;
  tried.note = chosen.way.text(chosen.epochs);
  tried.settings.set("ridge", chosen.way.ridge)
      .set("rate", chosen.way.rate)
      .set("batch_norms_frozen", chosen.way.frozen_norms)
      .set("epochs", chosen.epochs)
      .set("tried", table_of(candidates, logits, bench));
  tried.after.held_out = choice.logits;
  tried.after.raw = logits[choice.chosen];
  bench.progress.start("labels: final training", (images + shown_by(bench, bench.all_labelled())) * chosen.epochs, "images");
  for (int fold = -1; fold < bench.fold_count; ++fold) {
    network::Weights trained = train_without(bench, before, heads, chosen.way, chosen.epochs, fold, {}).weights;
    if (fold < 0)
      tried.after.weights = std::move(trained);
    else
      tried.after.of_fold.push_back(std::move(trained));
  }
  bench.progress.finish();
  return tried;
}

}  // namespace lensfind::workflows
