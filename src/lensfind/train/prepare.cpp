#include "lensfind/train/prepare.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/parallel.h"
#include "lensfind/dataset/lens_augmentations.h"
#include "lensfind/dataset/split.h"
#include "lensfind/model/model.h"
#include "lensfind/network/film.h"
#include "lensfind/network/networks.h"
#include "lensfind/train/data_facts.h"
#include "lensfind/train/device.h"
#include "lensfind/train/first_weights.h"
#include "lensfind/train/keep.h"
#include "lensfind/train/mine.h"

namespace lensfind::train {
namespace {

constexpr std::int64_t lenses_to_hold_out = 50;
constexpr std::int64_t lenses_to_calibrate = 5;

std::int64_t lenses_among(const std::vector<dataset::Sample>& samples, const std::vector<std::int64_t>& chosen) {
  return std::count_if(chosen.begin(), chosen.end(),
                       [&](std::int64_t i) { return samples[static_cast<std::size_t>(i)].label == Label::lens; });
}

dataset::Dataset load(const TrainOptions& options, Progress& progress, const StopFlag& stop) {
  dataset::LoadOptions load;
  load.split = dataset::Split::train;
  load.wanted = options.wanted;
  load.for_training = true;
  load.bands = options.recipe.bands;
  load.allow_bad = options.allow_bad;
  load.threads = options.threads;
  dataset::Dataset data = dataset::load_dataset(options.data, load, progress, stop);
  for (const Label label : {Label::lens, Label::non_lens}) {
    if (data.count(label) >= 2) continue;
    throw Error{fmt::format("{}: {} labelled {}, at least 2 are needed to train and to validate", options.data.string(), data.count(label),
                            label == Label::lens ? "lenses" : "non-lenses"),
                "name folders train_lenses and train_nonlenses, or give a CSV with the columns path,label"};
  }
  if (data.shape.height != data.shape.width) {
    throw Error{fmt::format("{}: the cutouts are {} x {} pixels", options.data.string(), data.shape.height, data.shape.width),
                "networks here take square cutouts"};
  }
  return data;
}

bool cuts_to_unit(const std::vector<dataset::AugmentationStep>& steps) {
  return std::ranges::any_of(steps, [](const dataset::AugmentationStep& step) {
    return step.name == "brightness_contrast" || step.name == "gamma" || step.name == "hue_saturation_value" || cuts_to_unit(step.one_of);
  });
}

/// Scaling and stretch. Weights that training goes on from know their own: they are what `auto` means then.
network::Preprocessing scaling_of(const Prepared& run, const std::vector<std::int64_t>& samples) {
  const Recipe& recipe = run.recipe;
  network::Preprocessing steps = recipe.preprocessing(are_sky_subtracted(run.data, samples));
  if (!run.pretrained && !model::is_model_folder(run.beginning)) return steps;
  const network::Preprocessing before = run.pretrained ? run.pretrained->preprocessing : model::load_model(run.beginning).preprocessing;
  if (recipe.scaling == ScalingChoice::automatic) steps.scaling = before.scaling;
  if (recipe.stretch == StretchChoice::automatic) steps.stretch = before.stretch;
  return steps;
}

/// Pixels as the network gets them. Pretraining saw more cutouts than there may be labels: its bands' statistics stay, where scaling and
/// stretch are the same.
network::Preprocessing preprocessing_of(Prepared& run, const std::vector<std::int64_t>& samples) {
  const network::Preprocessing steps = scaling_of(run, samples);
  if (!run.pretrained) return with_statistics(steps, run.recipe.normalise, run.data, samples);
  const Pretrained& before = *run.pretrained;
  if (before.preprocessing.scaling != steps.scaling || before.preprocessing.stretch != steps.stretch) {
    run.warnings.push_back(fmt::format(
        "{} learnt from pixels with scaling = \"{}\", stretch = \"{}\", and this recipe takes \"{}\", \"{}\"", run.beginning.string(),
        name_of(before.preprocessing.scaling), name_of(before.preprocessing.stretch), name_of(steps.scaling), name_of(steps.stretch)));
  } else if (run.recipe.normalise == Normalise::bands && before.preprocessing.mean.size() == run.band_names.size()) {
    return before.preprocessing;
  }
  return with_statistics(steps, run.recipe.normalise, run.data, samples);
}

/// Some of the training cutouts, evenly spread over them.
std::vector<std::int64_t> spread_over_training(const Prepared& run) {
  const std::vector<std::int64_t>& train = run.split.train;
  const auto step = static_cast<std::size_t>(model::measuring_step(static_cast<std::int64_t>(train.size())));
  std::vector<std::int64_t> some;
  for (std::size_t i = 0; i < train.size(); i += step) some.push_back(train[i]);
  return some;
}

/// What some of the training cutouts look like, evenly spread over them, as the network gets them.
model::TrainingImages look_at(const Prepared& run, int threads) {
  const std::vector<std::int64_t> samples = spread_over_training(run);
  std::vector<model::MeasuredRow> rows(samples.size());
  parallel_for(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    image::Image image{run.data.shape};
    run.data.pixels.read(samples[i], image.values());
    rows[i] = model::measure_cutout(image.view(), run.preprocessing.scaling, run.data.pixel_scale_arcsec);
  });
  return model::training_images(rows, run.band_names);
}

/// Whether rows of a class that has some know the seeing of a band much more often than those of the other.
bool is_known_by_class(const Prepared& run, const std::vector<std::int64_t>& samples, const std::vector<std::vector<float>>& rows,
                       std::size_t band) {
  constexpr double much = .2;
  double all[2] = {0, 0}, known[2] = {0, 0};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t lens = run.data.samples[static_cast<std::size_t>(samples[i])].label == Label::lens ? 1 : 0;
    ++all[lens];
    known[lens] += std::isnan(rows[i][band]) ? 0 : 1;
  }
  return all[0] > 0 && all[1] > 0 && std::abs(known[0] / all[0] - known[1] / all[1]) > much;
}

