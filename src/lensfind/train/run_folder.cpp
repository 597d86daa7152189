#include "lensfind/train/run_folder.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/dataset/earlier_hashes.h"
#include "lensfind/model/model.h"
#include "lensfind/model/seen.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

std::string side_name(const Prepared& run, std::int64_t sample) {
  const TrainingSplit& split = run.split;
  const auto in = [sample](const std::vector<std::int64_t>& list) { return std::binary_search(list.begin(), list.end(), sample); };
  if (in(split.train)) return "train";
  if (in(split.choosing)) return in(split.calibration) ? "validation" : "choosing";
  if (in(split.calibration)) return "calibration";
  return std::find(run.mined.begin(), run.mined.end(), sample) != run.mined.end() ? "mined" : "";
}

void write_split(const fs::path& path, const Prepared& run) {
  std::string text = "id,label,group,side\n";
  for (std::size_t i = 0; i < run.data.samples.size(); ++i) {
    const dataset::Sample& sample = run.data.samples[i];
    const char* label = sample.label == Label::lens ? "1" : sample.label == Label::non_lens ? "0" : "";
    text +=
        fmt::format("{},{},{},{}\n", csv_field(sample.id), label, csv_field(sample.group), side_name(run, static_cast<std::int64_t>(i)));
  }
  write_file(path, text);
}

model::SeenCutouts seen_by(const Prepared& run) {
  // Those of the model from which the first weights come were seen too.
  model::SeenCutouts seen = run.seen_before;
  for (std::size_t i = 0; i < run.data.samples.size(); ++i) {
    const std::string side = side_name(run, static_cast<std::int64_t>(i));
    const auto part = side == "train" || side == "mined" ? model::SeenFor::training
                      : side == "calibration"            ? model::SeenFor::calibration
                                                         : model::SeenFor::validation;
    model::add_seen(seen, run.data.any_rotation[i], part);
  }
  return seen;
}

/// The fingerprint of a checkpoint that an earlier version left is compared with what that version would have said of the data.
bool is_of_this_data(const std::string& fingerprint, const Prepared& run) {
  if (fingerprint == run.fingerprint) return true;
  if (fingerprint.starts_with(dataset::fingerprint_mark)) return false;
  return fingerprint == dataset::earlier_fingerprint(run.data) + run.fingerprint.substr(run.data.fingerprint.size());
}

}  // namespace

std::string changed_key(const Value& before, const Value& now, const Value& defaults) {
  for (const auto& [key, value] : now.as_object()) {
    const Value* by_default = defaults.find(key);
    const Value* old = before.find(key);
    if (old == nullptr) old = by_default;  // a key that came later
    if (old == nullptr) return key;
    if (old->is_object() && value.is_object()) {
      const bool has_defaults = by_default != nullptr && by_default->is_object();
      const std::string within = changed_key(*old, value, has_defaults ? *by_default : empty_object());
      if (!within.empty()) return key + "." + within;
    } else if (to_json(*old, -1) != to_json(value, -1)) {
      return key;
    }
  }
  return "";
}

bool is_finished(const fs::path& out) { return model::is_model_folder(out); }

Output output_of(const TrainOptions& options) {
  return {.path = options.out,
          .kind = FolderKind::model,
          .command = "train",
          .overwrite = options.overwrite,
          .resume = options.resume,
          .inputs = {options.data, options.mine, options.mine_images, options.recipe.initial_weights}};
}

void write_beginning(const TrainOptions& options, const Prepared& run) {
  const fs::path& out = options.out;
  write_file(out / "recipe.toml", to_toml(write_fields(run.recipe)));
  write_split(out / "split.csv", run);
  model::write_seen(out, seen_by(run));
  dataset::write_rejected(out / "rejected.csv", run.data.rejected);
}

std::optional<Checkpoint> checkpoint_to_resume(const TrainOptions& options, const Prepared& run) {
  const fs::path folder = options.out / "checkpoint";
  if (!options.resume || !has_checkpoint(folder)) return std::nullopt;
  Checkpoint state = read_checkpoint(folder);
  if (!is_of_this_data(state.fingerprint, run)) {
    throw Error{fmt::format("{}: the data (or the hard negatives, or the pretraining) are not those with which the run in {} began",
                            options.data.string(), options.out.string()),
                "resume with the same files, or begin anew with --overwrite"};
  }
  const std::string key = changed_key(state.recipe, write_fields(run.recipe));
  if (!key.empty()) {
    throw Error{fmt::format("{}: the run began with another `{}` in its recipe", options.out.string(), key),
                fmt::format("resume with {}/recipe.toml, or begin anew with --overwrite", options.out.string())};
  }
  return state;
}

}  // namespace lensfind::train
