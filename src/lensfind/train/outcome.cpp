#include "lensfind/train/outcome.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/version.h"
#include "lensfind/evaluate/choose.h"
#include "lensfind/train/device.h"
#include "lensfind/train/fresh_cutouts.h"

namespace lensfind::train {
namespace {

evaluate::Scores validation_scores(const Prepared& run, const std::vector<std::int64_t>& samples, const std::vector<double>& logits) {
  evaluate::Scores rows;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const dataset::Sample& sample = run.data.samples[static_cast<std::size_t>(samples[i])];
    rows.push_back({.id = sample.id, .label = sample.label, .logit = logits[i], .group = sample.group});
  }
  return rows;
}

evaluate::Scores calibration_rows(const Prepared& run, const std::vector<std::int64_t>& samples, const evaluate::Scores& rows) {
  evaluate::Scores chosen;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::binary_search(run.split.calibration.begin(), run.split.calibration.end(), samples[i])) chosen.push_back(rows[i]);
  }
  return chosen;
}

/// What it was trained on; of a simulated set how it was simulated, so that others like it can be made.
Value data_of(const Prepared& run, const std::filesystem::path& data) {
  Value of = empty_object().set("path", data.string()).set("part", name_of(run.data.split)).set("fingerprint", run.data.fingerprint);
  if (run.fresh) return of.set("simulation", run.fresh->simulation());
  std::error_code unknown;
  const std::filesystem::path record = data / "simulation.toml";
  if (std::filesystem::is_regular_file(record, unknown)) of.set("simulation", read_toml(record));
  return of;
}

}  // namespace

std::string epoch_line(const model::EpochRecord& epoch, int epochs) {
  return fmt::format("epoch {}/{}: loss {:.4f}, validation loss {:.4f}, AUC {:.4f}, average precision {:.4f}, {:.0f} images/s", epoch.epoch,
                     epochs, epoch.train_loss, epoch.validation_loss, epoch.validation_auc, epoch.validation_average_precision,
                     static_cast<double>(epoch.images) / epoch.seconds);
}

Outcome evaluate_outcome(const Prepared& run, const std::vector<double>& validation_logits) {
  const std::vector<std::int64_t> samples = run.split.validation();
  Outcome outcome;
  outcome.validation = validation_scores(run, samples, validation_logits);
  const evaluate::Scores held = calibration_rows(run, samples, outcome.validation);
  outcome.model.graph = run.graph;
  outcome.model.band_names = run.band_names;
  outcome.model.preprocessing = run.preprocessing;
  outcome.model.pixel_scale_arcsec = run.data.pixel_scale_arcsec;
  outcome.model.zero_point = run.data.zero_point;
  outcome.model.survey_prevalence = run.data.survey_prevalence.value_or(model::usual_survey_prevalence);
  outcome.model.training_images = run.training_images;
  outcome.model.calibration = evaluate::fit_model_calibration(held, run.split.calibrated_on);
  outcome.model.thresholds = evaluate::choose_thresholds(held, outcome.model.calibration, run.split.calibrated_on);
  outcome.calibrated_on = run.split.calibrated_on;
  if (outcome.model.calibration) {
    for (evaluate::Score& row : outcome.validation) row.probability = outcome.model.calibration->probability(row.logit);
  } else {
    const bool few = !evaluate::fit_calibration(held, run.split.calibrated_on);
    outcome.calibrated_on = fmt::format("no calibration ({}); thresholds from {}",
                                        few ? fmt::format("only {} validation lenses", count(run.data, run.split.calibration, Label::lens))
                                            : "the validation lenses do not score higher than others",
                                        run.split.calibrated_on);
  }
  return outcome;
}

Value provenance(const Prepared& run, const std::filesystem::path& data, int kept_epoch, const std::string& calibrated_on) {
  const auto side = [&](const std::vector<std::int64_t>& samples) {
    return empty_object().set("lenses", count(run.data, samples, Label::lens)).set("nonlenses", count(run.data, samples, Label::non_lens));
  };
  Value made =
      empty_object()
          .set("made_by", "lensfind train")
          .set("recipe", write_fields(run.recipe))
          .set("seed", run.recipe.seed)
          .set("kept_epoch", kept_epoch)
          .set("data", data_of(run, data))
          .set("split", empty_object()
                            .set("train", side(run.split.train))
                            .set("validation", side(run.split.validation()))
                            .set("calibration", side(run.split.calibration))
                            .set("calibrated_on", calibrated_on))
          .set("mining", run.mining_rounds)
          .set("computed", empty_object().set("device", run.device).set("precision", run.bf16 ? "bf16" : "f32").set("threads", run.threads))
          .set("versions", empty_object().set("lensfind", version()).set("torch", torch_version()));
  if (run.pretrained) made.set("pretraining", run.pretrained->provenance);
  return made;
}

}  // namespace lensfind::train