/// How the quality of the training cutouts scatters: of some, evenly spread. Weights that were told it before know it by their own scale.
network::QualityScale quality_scale_of(Prepared& run, int threads) {
  const auto bands = static_cast<std::size_t>(run.data.shape.bands);
  const std::vector<std::int64_t> samples = spread_over_training(run);
  std::vector<std::vector<float>> rows(samples.size());
  parallel_for(static_cast<std::int64_t>(rows.size()), threads, [&](std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    image::Image image{run.data.shape};
    rows[i].resize(bands);
    run.data.read(samples[i], image.values(), rows[i]);
    const std::vector<float> noise = network::log_noise(std::as_const(image).view());
    rows[i].insert(rows[i].end(), noise.begin(), noise.end());
  });
  for (std::size_t b = 0; b < bands; ++b) {
    if (!is_known_by_class(run, samples, rows, b)) continue;
    run.warnings.push_back(fmt::format(
        "condition = \"quality\": the seeing of {} is known of one class much more often than of the other, and the network can "
        "learn the label from that; give it of both, or of neither",
        run.band_names[b]));
  }
  if (const std::optional<model::Model> before = told_before(run)) return *before->preprocessing.quality;
  network::QualityScale scale = network::quality_scale(rows, bands);
  if (std::ranges::all_of(scale.seeing_std, [](double scatter) { return scatter == 0; }))
    run.warnings.emplace_back(
        "condition = \"quality\": no cutout's seeing is known, or it is the same of all, so that the network is told the noise alone; give "
        "columns seeing_<band> beside the labels, or FITS headers that say it");
  return scale;
}

void check_freeze(const Recipe& recipe, const network::Graph& graph) {
  const std::vector<network::Parameter> parameters = graph.parameters();
  for (const std::string& prefix : recipe.freeze) {
    const auto fits = [&](const network::Parameter& parameter) { return parameter.name.starts_with(prefix); };
    if (std::none_of(parameters.begin(), parameters.end(), fits)) {
      throw Error{fmt::format("`freeze`: no parameter of {} begins with `{}`", graph.name, prefix),
                  fmt::format("its first is {}", parameters.front().name)};
    }
  }
  const auto is_trained = [&](const network::Parameter& parameter) {
    return parameter.trainable && std::none_of(recipe.freeze.begin(), recipe.freeze.end(),
                                               [&](const std::string& prefix) { return parameter.name.starts_with(prefix); });
  };
  if (std::none_of(parameters.begin(), parameters.end(), is_trained))
    throw Error{"`freeze` leaves nothing to train", "freeze fewer parameters"};
}

LossSettings loss_settings(const Recipe& recipe, const Prepared& run) {
  LossSettings settings{.kind = recipe.loss, .focal_gamma = recipe.focal_gamma, .label_smoothing = recipe.label_smoothing};
  if (!recipe.uses(Imbalance::weight)) return settings;
  const auto lenses = static_cast<double>(count(run.data, run.split.train, Label::lens));
  settings.positive_weight =
      recipe.positive_weight > 0 ? recipe.positive_weight : static_cast<double>(count(run.data, run.split.train, Label::non_lens)) / lenses;
  return settings;
}

