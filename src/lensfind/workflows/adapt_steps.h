#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/base/value.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/image/symmetry.h"
#include "lensfind/model/model.h"
#include "lensfind/network/weights.h"
#include "lensfind/train/fine_tune.h"
#include "lensfind/workflows/adapt.h"
#include "lensfind/workflows/adapt_images.h"

namespace lensfind::workflows {

/// What all steps work with.
struct AdaptBench {
  const AdaptOptions& options;
  model::Model model;  ///< as given: network, preprocessing, bands; its weights are where adaptation begins
  OwnImages images;
  std::vector<int> folds;  ///< of each of images.labelled; empty: there are no labels
  int fold_count = 0;
  std::filesystem::path work;  ///< a folder for files of a step
  Progress& progress;
  const StopFlag& stop;

  [[nodiscard]] bool judges() const { return !folds.empty(); }
  /// The model's network with other weights.
  [[nodiscard]] train::TrainedNetwork network(const network::Weights& weights) const { return {model.graph, model.preprocessing, weights}; }
  /// Of images.labelled those in a fold.
  [[nodiscard]] std::vector<std::int64_t> in_fold(int fold) const;
  /// All images with a label outside of a fold, images.learnt too; of fold -1 all there are.
  [[nodiscard]] std::vector<std::int64_t> outside_fold(int fold) const;
  [[nodiscard]] std::vector<std::int64_t> all_labelled() const { return outside_fold(-1); }
  /// The labelled images' scores with these logits, in their order.
  [[nodiscard]] evaluate::Scores scores(const std::vector<double>& logits) const;
  /// Over how many symmetries of the square what is judged is averaged: as the adapted model scores.
  [[nodiscard]] int views() const { return options.average_symmetries || model.average_symmetries ? image::d4_elements : 1; }
  /// Logits of some images, so averaged.
  [[nodiscard]] std::vector<double> logits(const network::Weights& weights, const std::vector<std::int64_t>& samples) const;
  /// Of labelled images, where `weights` saw none of them.
  [[nodiscard]] std::vector<double> judge(const network::Weights& weights) const { return logits(weights, images.labelled); }
};

/// A model on its way.
struct Adapted {
  network::Weights weights;
  /// For each fold the weights that saw none of its images; empty: `weights` saw no labelled image.
  std::vector<network::Weights> of_fold;
  std::vector<double> held_out;  ///< logits of images.labelled by weights that never saw them, as they are judged
  std::vector<double> raw;       ///< the same as the network gives them: what the model is calibrated on

  [[nodiscard]] const network::Weights& without(int fold) const {
    return of_fold.empty() ? weights : of_fold[static_cast<std::size_t>(fold)];
  }
};

/// What a step made, before it is judged.
struct Tried {
  Adapted after;
  std::string note;  ///< what was chosen
  Value settings = empty_object();
  std::string impossible;  ///< why there is nothing; empty: there is
};
inline Tried not_possible(std::string why) { return {.after = {}, .note = {}, .impossible = std::move(why)}; }

/// How a network is trained further: few cutouts, a low rate, an average of the weights, no schedule, so that the number of epochs is free.
train::Recipe further_recipe(const AdaptBench& bench, double rate, int epochs);
/// The names of a network's batch norms: a recipe that freezes these leaves their statistics as they are, which few cutouts would spoil.
std::vector<std::string> batch_norms_of(const network::Graph& graph);

/// The training cutouts of a labelled set in the model's bands and size, and in its flux unit where both units are known.
dataset::Dataset load_training_set(const AdaptBench& bench, const std::filesystem::path& set);

Tried adapt_to_survey(const AdaptBench& bench, const Adapted& before);
Tried adapt_to_hosts(const AdaptBench& bench, const Adapted& before);
Tried adapt_by_consistency(const AdaptBench& bench, const Adapted& before);
Tried adapt_statistics(const AdaptBench& bench, const Adapted& before);
Tried adapt_jointly(const AdaptBench& bench, const Adapted& before);
Tried adapt_head(const AdaptBench& bench, const Adapted& before);
Tried adapt_to_labels(const AdaptBench& bench, const Adapted& before);
Tried adapt_to_mined(const AdaptBench& bench, const Adapted& before);

}  // namespace lensfind::workflows
