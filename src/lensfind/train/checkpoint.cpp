#include "lensfind/train/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/train/keep.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* state_name = "state.json";
constexpr const char* hint = "the checkpoint is damaged or another run's: begin anew with --overwrite";

Value to_value(const model::EpochRecord& epoch) {
  return Value{Value::Array{epoch.epoch, epoch.train_loss, epoch.validation_loss, epoch.validation_auc, epoch.validation_average_precision,
                            epoch.learning_rate, epoch.images, epoch.seconds}};
}

[[noreturn]] void refuse(const fs::path& folder, const std::string& what) {
  throw Error{fmt::format("{}: {}", (folder / state_name).string(), what), hint};
}

double finite(const Value& value) {
  const double number = value.as_number();
  if (!std::isfinite(number)) throw Error{"a number in it is not finite", hint};
  return number;
}

model::EpochRecord epoch_from(const Value& value) {
  const Value::Array& row = value.as_array();
  if (row.size() != 8) throw Error{fmt::format("an epoch of its history has {} numbers, not 8", row.size()), hint};
  return {static_cast<int>(row[0].as_integer()),
          finite(row[1]),
          finite(row[2]),
          finite(row[3]),
          finite(row[4]),
          finite(row[5]),
          row[6].as_integer(),
          finite(row[7])};
}

/// A file of the checkpoint, which lies in its folder.
fs::path file_of(const fs::path& folder, const Value& name) {
  const fs::path file = name.as_string();
  if (file.empty() || file.has_parent_path() || file == "..") throw Error{fmt::format("`{}` is no file of it", file.string()), hint};
  return folder / file;
}

/// What its numbers count must be countable.
void check_counters(const Checkpoint& state) {
  const bool counts =
      state.epoch >= 1 && state.batch >= 0 && state.steps >= 0 && state.images >= 0 && state.seconds >= 0 && state.kept_epoch >= 0;
  if (!counts) throw Error{"a counter in it is negative", hint};
  if (state.history.size() != static_cast<std::size_t>(state.epoch) - 1)
    throw Error{fmt::format("epoch {} is under way after a history of {}", state.epoch, state.history.size()), hint};
  for (std::size_t e = 0; e < state.history.size(); ++e) {
    if (state.history[e].epoch != static_cast<int>(e) + 1)
      throw Error{fmt::format("epoch {} of its history is called {}", e + 1, state.history[e].epoch), hint};
  }
}

Checkpoint parse(const Value& text, const fs::path& folder) {
  Checkpoint state;
  state.epoch = static_cast<int>(std::clamp<std::int64_t>(text.at("epoch").as_integer(), -1, 1'000'000));
  state.batch = text.at("batch").as_integer();
  state.steps = text.at("steps").as_integer();
  state.loss_sum = finite(text.at("loss_sum"));
  state.images = text.at("images").as_integer();
  state.seconds = finite(text.at("seconds"));
  for (const Value& epoch : text.at("history").as_array()) state.history.push_back(epoch_from(epoch));
  state.fingerprint = text.at("fingerprint").as_string();
  state.recipe = text.at("recipe");
  state.threads = static_cast<int>(text.at("threads").as_integer());
  state.kept_epoch = static_cast<int>(std::clamp<std::int64_t>(text.at("kept_epoch").as_integer(), -1, 1'000'000));
  check_counters(state);
  state.arrays = network::read_safetensors(file_of(folder, text.at("arrays")));
  if (state.kept_epoch > 0) state.kept = network::read_safetensors(file_of(folder, text.at("kept")));
  return state;
}

void remove_all_but(const fs::path& folder, const std::set<fs::path>& wanted) {
  for (const fs::directory_entry& entry : fs::directory_iterator{folder}) {
    if (!wanted.contains(entry.path().filename())) fs::remove_all(entry.path());
  }
}

}  // namespace

void write_checkpoint(const fs::path& folder, const Checkpoint& state) {
  fs::create_directories(folder);
  const std::string arrays = fmt::format("step-{}.safetensors", state.steps);
  const std::string kept = state.kept_epoch > 0 ? fmt::format("kept-{}.safetensors", state.kept_epoch) : "";
  network::write_safetensors(folder / arrays, state.arrays);
  if (!kept.empty() && !fs::exists(folder / kept)) network::write_safetensors(folder / kept, state.kept);
  Value history{Value::Array{}};
  for (const model::EpochRecord& epoch : state.history) history.push_back(to_value(epoch));
  const Value text = empty_object()
                         .set("epoch", state.epoch)
                         .set("batch", state.batch)
                         .set("steps", state.steps)
                         .set("loss_sum", state.loss_sum)
                         .set("images", state.images)
                         .set("seconds", state.seconds)
                         .set("history", history)
                         .set("fingerprint", state.fingerprint)
                         .set("recipe", state.recipe)
                         .set("threads", state.threads)
                         .set("arrays", arrays)
                         .set("kept_epoch", state.kept_epoch)
                         .set("kept", kept);
  write_file(folder / state_name, to_json(text), Durability::survives_power_loss);
  remove_all_but(folder, {state_name, arrays, kept});
}

bool has_checkpoint(const fs::path& folder) { return fs::is_regular_file(folder / state_name); }

Checkpoint read_checkpoint(const fs::path& folder) {
  const Value text = read_json(folder / state_name);
  try {
    return parse(text, folder);
  } catch (const Error& error) {
    refuse(folder, error.what());
  }
}

void check_arrays(const network::Weights& have, const network::Weights& wanted, const fs::path& folder) {
  for (const auto& [name, array] : wanted) {
    const auto found = have.find(name);
    if (found == have.end()) refuse(folder, fmt::format("its arrays lack {}", name));
    if (found->second.shape != array.shape)
      refuse(folder,
             fmt::format("its array {} is ({}), not ({})", name, fmt::join(found->second.shape, ", "), fmt::join(array.shape, ", ")));
    if (!std::ranges::all_of(found->second.values, [](float value) { return std::isfinite(value); }))
      refuse(folder, fmt::format("its array {} holds numbers that are not finite", name));
  }
  if (have.size() != wanted.size()) refuse(folder, fmt::format("it has {} arrays, the run has {}", have.size(), wanted.size()));
}

void check_checkpoint(const Checkpoint& state, const RunFacts& run, const fs::path& folder) {
  if (state.epoch > run.recipe.epochs + 1 || state.batch > run.batches_an_epoch)
    refuse(folder, fmt::format("epoch {}, batch {} is beyond the run's {} epochs of {} batches", state.epoch, state.batch,
                               run.recipe.epochs, run.batches_an_epoch));
  const std::int64_t steps = (state.epoch - 1) * run.batches_an_epoch + state.batch;
  if (state.steps != steps) refuse(folder, fmt::format("it counts {} steps after {} of the run", state.steps, steps));
  if ((state.batch == 0) != (state.images == 0))
    refuse(folder, fmt::format("it counts {} images in {} batches", state.images, state.batch));
  const int kept = early_stopping(run.recipe, state.history).kept_epoch;
  if (state.kept_epoch != kept)
    refuse(folder, fmt::format("it keeps epoch {}, by its history the recipe keeps {}", state.kept_epoch, kept));
  check_arrays(state.arrays, run.arrays, folder);
  if (state.kept_epoch > 0) check_arrays(state.kept, run.kept, folder);
}

}  // namespace lensfind::train