void mine_pool(const TrainOptions& options, Prepared& run, Progress& progress, const StopFlag& stop) {
  MinedImages pool =
      hardest_of_pool(options.mine, options.mine_images, run.band_names, run.data, run.recipe.mined, options.threads, progress, stop);
  for (std::size_t i = 0; i < pool.samples.size(); ++i) run.mined.push_back(run.data.size() + static_cast<std::int64_t>(i));
  run.data.samples.insert(run.data.samples.end(), pool.samples.begin(), pool.samples.end());
  run.data.any_rotation.insert(run.data.any_rotation.end(), pool.any_rotation.begin(), pool.any_rotation.end());
  run.data.pixels.append(std::move(pool.pixels));
  run.warnings.insert(run.warnings.end(), pool.notes.begin(), pool.notes.end());
  run.fingerprint += "+" + pool.fingerprint;
}

/// Hard negatives and the record of their rounds: those of the model from which the weights come, then this one.
void mine(const TrainOptions& options, Prepared& run, Progress& progress, const StopFlag& stop) {
  if (model::is_model_folder(run.beginning)) {
    const Value before = model::load_model(run.beginning).provenance;
    if (const Value* rounds = before.find("mining")) run.mining_rounds = *rounds;
  }
  if (options.mine.empty()) return;
  if (options.mine_images.empty()) {
    run.mined = hardest_nonlenses(options.mine, run.data, run.split.train, run.recipe.mined);
    std::string ids;
    for (const std::int64_t i : run.mined) ids += run.data.samples[static_cast<std::size_t>(i)].id + "\n";
    run.fingerprint += "+" + hash128(std::as_bytes(std::span{ids})).text();
  } else {
    mine_pool(options, run, progress, stop);
  }
  run.mining_rounds.push_back(empty_object()
                                  .set("scores", options.mine.string())
                                  .set("images", options.mine_images.empty() ? options.data.string() : options.mine_images.string())
                                  .set("mined", run.mined.size())
                                  .set("fraction", run.recipe.mined_fraction));
}

/// A teacher's logits, softened, as targets; samples without a label then belong to the training side.
void learn_from_teacher(const TrainOptions& options, Prepared& run) {
  if (!options.teacher) return;
  const std::vector<double> logits = options.teacher(run.data);
  for (const double logit : logits) run.targets.push_back(static_cast<float>(1 / (1 + std::exp(-logit / run.recipe.temperature))));
  for (std::size_t i = 0; i < run.data.samples.size(); ++i) {
    if (run.data.samples[i].label == Label::unknown) run.split.train.push_back(static_cast<std::int64_t>(i));
  }
  std::ranges::sort(run.split.train);
  run.fingerprint += "+" + hash128(std::as_bytes(std::span{run.targets})).text();
}

/// What the first weights, or a teacher's, were fitted to would flatter every figure on it.
void split(const TrainOptions& options, Prepared& run) {
  run.seen_before = model::merge_seen(model::read_seen(run.beginning), options.seen);
  const std::vector<dataset::StoodIn> before = model::stood_in(run.data, run.seen_before);
  run.split = split_samples(run.recipe, run.data.samples, before);
  run.fingerprint = run.data.fingerprint;
  // Scaling and statistics are read from there afresh when the run is resumed.
  if (run.pretrained) {
    const std::string pretraining = read_text(run.beginning / "pretrain.json");
    run.fingerprint += "+" + hash128(std::as_bytes(std::span{pretraining})).text();
  }
  const auto trained = std::ranges::count(before, dataset::StoodIn::training);
  const std::string origin = run.recipe.initial_weights.empty() ? "the teacher" : run.recipe.initial_weights;
  const std::vector<std::int64_t> validation = run.split.validation();
  for (const Label label : {Label::lens, Label::non_lens}) {
    if (count(run.data, validation, label) > 0 && count(run.data, run.split.train, label) > 0) continue;
    const std::string all = fmt::format("{} {}", run.data.count(label), label == Label::lens ? "lenses" : "non-lenses");
    if (trained > 0) {
      throw Error{
          fmt::format("{}: {} was trained on all of its {}, so none can be held out to validate", options.data.string(), origin, all),
          "add some that it never saw, or begin with weights of a model that was trained on others"};
    }
    throw Error{fmt::format("{}: its {} show one object (copies, or one `group`), so they cannot stand on both sides of the split",
                            options.data.string(), all),
                "give two objects of each class at least"};
  }
  if (trained == 0) return;
  run.warnings.push_back(fmt::format("{} was trained on {} of these cutouts: they stay on the training side", origin, trained));
  run.fingerprint += "+" + hash128(std::as_bytes(std::span{validation})).text();
}

