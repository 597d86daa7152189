#include "lensfind/train/pretrain_data.h"

#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/model/training_images.h"
#include "lensfind/network/networks.h"
#include "lensfind/train/data_facts.h"
#include "lensfind/train/device.h"
#include "lensfind/train/prepare.h"

namespace lensfind::train {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t fewest_cutouts = 8, most_watched = 256;

dataset::Dataset load_unlabelled(const PretrainOptions& options, const fs::path& path, const image::ImageShape& wanted, Progress& progress,
                                 const StopFlag& stop) {
  return dataset::load_dataset(path,
                               {.split = dataset::Split::train,
                                .wanted = wanted,
                                .for_training = true,
                                .bands = options.recipe.bands,
                                .allow_bad = options.allow_bad,
                                .threads = options.threads},
                               progress, stop);
}

/// Sets are taken for one: whose bands and units of flux they have is said, where headers leave it open or differ.
void agree_on_bands_and_flux(dataset::Dataset& data, const dataset::Dataset& more, const fs::path& path, ScalingChoice scaling) {
  if (!more.bands.empty() && !data.bands.empty() && more.bands != data.bands)
    throw Error{path.string() + ": its headers name other bands than those of the first --data", "name `bands` that all of them have"};
  if (data.bands.empty() && !more.bands.empty()) {
    data.bands = more.bands;
    data.notes.push_back(fmt::format("{}: its headers name the bands {}; the sets before, which name none, are taken to have them too",
                                     path.string(), fmt::join(more.bands, ", ")));
  }
  if (scaling == ScalingChoice::none && data.zero_point && more.zero_point && *data.zero_point != *more.zero_point)
    data.notes.push_back(
        fmt::format("{}: its zero point is {}, that of the first --data {}, and scaling = \"none\" takes fluxes as they are", path.string(),
                    *more.zero_point, *data.zero_point));
}

void append(dataset::Dataset& data, dataset::Dataset more) {
  data.samples.insert(data.samples.end(), more.samples.begin(), more.samples.end());
  data.rejected.insert(data.rejected.end(), more.rejected.begin(), more.rejected.end());
  data.notes.insert(data.notes.end(), more.notes.begin(), more.notes.end());
  data.fingerprint += "+" + more.fingerprint;
  data.pixels.append(std::move(more.pixels));
}

dataset::Dataset load_all(const PretrainOptions& options, Progress& progress, const StopFlag& stop) {
  dataset::Dataset all = load_unlabelled(options, options.data.front(), {}, progress, stop);
  for (std::size_t i = 1; i < options.data.size(); ++i) {
    dataset::Dataset more = load_unlabelled(options, options.data[i], all.shape, progress, stop);
    agree_on_bands_and_flux(all, more, options.data[i], options.recipe.scaling);
    append(all, std::move(more));
  }
  return all;
}

void find_cutouts(const PretrainOptions& options, PretrainPrepared& run, Progress& progress, const StopFlag& stop) {
  if (options.data.empty()) throw Error{"no cutouts to pretrain on", "name them with --data"};
  std::optional<std::string> survey;
  for (const fs::path& path : options.data)
    if (const auto named = simulated_survey(path)) survey = named;
  if (survey && options.data.size() > 1)
    throw Error{fmt::format("simulate:{} stands beside other --data", *survey), "name it alone, or sets on disk alone"};
  if (!survey && run.recipe.method == PretrainMethod::lens_pairs)
    throw Error{options.data.front().string() + ": lens_pairs needs scenes that are seen twice, and these were seen once",
                "give --data simulate:SURVEY, or take --recipe byol"};
  if (!survey) {
    run.data = load_all(options, progress, stop);
    return;
  }
  run.fresh =
      std::make_shared<FreshCutouts>(run.recipe.simulate, *survey, options.survey_folders, static_cast<std::uint64_t>(run.recipe.seed));
  run.data = run.fresh->dataset();
  if (run.recipe.method == PretrainMethod::lens_pairs) run.again = run.fresh->dataset(FreshCutouts::View::again);
}

void check_cutouts(const PretrainOptions& options, PretrainPrepared& run) {
  const dataset::Dataset& data = run.data;
  const std::string& path = options.data.front().string();
  if (data.size() < fewest_cutouts)
    throw Error{fmt::format("{}: {} cutouts, at least {} are needed", path, data.size(), fewest_cutouts), "name more with --data"};
  if (data.shape.height != data.shape.width)
    throw Error{fmt::format("{}: the cutouts are {} x {} pixels", path, data.shape.height, data.shape.width),
                "networks here take square cutouts"};
  run.warnings = data.notes;
  if (!data.rejected.empty())
    run.warnings.push_back(fmt::format("{} of {} cutouts were set aside; rejected.csv says which and why", data.rejected.size(),
                                       data.rejected.size() + data.samples.size()));
}

std::vector<std::int64_t> evenly_spread(std::int64_t count, std::int64_t most) {
  std::vector<std::int64_t> some;
  const std::int64_t step = std::max<std::int64_t>(1, (count + most - 1) / most);
  for (std::int64_t i = 0; i < count; i += step) some.push_back(i);
  return some;
}

void prepare_pixels(const PretrainOptions& options, PretrainPrepared& run, Progress& progress, const StopFlag& stop) {
  std::vector<std::int64_t> measured = run.samples;
  run.watched = evenly_spread(run.data.size(), most_watched);
  if (run.fresh) {
    measured = run.watched;
    run.fresh->keep(measured, options.threads, progress, stop);
  }
  const network::Preprocessing steps = run.recipe.training().preprocessing(are_sky_subtracted(run.data, measured));
  run.preprocessing = with_statistics(steps, run.recipe.normalise, run.data, measured);
}

}  // namespace

PretrainPrepared prepare_pretraining(const PretrainOptions& options, Progress& progress, const StopFlag& stop) {
  PretrainPrepared run;
  run.recipe = options.recipe;
  run.device = choose_device(options.device);
  run.threads = set_up_torch(options.threads);
  network::build_network(run.recipe.network, 3, 64, 2);  // an unknown one is said before the data are read
  find_cutouts(options, run, progress, stop);
  check_cutouts(options, run);
  run.fingerprint = run.data.fingerprint;
  run.samples.resize(static_cast<std::size_t>(run.data.size()));
  std::iota(run.samples.begin(), run.samples.end(), std::int64_t{0});
  run.band_names = name_bands(run.recipe.bands, run.data);
  run.graph = network::build_network(run.recipe.network, run.data.shape.bands, run.data.shape.height, 2);
  if (run.device == "cpu") refuse_batch_beyond(memory_of_machine(), run.recipe.training(), run.graph, run.data.size());
  run.bf16 = choose_bf16(run.recipe.precision, run.graph, run.device);
  if (run.recipe.batch > run.data.size())
    run.warnings.push_back(fmt::format("a batch holds all {} cutouts: `batch` is {}", run.data.size(), run.recipe.batch));
  prepare_pixels(options, run, progress, stop);
  return run;
}

}  // namespace lensfind::train
