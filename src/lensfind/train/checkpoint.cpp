#include "lensfind/train/checkpoint.h"

#include <set>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* state_name = "state.json";

Value to_value(const EpochRecord& epoch) {
  return Value{Value::Array{epoch.epoch, epoch.train_loss, epoch.validation_loss, epoch.validation_auc, epoch.validation_average_precision,
                            epoch.learning_rate, epoch.images, epoch.seconds}};
}

EpochRecord epoch_from(const Value& value) {
  const Value::Array& row = value.as_array();
  return {static_cast<int>(row.at(0).as_integer()),
          row.at(1).as_number(),
          row.at(2).as_number(),
          row.at(3).as_number(),
          row.at(4).as_number(),
          row.at(5).as_number(),
          row.at(6).as_integer(),
          row.at(7).as_number()};
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
  for (const EpochRecord& epoch : state.history) history.push_back(to_value(epoch));
  const Value text = empty_object()
                         .set("epoch", state.epoch)
                         .set("batch", state.batch)
                         .set("steps", state.steps)
                         .set("loss_sum", state.loss_sum)
                         .set("images", state.images)
                         .set("seconds", state.seconds)
                         .set("history", history)
                         .set("schedule", state.schedule)
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
  Checkpoint state;
  state.epoch = static_cast<int>(text.at("epoch").as_integer());
  state.batch = text.at("batch").as_integer();
  state.steps = text.at("steps").as_integer();
  state.loss_sum = text.at("loss_sum").as_number();
  state.images = text.at("images").as_integer();
  state.seconds = text.at("seconds").as_number();
  for (const Value& epoch : text.at("history").as_array()) state.history.push_back(epoch_from(epoch));
  state.schedule = text.at("schedule");
  state.fingerprint = text.at("fingerprint").as_string();
  state.recipe = text.at("recipe");
  state.threads = static_cast<int>(text.at("threads").as_integer());
  state.arrays = network::read_safetensors(folder / text.at("arrays").as_string());
  state.kept_epoch = static_cast<int>(text.at("kept_epoch").as_integer());
  if (state.kept_epoch > 0) state.kept = network::read_safetensors(folder / text.at("kept").as_string());
  return state;
}

}  // namespace lensfind::train