void warn_of_small_numbers(Prepared& run) {
  const std::int64_t lenses = count(run.data, run.split.calibration, Label::lens);
  const std::int64_t chosen_on = count(run.data, run.split.choosing, Label::lens);
  if (lenses < lenses_to_calibrate) {
    run.warnings.push_back(
        fmt::format("validation has {} lenses: its figures mean nothing at that size, and there will be no calibration, so no "
                    "probabilities (at least {} "
                    "lenses are needed)",
                    lenses, lenses_to_calibrate));
  } else if (chosen_on < lenses_to_hold_out) {
    run.warnings.push_back(fmt::format("validation has only {} lenses: its figures are rough", chosen_on));
  }
}

}  // namespace

std::vector<std::int64_t> TrainingSplit::validation() const {
  std::vector<std::int64_t> both;
  std::set_union(choosing.begin(), choosing.end(), calibration.begin(), calibration.end(), std::back_inserter(both));
  return both;
}

TrainingSplit split_samples(const Recipe& recipe, const std::vector<dataset::Sample>& samples, std::span<const dataset::StoodIn> before) {
  const auto seed = static_cast<std::uint64_t>(recipe.seed);
  dataset::SplitIndices first = dataset::split_by_group(samples, recipe.validation_fraction, seed, before);
  TrainingSplit split{std::move(first.train), first.validation, first.validation, ""};
  if (!chooses_on_validation(recipe)) {
    split.calibrated_on = "validation, which did not choose the epoch";
    return split;
  }
  if (lenses_among(samples, first.validation) < lenses_to_hold_out) {
    split.calibrated_on =
        fmt::format("validation, which also chose the epoch (fewer than {} lenses: none could be held out)", lenses_to_hold_out);
    return split;
  }
  std::vector<dataset::Sample> validation;
  for (const std::int64_t i : first.validation) validation.push_back(samples[static_cast<std::size_t>(i)]);
  const dataset::SplitIndices halves = dataset::split_by_group(validation, .5, seed + 1);
  split.choosing.clear();
  split.calibration.clear();
  for (const std::int64_t i : halves.train) split.choosing.push_back(first.validation[static_cast<std::size_t>(i)]);
  for (const std::int64_t i : halves.validation) split.calibration.push_back(first.validation[static_cast<std::size_t>(i)]);
  split.calibrated_on = "a held-out half of validation";
  return split;
}

void refuse_batch_beyond(double memory_bytes, const Recipe& recipe, const network::Graph& graph, std::int64_t samples) {
  double values = 0;
  for (const network::Node& node : graph.nodes) {
    const auto times = [](double product, std::int64_t side) { return product * static_cast<double>(side); };
    values += std::accumulate(node.shape.begin(), node.shape.end(), 1.0, times);
  }
  const int copies = recipe.uses(Imbalance::copies) ? recipe.copies : 0;
  const double shown = std::min<double>(recipe.batch, static_cast<double>(samples) * (copies + 1));
  const double needed = shown * values * sizeof(float);
  if (needed <= memory_bytes) return;
  throw Error{fmt::format("`batch` = {}: the layers of {} alone take {:.0f} GB for it, this machine has {:.0f}", recipe.batch, graph.name,
                          needed / 1e9, memory_bytes / 1e9),
              "set a smaller `batch`; 32 is usual"};
}

std::int64_t count(const dataset::Dataset& data, const std::vector<std::int64_t>& samples, Label label) {
  return std::count_if(samples.begin(), samples.end(),
                       [&](std::int64_t i) { return data.samples[static_cast<std::size_t>(i)].label == label; });
}

/// The cutouts that a training draws for itself. Nothing is held out by pixels here, so what needs them all is refused.
void draw_fresh(const TrainOptions& options, const std::string& survey, Prepared& run) {
  if (options.teacher)
    throw Error{"a student learns from its teacher's logits of cutouts at hand, not of such as are drawn anew every epoch",
                "simulate a set with `lensfind simulate` and give it as --data"};
  if (!options.mine.empty() && options.mine_images.empty())
    throw Error{"--mine names cutouts of --data, and these are drawn anew every epoch", "name the pool that was scored with --mine-images"};
  run.fresh =
      std::make_shared<FreshCutouts>(run.recipe.simulate, survey, options.survey_folders, static_cast<std::uint64_t>(run.recipe.seed));
  run.data = run.fresh->dataset();
}

