#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/image_statistics.h"
#include "lensfind/image/npy.h"
#include "lensfind/inject/paint_set.h"
#include "lensfind/simulate/measure_survey.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/workflows/adapt_steps.h"
#include "lensfind/workflows/train_library.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

constexpr double simulated_rate = 3e-4;
constexpr int simulated_epochs = 3;
constexpr std::size_t fewest_hosts = 60, most_hosts = 2000;
constexpr int images_measured = 300;

/// The survey that the images are like; its file is left in the work folder where it was measured.
simulate::Survey survey_of(const AdaptBench& bench) {
  const AdaptOptions& options = bench.options;
  if (options.survey != "measure") return simulate::find_survey(options.survey, options.survey_folders);
  std::vector<double> zero_points = options.rules.input_zero_points;
  if (zero_points.empty() && bench.model.zero_point) zero_points = {*bench.model.zero_point};
  const simulate::MeasuredSurvey measured = simulate::measure_survey(
      {.inputs = options.images,
       .bands = options.bands.empty() ? bench.model.band_names : options.bands,
       .zero_point = zero_points,
       .pixel_scale_arcsec = options.rules.pixel_scale_arcsec ? options.rules.pixel_scale_arcsec : bench.model.pixel_scale_arcsec,
       .max_images = images_measured},
      bench.progress, bench.stop);
  const fs::path file = bench.work / "survey.toml";
  write_file(file, simulate::measured_toml(measured, "measured"));
  std::vector<std::string> overrides;
  if (bench.model.pixel_scale_arcsec) overrides.push_back(fmt::format("pixel_scale_arcsec={}", *bench.model.pixel_scale_arcsec));
  return simulate::find_survey(file.string(), {}, overrides);
}

/// Trains further on a simulated or painted set, on all of it: it is judged on real images.
Tried train_on_set(const AdaptBench& bench, const Adapted& before, const fs::path& set, std::string note) {
  const dataset::Dataset data = load_training_set(bench, set);
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < data.size(); ++i) all.push_back(i);
  train::Recipe recipe = further_recipe(bench, simulated_rate, simulated_epochs);
  recipe.batch = 32;
  recipe.ema_decay = .98;
  recipe.imbalance = {train::Imbalance::sampler};
  recipe.lens_fraction = .4;
  bench.progress.start("training on " + note, data.size() * simulated_epochs, "images");
  const train::FineTuneTask task{
      .recipe = recipe, .train = {data, all}, .judged = {data, {}}, .device = bench.options.device, .threads = bench.options.threads};
  Tried tried;
  tried.after.weights = train_library().fine_tune(bench.network(before.weights), task, bench.progress, bench.stop).weights;
  bench.progress.finish();
  if (bench.judges()) tried.after.held_out = tried.after.raw = bench.judge(tried.after.weights);
  tried.settings.set("cutouts", data.size())
      .set("lenses", data.count(Label::lens))
      .set("rate", simulated_rate)
      .set("epochs", simulated_epochs);
  tried.note = std::move(note);
  return tried;
}

/// The unlabelled images as hosts: files in the model's flux unit. Labelled ones are not among them, so that they can judge.
fs::path write_hosts(const AdaptBench& bench, std::size_t count) {
  const fs::path folder = bench.work / "hosts";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const dataset::Dataset& data = bench.images.data;
  image::Image image{data.shape};
  for (std::size_t i = 0; i < count; ++i) {
    data.pixels.read(bench.images.unlabelled[i * bench.images.unlabelled.size() / count], image.values());
    if (image::is_sky_cut_off(image.view()))
      throw Error{"the sky of the images is cut off at its lowest value, as in colour pictures: nothing can be painted on them",
                  "give images in flux units"};
    image::write_npy(folder / fmt::format("{}.npy", i + 1), image.view());
  }
  return folder;
}

}  // namespace

Tried adapt_to_survey(const AdaptBench& bench, const Adapted& before) {
  try {
    const fs::path set = bench.work / "simulated";
    fs::remove_all(set);
    const std::int64_t lenses = bench.options.simulated / 3;
    const simulate::Survey survey = survey_of(bench);
    simulate::simulate_set({.out = set,
                            .survey = survey,
                            .lenses = lenses,
                            .nonlenses = bench.options.simulated - lenses,
                            .size = bench.model.graph.size,
                            .scaling = bench.options.scaling,
                            .format = simulate::Format::stack,
                            .seed = bench.options.seed,
                            .threads = bench.options.threads},
                           bench.progress, bench.stop);
    return train_on_set(
        bench, before, set,
        fmt::format("{} cutouts simulated as {}", bench.options.simulated, bench.options.survey == "measure" ? "measured" : survey.name));
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    return not_possible(error.what());
  }
}

Tried adapt_to_hosts(const AdaptBench& bench, const Adapted& before) {
  const std::size_t images = bench.images.unlabelled.size();
  if (images < fewest_hosts) return not_possible(fmt::format("{} unlabelled images are too few ({} at least)", images, fewest_hosts));
  const std::vector<double> zero_point =
      bench.model.zero_point ? std::vector{*bench.model.zero_point} : bench.options.rules.input_zero_points;
  if (zero_point.empty()) return not_possible("the zero point of the images is not known: give --zero-point");
  try {
    const std::size_t hosts = std::min(images, most_hosts);
    const fs::path folder = write_hosts(bench, hosts), set = bench.work / "painted";
    fs::remove_all(set);
    const auto lenses = static_cast<std::int64_t>(hosts * 2 / 5);
    inject::paint_set({.out = set,
                       .survey = survey_of(bench),
                       .lenses = lenses,
                       .nonlenses = lenses,
                       .size = bench.model.graph.size,
                       .format = simulate::Format::stack,
                       .seed = bench.options.seed,
                       .threads = bench.options.threads,
                       .paint = {.folder = folder, .catalogue = {}, .zero_point = zero_point}},
                      bench.progress, bench.stop);
    return train_on_set(bench, before, set, fmt::format("sources painted on {} of {} own galaxies", lenses, images));
  } catch (const Stopped&) {
    throw;
  } catch (const Error& error) {
    return not_possible(error.what());
  }
}

}  // namespace lensfind::workflows
