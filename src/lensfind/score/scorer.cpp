#include "lensfind/score/scorer.h"

#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/in_order.h"
#include "lensfind/base/naming.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/network/lens_logit.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

std::string fingerprint(const Scorer& scorer, std::string network) {
  std::string meaning = scorer.calibration ? to_json(write_fields(*scorer.calibration), -1) : "not calibrated";
  if (scorer.cascade) {
    network += network::read_onnx(scorer.student_onnx).bytes;
    meaning += to_json(write_fields(*scorer.cascade), -1);
    if (scorer.student_calibration) meaning += to_json(write_fields(*scorer.student_calibration), -1);
  }
  const Hash128 hash = hash128(std::as_bytes(std::span{network}));
  return hash128(std::as_bytes(std::span{meaning}), hash.low ^ (hash.high << 1)).text();
}

/// What model.json says, without the network.
model::Model read_description(const fs::path& folder) {
  const std::string path = (folder / "model.json").string();
  return naming(path, [&] { return model::from_json_value(read_json(path), folder, path); });
}

Scorer scorer_of_folder(const fs::path& folder) {
  const model::Model model = read_description(folder);
  Scorer scorer{.onnx = folder / "model.onnx",
                .packed = model.packed,
                .calibration = model.calibration,
                .band_names = model.band_names,
                .pixel_scale_arcsec = model.pixel_scale_arcsec,
                .thresholds = model.thresholds,
                .training_images = model.training_images,
                .scaling = model.preprocessing.scaling,
                .int8_ranges = model.int8_ranges,
                .average_symmetries = model.average_symmetries,
                .survey_prevalence = model.survey_prevalence};
  if (scorer.training_images && model.zero_point) model::note_flux_units(*scorer.training_images);
  // Where each band is scaled by itself its unit of flux is of no account, and inputs need not tell theirs. Of an ensemble it is the unit
  // of the noise that members are told.
  if (model.members.empty() && model.preprocessing.scaling == network::Preprocessing::Scaling::none) scorer.zero_point = model.zero_point;
  if (model.cascade) {
    scorer.cascade = model.cascade;
    const fs::path student = folder / model::student_folder;
    scorer.student_onnx = student / "model.onnx";
    scorer.student_calibration = read_description(student).calibration;
  }
  if (!scorer.calibration) scorer.notes.emplace_back("the model is not calibrated: there are logits, but no probabilities");
  return scorer;
}

Scorer scorer_of_onnx(const fs::path& onnx, const network::OnnxChoice& choice) {
  return {.onnx = onnx,
          .choice = choice,
          .notes = {fmt::format(
              "{} says nothing of itself: its outputs are taken as logits (of two, the lens is the second), the pixels go in as they are, "
              "bands in the order of the files; not calibrated, so no probabilities",
              onnx.filename().string())}};
}

}  // namespace

std::optional<double> Scorer::prevalence(std::optional<double> asked) const {
  if (!calibration) return {};
  return asked ? asked : calibration->prevalence;
}

std::optional<double> Scorer::prevalence_in_survey(std::optional<double> asked) const {
  if (!calibration) return {};
  return asked.value_or(survey_prevalence);
}

double Scorer::probability(double logit, std::optional<double> at) const {
  if (!calibration || !at) return std::nan("");
  return calibration->probability(logit, *at);
}

double Scorer::student_probability(double student_logit, std::optional<double> at) const {
  if (!student_calibration || !at) return std::nan("");
  return student_calibration->probability(student_logit, *at);
}

Scorer open_scorer(const fs::path& model, const network::OnnxChoice& choice) {
  if (!fs::exists(model)) throw Error{model.string() + ": no such model", "give a model folder or an .onnx file"};
  if (fs::is_directory(model) && !model::is_model_folder(model)) {
    throw Error{model.string() + ": is no model folder: it has no model.json",
                "give the folder that `lensfind train` left, or an .onnx file"};
  }
  Scorer scorer = fs::is_directory(model) ? scorer_of_folder(model) : scorer_of_onnx(model, choice);
  network::OnnxNetwork network = network_of(scorer);
  scorer.any_size = network.shape.size == 0;
  // The noise that a network is told is in the model's unit of flux.
  if (network.takes_seeing && fs::is_directory(model) && !scorer.zero_point) {
    scorer.zero_point = read_description(model).zero_point;
    scorer.zero_point_may_lack = true;
  }
  scorer.notes.insert(scorer.notes.end(), network.notes.begin(), network.notes.end());
  scorer.fingerprint = fingerprint(scorer, std::move(network.bytes));
  return scorer;
}