/// Of cutouts that are drawn some are looked at for all.
std::vector<std::int64_t> to_measure(const Prepared& run) {
  const std::vector<std::int64_t>& train = run.split.train;
  if (!run.fresh) return train;
  std::vector<std::int64_t> some;
  const auto step = static_cast<std::size_t>(model::measuring_step(static_cast<std::int64_t>(train.size())));
  for (std::size_t i = 0; i < train.size(); i += step)
    if (train[i] < run.recipe.simulate.lenses + run.recipe.simulate.nonlenses) some.push_back(train[i]);
  return some;
}

Prepared prepare(const TrainOptions& options, Progress& progress, const StopFlag& stop) {
  Prepared run;
  run.recipe = options.recipe;
  run.beginning = beginning_of(options);
  run.device = choose_device(options.device);
  run.threads = set_up_torch(options.threads);
  run.warnings = recipe_warnings(run.recipe);
  if (run.recipe.condition == Condition::quality && !options.mine_images.empty())
    throw Error{
        "--mine-images: nothing tells the seeing of mined images, and the recipe says condition = \"quality\", so that the network "
        "would take one that is not known for a sign of no lens",
        "give --set condition=none, or put the images into --data beside their seeing and mine with --mine alone"};
  // An unknown network or origin is said before the data are read.
  const network::Graph named = network::build_network(run.recipe.network, 3, 64, run.recipe.outputs);
  if (run.recipe.condition == Condition::quality) network::with_film(named);
  if (is_pretraining_folder(run.beginning))
    run.pretrained = read_pretrained(run.beginning);
  else
    static_cast<void>(file_of_weights(run.beginning));
  if (const auto survey = simulated_survey(options.data))
    draw_fresh(options, *survey, run);
  else
    run.data = load(options, progress, stop);
  if (options.pixel_scale_arcsec) run.data.pixel_scale_arcsec = options.pixel_scale_arcsec;
  for (const std::string& note : run.data.notes) run.warnings.push_back(note);
  if (!run.data.rejected.empty()) {
    run.warnings.push_back(fmt::format("{} of {} cutouts were set aside; rejected.csv says which and why", run.data.rejected.size(),
                                       run.data.rejected.size() + run.data.samples.size()));
  }
  run.band_names = name_bands(run.recipe.bands, run.data);
  if (run.pretrained) check_pretrained(run);
  run.graph = network::build_network(run.recipe.network, run.data.shape.bands, run.data.shape.height, run.recipe.outputs,
                                     {.dropout = run.recipe.dropout, .drop_path = run.recipe.drop_path});
  if (run.recipe.condition == Condition::quality) run.graph = network::with_film(run.graph);
  check_condition(run);
  check_freeze(run.recipe, run.graph);
  dataset::check_cores(run.recipe.augmentation, run.data.shape);
  // Each rank of a job holds a part of the batch.
  const double parts = options.ranks ? options.ranks->count() : 1;
  if (run.device == "cpu") refuse_batch_beyond(parts * memory_of_machine(), run.recipe, run.graph, run.data.size());
  run.bf16 = choose_bf16(run.recipe.precision, run.graph, run.device);
  if (run.bf16 && run.device == "cpu" && !processor_has_bf16())
    run.warnings.emplace_back("this processor has no bfloat16 units: precision = \"f32\" would be faster");
  split(options, run);
  mine(options, run, progress, stop);
  learn_from_teacher(options, run);
  const std::vector<std::int64_t> measured = to_measure(run), validation = run.split.validation();
  if (run.fresh) {
    std::vector<std::int64_t> first = measured;
    first.insert(first.end(), validation.begin(), validation.end());
    run.fresh->keep(first, options.threads, progress, stop);
  }
  run.preprocessing = preprocessing_of(run, measured);
  if (run.recipe.condition == Condition::quality) run.preprocessing.quality = quality_scale_of(run, options.threads);
  if (run.preprocessing.scaling == network::Preprocessing::Scaling::noise && cuts_to_unit(run.recipe.augmentation))
    run.warnings.emplace_back(
        "brightness_contrast, gamma and hue_saturation_value cut pixels to [0, 1], here 0 to 30 times the noise: take scaling = \"minmax\" "
        "with them");
  run.training_images = look_at(run, options.threads);
  if (run.fresh) run.fresh->forget(measured);
  run.initial = first_weights(run, run.graph, run.warnings);
  run.loss = loss_settings(run.recipe, run);
  warn_of_small_numbers(run);
  return run;
}

}  // namespace lensfind::train
