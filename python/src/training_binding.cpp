#include <dlfcn.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attended.h"
#include "lensfind/base/error.h"
#include "lensfind/train/library.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

namespace fs = std::filesystem;

/// The training room, loaded at the first call from `path`; libtorch comes with it.
const train::Library& library(const fs::path& path) {
  static const train::Library* loaded = nullptr;
  if (loaded) return *loaded;
  void* opened = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const void* found = opened ? dlsym(opened, train::library_symbol) : nullptr;
  if (!found) throw Error{std::string{"training cannot be loaded: "} + dlerror(), "it needs torch 2.13: pip install 'lensfind[train]'"};
  loaded = static_cast<const train::Library*>(found);
  return *loaded;
}

Value value_of_epoch(const model::EpochRecord& epoch) {
  return empty_object()
      .set("epoch", epoch.epoch)
      .set("train_loss", epoch.train_loss)
      .set("validation_loss", epoch.validation_loss)
      .set("validation_auc", epoch.validation_auc)
      .set("validation_average_precision", epoch.validation_average_precision)
      .set("learning_rate", epoch.learning_rate)
      .set("images", epoch.images)
      .set("seconds", epoch.seconds);
}

Value value_of_result(const train::TrainResult& result) {
  Value history{Value::Array{}}, warnings{Value::Array{}};
  for (const model::EpochRecord& epoch : result.history) history.push_back(value_of_epoch(epoch));
  for (const std::string& warning : result.warnings) warnings.push_back(warning);
  return empty_object()
      .set("history", history)
      .set("kept_epoch", result.kept_epoch)
      .set("train_lenses", result.train_lenses)
      .set("train_nonlenses", result.train_nonlenses)
      .set("validation_lenses", result.validation_lenses)
      .set("validation_nonlenses", result.validation_nonlenses)
      .set("calibrated_on", result.calibrated_on)
      .set("warnings", warnings);
}

/// How a run is made, beside its recipe.
struct RunSettings {
  std::string device = "auto", mine, mine_images;
  double pixel_scale_arcsec = 0, checkpoint_seconds = 60;
  std::int64_t threads = 0;
  bool resume = false, overwrite = false, allow_bad = false;
  std::vector<std::string> survey_folders, model_folders;

  static void describe(auto& field) {
    field(&RunSettings::device, "device", choices({"auto", "cpu", "cuda"}), "where to compute");
    field(&RunSettings::mine, "mine", any(), "scores whose highest non-lenses are hard negatives");
    field(&RunSettings::mine_images, "mine_images", any(), "what they scored");
    field(&RunSettings::pixel_scale_arcsec, "pixel_scale_arcsec", at_least(0), "of the cutouts; 0: what their files say");
    field(&RunSettings::checkpoint_seconds, "checkpoint_seconds", at_least(0), "how often to save");
    field(&RunSettings::threads, "threads", at_least(0), "0: all cores");
    field(&RunSettings::survey_folders, "survey_folders", any(), "where the survey of simulate:SURVEY is looked for by name");
    field(&RunSettings::model_folders, "model_folders", any(), "where initial_weights are looked for by name");
    field(&RunSettings::resume, "resume", any(), "go on with a run");
    field(&RunSettings::overwrite, "overwrite", any(), "replace it");
    field(&RunSettings::allow_bad, "allow_bad", any(), "train although many cutouts were set aside");
  }
};

train::TrainOptions options_of(const Value& given) {
  RunSettings settings;
  read_fields(given, settings, "train");
  train::TrainOptions options{.survey_folders{settings.survey_folders.begin(), settings.survey_folders.end()},
                              .model_folders{settings.model_folders.begin(), settings.model_folders.end()},
                              .mine = settings.mine,
                              .mine_images = settings.mine_images,
                              .resume = settings.resume,
                              .overwrite = settings.overwrite,
                              .allow_bad = settings.allow_bad,
                              .device = settings.device,
                              .threads = static_cast<int>(settings.threads),
                              .checkpoint_seconds = settings.checkpoint_seconds};
  if (settings.pixel_scale_arcsec > 0) options.pixel_scale_arcsec = settings.pixel_scale_arcsec;
  return options;
}