network::OnnxNetwork network_of(const Scorer& scorer) {
  return scorer.packed ? model::network_of_folder(scorer.onnx.parent_path()) : network::read_onnx(scorer.onnx, scorer.choice);
}

void settle_size(Scorer& scorer, int size) {
  scorer.choice.size = size;
  scorer.any_size = false;
  scorer.notes.push_back(
      fmt::format("{} takes cutouts of any size: {} x {} pixels were taken, as the cutouts have (--onnx-size says another)",
                  scorer.onnx.filename().string(), size, size));
  scorer.fingerprint = fingerprint(scorer, network_of(scorer).bytes);
}

std::unique_ptr<Engine> open_engine(const Scorer& scorer, EngineOptions options) {
  options.choice = scorer.choice;
  auto engine = open_engine(network_of(scorer), scorer.onnx, options);
  return scorer.average_symmetries ? average_over_symmetries(std::move(engine)) : std::move(engine);
}

void check_model_runs(const fs::path& folder) {
  const std::unique_ptr<Engine> engine = open_engine(open_scorer(folder), {.threads = 1, .batch = 1});
  std::vector<float> pixels(engine->shape().values());
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 251) / 251;
  for (const float logit : engine->run(pixels, 1)) {
    if (!std::isfinite(logit))
      throw Error{"the model gives no finite logit for a plain cutout", "are its weights those that were trained, and whole?"};
  }
}

std::vector<float> logits_of(Engine& engine, std::span<const float> cutouts, std::size_t count, std::span<const float> seeing) {
  const std::vector<float> outputs = engine.run_with_seeing(cutouts, count, seeing);
  const auto width = static_cast<std::size_t>(engine.outputs());
  std::vector<float> logits(count);
  for (std::size_t i = 0; i < count; ++i)
    logits[i] = static_cast<float>(network::lens_logit(std::span<const float>{outputs}.subspan(width * i, width)));
  return logits;
}

evaluate::Scores score_dataset(Engine& engine, const Scorer& scorer, const dataset::Dataset& data, std::optional<double> prevalence,
                               Progress& progress, const StopFlag& stop) {
  if (engine.shape() != data.shape) {
    const auto text = [](const image::ImageShape& shape) { return fmt::format("({}, {}, {})", shape.bands, shape.height, shape.width); };
    throw Error{fmt::format("{}: its cutouts are {}, the model takes {}", data.root.string(), text(data.shape), text(engine.shape())),
                "load the set in the model's shape (larger cutouts are cut), or take a model for this one"};
  }
  const std::optional<double> at = scorer.prevalence(prevalence);
  const auto batch = static_cast<std::int64_t>(engine.batch());
  const auto width = static_cast<std::size_t>(engine.outputs());
  const int workers = (3 * engine.concurrency() + 1) / 2;
  evaluate::Scores scores;
  progress.start("scoring", data.size(), "images");
  in_order(
      workers, static_cast<std::size_t>(4 * workers),
      [&, begin = std::int64_t{0}]() mutable -> std::optional<std::int64_t> {
        if (stop) throw Stopped{"stopped while a set was scored", "start it again"};
        if (begin >= data.size()) return {};
        return std::exchange(begin, begin + batch);
      },
      [&, pixels = std::vector<float>{}, seeing = std::vector<float>{}](std::int64_t begin) mutable {
        const auto count = static_cast<std::size_t>(std::min(batch, data.size() - begin));
        const std::size_t values = data.shape.values(), bands = static_cast<std::size_t>(data.shape.bands);
        pixels.resize(count * values);
        seeing.resize(count * bands);
        for (std::size_t i = 0; i < count; ++i)
          data.read(begin + static_cast<std::int64_t>(i), std::span{pixels}.subspan(i * values, values),
                    std::span{seeing}.subspan(i * bands, bands));
        return engine.run_with_seeing(pixels, count, seeing);
      },
      [&](const std::vector<float>& outputs) {
        for (std::size_t i = 0; i < outputs.size(); i += width) {
          const dataset::Sample& sample = data.samples[scores.size()];
          const double logit = network::lens_logit(std::span<const float>{outputs}.subspan(i, width));
          if (!std::isfinite(logit)) {
            throw Error{fmt::format("the network gives {} for {}, no score", std::isnan(logit) ? "no number (NaN)" : "infinity", sample.id),
                        "are some of its pixels extreme? Leave it out of the set"};
          }
          scores.push_back({sample.id, sample.label, logit, scorer.probability(logit, at), sample.group});
        }
        progress.advance(static_cast<std::int64_t>(outputs.size() / width));
      });
  progress.finish();
  return scores;
}

}  // namespace lensfind::score
