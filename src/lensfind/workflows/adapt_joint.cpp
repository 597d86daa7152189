#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

constexpr double joint_rate = 3e-4;
constexpr int joint_epochs = 2;
constexpr double real_share = .5;  // of the cutouts that an epoch shows, where there are labels enough
constexpr int most_copies = 50;    // of a labelled image in an epoch

/// How the cutouts that trained a model were simulated, as train keeps it; an adapted model's is that of the model it was made from.
/// Null: nobody knows.
const Value* simulation_of(const Value& provenance) {
  const Value* at = &provenance;
  while (at && at->is_object()) {
    const Value* data = at->find("data");
    if (const Value* found = data && data->is_object() ? data->find("simulation") : nullptr) return found;
    at = at->find("adapted_from");
  }
  return nullptr;
}

/// Whether sources were painted on real cutouts, which the settings alone do not give back.
bool is_painted(const Value& simulation) {
  const Value* folder = simulation.find("paint");
  return folder && folder->is_string() && !folder->as_string().empty();
}

/// The seed of this adaptation, or another where that made the set that trained the model: its cutouts are not to come again.
std::uint64_t seed_of_others(std::uint64_t seed, const Value& simulation) {
  const Value* trained = simulation.find("seed");
  const bool same = trained && trained->is_string() && trained->as_string() == std::to_string(seed);
  return same ? seed ^ 0x9e3779b97f4a7c15ULL : seed;
}

/// Others of the kind that trained the model: its survey, law and scaling, with other random numbers. Throws Error where these cannot be
/// read, as those of another version.
fs::path simulate_again(const AdaptBench& bench, const Value& simulation) {
  const fs::path set = bench.work / "replay", file = bench.work / "replay.toml";
  fs::remove_all(set);
  write_file(file, to_toml(simulation.at("survey")));
  const std::optional<simulate::Scaling> scaling = find_named<simulate::Scaling>(simulation.at("scaling").as_string());
  if (!scaling)
    throw Error{fmt::format("the model names a scaling `{}`, which is not known", simulation.at("scaling").as_string()),
                "give --replay SET"};
  const std::int64_t lenses = bench.options.simulated / 3;
  simulate::simulate_set({.out = set,
                          .survey = simulate::find_survey(file.string(), {}),
                          .lenses = lenses,
                          .nonlenses = bench.options.simulated - lenses,
                          .size = bench.model.graph.size,
                          .scaling = *scaling,
                          .format = simulate::Format::stack,
                          .seed = seed_of_others(bench.options.seed, simulation),
                          .threads = bench.options.threads},
                         bench.progress, bench.stop);
  return set;
}

/// The user's images and behind them the set's, with what is to be learnt of each.
struct Joined {
  dataset::Dataset data;
  std::vector<float> targets;
  std::vector<std::int64_t> replayed;  ///< places of the set's cutouts that are trained on
  std::int64_t left_out = 0;           ///< which are copies of the user's images, also flipped or turned: they would tell the answer
};

Joined joined_with(const AdaptBench& bench, const fs::path& set) {
  dataset::Dataset more = load_training_set(bench, set);
  Joined joined{.data = bench.images.data, .targets = bench.images.targets, .replayed = {}};
  const std::set<Hash128> own{bench.images.data.any_rotation.begin(), bench.images.data.any_rotation.end()};
  const auto bands = static_cast<std::size_t>(joined.data.shape.bands);
  constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
  joined.data.seeing.resize(joined.data.samples.size() * bands, unknown);
  more.seeing.resize(more.samples.size() * bands, unknown);
  joined.data.seeing.insert(joined.data.seeing.end(), more.seeing.begin(), more.seeing.end());
  for (std::size_t i = 0; i < more.samples.size(); ++i) {
    const dataset::Sample& sample = more.samples[i];
    if (sample.label == Label::unknown) throw Error{fmt::format("{}: {} has no label", set.string(), sample.id), "give a training set"};
    if (own.contains(more.any_rotation[i]))
      ++joined.left_out;
    else
      joined.replayed.push_back(joined.data.size());
    joined.data.samples.push_back(sample);
    joined.targets.push_back(sample.label == Label::lens ? 1.F : 0.F);
  }
  joined.data.pixels.append(std::move(more.pixels));
  if (joined.replayed.empty()) throw Error{set.string() + ": holds the images alone", "give cutouts that trained the model"};
  return joined;
}