Value train_model(const fs::path& library_path, const std::string& recipe, const std::vector<fs::path>& folders,
                  const std::vector<std::string>& overrides, const fs::path& data, const fs::path& out, const Value& settings,
                  nb::handle listener) {
  const train::Library& room = library(library_path);
  train::TrainOptions options = options_of(settings);
  options.recipe = room.read_recipe(recipe, folders, overrides);
  options.data = data;
  options.out = out;
  const train::TrainResult result =
      attended(listener, [&](Progress& progress, const StopFlag& stop) { return room.train(options, progress, stop); });
  return value_of_result(result);
}

std::unique_ptr<train::BatchFeed> open_feed(const fs::path& library_path, const std::string& recipe, const std::vector<fs::path>& folders,
                                            const std::vector<std::string>& overrides, const fs::path& data, const Value& settings,
                                            nb::handle listener) {
  const train::Library& room = library(library_path);
  train::TrainOptions options = options_of(settings);
  options.recipe = room.read_recipe(recipe, folders, overrides);
  options.data = data;
  return attended(listener, [&](Progress& progress, const StopFlag& stop) { return room.open_batch_feed(options, progress, stop); });
}

/// Pixels (n, bands, height, width), what is learnt (n), and which samples they are (n).
nb::tuple arrays_of(train::TrainBatch batch, const train::BatchFeed& feed) {
  const image::ImageShape& shape = feed.data().shape;
  const std::vector<std::size_t> sizes{batch.samples.size(), static_cast<std::size_t>(shape.bands), static_cast<std::size_t>(shape.height),
                                       static_cast<std::size_t>(shape.width)};
  return nb::make_tuple(array_of(std::move(batch.pixels), sizes), array_of(std::move(batch.lens)), array_of(std::move(batch.samples)));
}

nb::tuple next_batch(train::BatchFeed& feed) {
  train::TrainBatch batch = attended(nb::none(), [&](Progress&, const StopFlag&) { return feed.next(); });
  return arrays_of(std::move(batch), feed);
}

nb::tuple plain_batch(const train::BatchFeed& feed, const std::vector<std::int64_t>& samples) {
  train::TrainBatch batch = attended(nb::none(), [&](Progress&, const StopFlag&) { return feed.plain(samples); });
  return arrays_of(std::move(batch), feed);
}

std::vector<std::string> ids_of(const train::BatchFeed& feed) {
  std::vector<std::string> ids;
  for (const dataset::Sample& sample : feed.data().samples) ids.push_back(sample.id);
  return ids;
}

void bind_feed(nb::module_& module) {
  nb::class_<train::BatchFeed>(module, "BatchFeed", "The batches that training would train on.")
      .def("bands", &train::BatchFeed::band_names)
      .def("ids", &ids_of)
      .def("training", &train::BatchFeed::training)
      .def("validation", &train::BatchFeed::validation)
      .def("begin", &train::BatchFeed::begin, nb::arg("epoch"))
      .def("next", &next_batch)
      .def("plain", &plain_batch, nb::arg("samples"));
  module.def("open_feed", &open_feed, nb::arg("library"), nb::arg("recipe"), nb::arg("folders"), nb::arg("overrides"), nb::arg("data"),
             nb::arg("settings"), nb::arg("listener").none());
}

}  // namespace

void bind_training(nb::module_& module) {
  bind_feed(module);
  module.def("train", &train_model, nb::arg("library"), nb::arg("recipe"), nb::arg("folders"), nb::arg("overrides"), nb::arg("data"),
             nb::arg("out"), nb::arg("settings"), nb::arg("listener").none());
}

}  // namespace lensfind::python
