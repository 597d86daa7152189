#include "lensfind/workflows/adapt_folder.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/model/seen.h"
#include "lensfind/score/scorer.h"
#include "lensfind/workflows/adapt_report.h"

namespace lensfind::workflows {
namespace {

namespace fs = std::filesystem;

constexpr const char* held_out_text = "held-out labelled images (cross-validation)";

std::string fold_file(std::size_t fold) { return fmt::format("fold{}.safetensors", fold); }

Value numbers(const std::vector<double>& values) {
  Value list{Value::Array{}};
  for (const double value : values) list.push_back(value);
  return list;
}

std::vector<double> numbers(const Value& list) {
  std::vector<double> values;
  for (const Value& value : list.as_array()) values.push_back(value.as_number());
  return values;
}

/// Statistics of the user's images, so that `score` can say whether others are like them.
model::TrainingImages look_at(const AdaptBench& bench) {
  const dataset::Dataset& data = bench.images.data;
  const std::int64_t step = model::measuring_step(data.size());
  std::vector<model::MeasuredRow> rows;
  image::Image image{data.shape};
  for (std::int64_t i = 0; i < data.size(); i += step) {
    data.pixels.read(i, image.values());
    rows.push_back(model::measure_cutout(image.view(), bench.model.preprocessing.scaling, bench.model.pixel_scale_arcsec));
  }
  return model::training_images(rows, bench.model.band_names);
}

/// All labelled images were trained on in the end, and the unlabelled ones may have been.
model::SeenCutouts seen_by(const AdaptBench& bench) {
  model::SeenCutouts seen = model::read_seen(bench.options.model);
  for (const Hash128& pixels : bench.images.data.any_rotation) model::add_seen(seen, pixels, model::SeenFor::training);
  return seen;
}

/// Rows of labelled images: `head`, then of each what `row` says.
std::string table_of(const AdaptBench& bench, const std::vector<std::int64_t>& samples, const std::string& head, auto row) {
  std::string text = head + "\n";
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const dataset::Sample& sample = bench.images.data.samples[static_cast<std::size_t>(samples[i])];
    text += fmt::format("{},{},{},{}\n", csv_field(sample.id), sample.label == Label::lens ? 1 : 0, csv_field(sample.group), row(i));
  }
  return text;
}

}  // namespace

void save_step(const fs::path& folder, const FinishedStep& step, const std::string& fingerprint) {
  fs::create_directories(folder);
  network::write_safetensors(folder / "weights.safetensors", step.after.weights);
  for (std::size_t fold = 0; fold < step.after.of_fold.size(); ++fold)
    network::write_safetensors(folder / fold_file(fold), step.after.of_fold[fold]);
  write_file(folder / "step.json", to_json(empty_object()
                                               .set("fingerprint", fingerprint)
                                               .set("row", to_json_value(step.row))
                                               .set("settings", step.settings)
                                               .set("folds", step.after.of_fold.size())
                                               .set("held_out", numbers(step.after.held_out))
                                               .set("raw", numbers(step.after.raw))) +
                                       "\n");
}

std::optional<FinishedStep> load_step(const fs::path& folder, const std::string& fingerprint) {
  if (!fs::is_regular_file(folder / "step.json")) return std::nullopt;
  const Value stored = read_json(folder / "step.json");
  if (stored.at("fingerprint").as_string() != fingerprint) return std::nullopt;
  FinishedStep step{.row = step_row(stored.at("row")), .settings = stored.at("settings"), .after = {}};
  step.after.weights = network::read_safetensors(folder / "weights.safetensors");
  for (std::int64_t fold = 0; fold < stored.at("folds").as_integer(); ++fold)
    step.after.of_fold.push_back(network::read_safetensors(folder / fold_file(static_cast<std::size_t>(fold))));
  step.after.held_out = numbers(stored.at("held_out"));
  step.after.raw = numbers(stored.at("raw"));
  return step;
}

std::string fingerprint_of(const AdaptBench& bench) {
  const AdaptOptions& options = bench.options;
  std::string text = fmt::format("{} {} {} {} {} {} {} {} {}\n", options.steps, options.folds, options.epochs, options.rounds,
                                 options.survey, name_of(options.scaling), options.simulated, options.seed, version());
  if (options.average_symmetries) text += "tta ";
  text += fmt::format("ridge {} replay {} ", options.ridge, options.replay.string());
  for (const double rate : options.rates) text += fmt::format("{} ", rate);
  const dataset::Dataset& data = bench.images.data;
  for (std::size_t i = 0; i < data.samples.size(); ++i)
    text += fmt::format("{} {} {} {} {}\n", data.samples[i].id, static_cast<int>(data.samples[i].label), bench.images.targets[i],
                        data.samples[i].group, data.any_rotation[i].text());
  if (!data.seeing.empty()) text += hash128(std::as_bytes(std::span{data.seeing})).text();
  for (const auto& [name, array] : bench.model.weights) text += name + hash128(std::as_bytes(std::span{array.values})).text();
  return hash128(std::as_bytes(std::span{text})).text();
}

model::Model adapted_model(const AdaptBench& bench, const Adapted& state, const Value& steps) {
  model::Model model = bench.model;
  const Value before = model.provenance;
  model.weights = state.weights;
  model.int8_ranges.reset();  // those were of the old weights
  model.packed = false;
  model.average_symmetries = bench.options.average_symmetries || model.average_symmetries;
  model.training_images = look_at(bench);
  if (bench.judges()) {
    const evaluate::Scores held_out = bench.scores(state.raw);
    model.calibration = evaluate::fit_model_calibration(held_out, held_out_text);
    model.thresholds = evaluate::choose_thresholds(held_out, model.calibration, held_out_text);
  }
  Value images{Value::Array{}};
  for (const fs::path& path : bench.options.images) images.push_back(path.string());
  model.provenance = empty_object()
                         .set("made_by", "lensfind adapt")
                         .set("model", bench.options.model.string())
                         .set("images", images)
                         .set("labels", bench.options.labels.string())
                         .set("labelled", bench.images.labelled.size() + bench.images.learnt.size())
                         .set("unlabelled", bench.images.unlabelled.size())
                         .set("fingerprint", fingerprint_of(bench))
                         .set("seed", static_cast<std::int64_t>(bench.options.seed & 0x7fffffffffffffffULL))
                         .set("steps", steps)
                         .set("versions", empty_object().set("lensfind", version()))
                         .set("adapted_from", before);
  return model;
}

void write_adapted(const fs::path& out, const AdaptBench& bench, const Adapted& before, const Adapted& state, const model::Model& model) {
  if (bench.judges()) {
    evaluate::Scores rows = bench.scores(state.raw);
    for (evaluate::Score& row : rows)
      if (model.calibration) row.probability = model.calibration->probability(row.logit);
    evaluate::write_scores(out / "validation.csv", rows);
    write_file(out / "held_out.csv", table_of(bench, bench.images.labelled, "id,label,group,fold,before,after", [&](std::size_t i) {
                 return fmt::format("{},{},{}", bench.folds[i] + 1, before.held_out[i], state.held_out[i]);
               }));
  }
  write_file(out / "split.csv", table_of(bench, bench.all_labelled(), "id,label,group,side", [](std::size_t) { return "train"; }));
  model::write_seen(out, seen_by(bench));
  model::save_model(model, out);
  score::check_model_runs(out);
}

}  // namespace lensfind::workflows