/// How often a labelled image stands in an epoch beside each replayed one.
std::int64_t copies_of(std::size_t labelled, std::size_t replayed) {
  const double wanted = real_share / (1 - real_share) * static_cast<double>(replayed) / static_cast<double>(labelled);
  return std::clamp<std::int64_t>(std::llround(wanted), 1, most_copies);
}

train::FineTuned train_on(const AdaptBench& bench, const network::Weights& from, const Joined& joined, const std::vector<std::int64_t>& on,
                          const std::vector<std::int64_t>& judged) {
  train::Recipe recipe = further_recipe(bench, joint_rate, joint_epochs);
  recipe.batch = 32;
  recipe.weight_decay = .05;
  recipe.schedule = train::ScheduleKind::one_cycle;
  recipe.warmup_epochs = 0;
  recipe.ema_decay = .995;
  recipe.imbalance = {train::Imbalance::sampler};
  recipe.lens_fraction = .4;
  std::vector<std::int64_t> samples = joined.replayed;
  for (std::int64_t copy = copies_of(on.size(), joined.replayed.size()); copy > 0; --copy)
    samples.insert(samples.end(), on.begin(), on.end());
  const train::FineTuneTask task{.recipe = recipe,
                                 .train = {joined.data, samples},
                                 .targets = joined.targets,
                                 .judged = {joined.data, judged},
                                 .views = bench.views(),
                                 .device = bench.options.device,
                                 .threads = bench.options.threads};
  return train_library().fine_tune(bench.network(from), task, bench.progress, bench.stop);
}

Tried train_jointly(const AdaptBench& bench, const Adapted& before, const Joined& joined) {
  Tried tried;
  tried.after.held_out.resize(bench.folds.size());
  const auto in_all = static_cast<std::int64_t>(2 * joined.replayed.size()) * joint_epochs * (bench.fold_count + 1);
  bench.progress.start("joint: training with cross-validation", in_all, "images");
  for (int fold = 0; fold < bench.fold_count; ++fold) {
    train::FineTuned trained = train_on(bench, before.without(fold), joined, bench.outside_fold(fold), bench.in_fold(fold));
    std::size_t next = 0;
    for (std::size_t i = 0; i < bench.folds.size(); ++i)
      if (bench.folds[i] == fold) tried.after.held_out[i] = trained.logits.back()[next++];
    tried.after.of_fold.push_back(std::move(trained.weights));
  }
  tried.after.raw = tried.after.held_out;
  tried.after.weights = train_on(bench, before.weights, joined, bench.all_labelled(), {}).weights;
  bench.progress.finish();
  tried.settings.set("replayed", joined.replayed.size())
      .set("copies", copies_of(bench.all_labelled().size(), joined.replayed.size()))
      .set("rate", joint_rate)
      .set("epochs", joint_epochs);
  return tried;
}

}  // namespace

Tried adapt_jointly(const AdaptBench& bench, const Adapted& before) {
  if (!bench.judges()) return not_possible("there are no labels");
  const Value* simulation = simulation_of(bench.model.provenance);
  const bool given = !bench.options.replay.empty();
  if (!given && !simulation)
    return not_possible("the model does not say how its training cutouts were simulated: give --replay SET, cutouts that trained it");
  fs::path set = bench.options.replay;
  if (!given) {
    if (is_painted(*simulation)) return not_possible("the cutouts that trained the model were painted on real ones: give --replay SET");
    try {
      set = simulate_again(bench, *simulation);
    } catch (const Stopped&) {
      throw;
    } catch (const Error& error) {
      return not_possible(
          fmt::format("the cutouts that trained the model cannot be simulated again ({}): give --replay SET", error.what()));
    }
  }
  const Joined joined = joined_with(bench, set);
  Tried tried = train_jointly(bench, before, joined);
  tried.settings.set("left_out", joined.left_out);
  tried.note = fmt::format("{} labels beside {} cutouts {}", bench.all_labelled().size(), joined.replayed.size(),
                           given ? "of " + bench.options.replay.string() : "simulated as those that trained the model");
  return tried;
}

}  // namespace lensfind::workflows
