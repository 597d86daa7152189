#include "lensfind/train/pretrain_folder.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::train {

namespace fs = std::filesystem;

namespace {

constexpr const char* settings_file = "pretrain.toml";
constexpr const char* result_file = "pretrain.json";
constexpr const char* encoder_file = "encoder.safetensors";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

void write_pretrain_history(const fs::path& path, const std::vector<PretrainEpoch>& history) {
  std::string text = "epoch,loss,feature_spread,projection_spread,learning_rate,images,seconds\n";
  for (const PretrainEpoch& e : history)
    text +=
        fmt::format("{},{},{},{},{},{},{}\n", e.epoch, e.loss, e.feature_spread, e.projection_spread, e.learning_rate, e.images, e.seconds);
  write_file(path, text, Durability::survives_power_loss);
}

std::vector<PretrainEpoch> read_pretrain_history(const fs::path& path) {
  CsvReader table{path};
  const auto number = [&](const char* name) {
    const std::string_view text = table[table.column(name)];
    if (const auto value = parse_number(text)) return *value;
    throw Error{fmt::format("{}: `{}` is no number", table.where(), text), "begin the run anew with --overwrite"};
  };
  std::vector<PretrainEpoch> history;
  while (table.next())
    history.push_back({.epoch = static_cast<int>(number("epoch")),
                       .loss = number("loss"),
                       .feature_spread = number("feature_spread"),
                       .projection_spread = number("projection_spread"),
                       .learning_rate = number("learning_rate"),
                       .images = static_cast<std::int64_t>(number("images")),
                       .seconds = number("seconds")});
  return history;
}

// An empty path names no folder: joined with a file's name it would be the working folder's.
bool is_pretraining_folder(const fs::path& path) { return is_pretrained_folder(path) || (!path.empty() && is_file(path / settings_file)); }

bool is_pretrained_folder(const fs::path& path) { return !path.empty() && is_file(path / result_file); }

void write_pretrained(const fs::path& folder, const Pretrained& run) {
  network::write_safetensors(folder / encoder_file, run.encoder);
  Value bands{Value::Array{}};
  for (const std::string& band : run.bands) bands.push_back(band);
  const Value text = empty_object()
                         .set("network", run.network)
                         .set("bands", bands)
                         .set("size", run.size)
                         .set("preprocessing", write_fields(run.preprocessing))
                         .set("provenance", run.provenance);
  write_file(folder / result_file, to_json(text), Durability::survives_power_loss);
}

Pretrained read_pretrained(const fs::path& folder) {
  const fs::path path = folder / result_file;
  if (!is_file(path))
    throw Error{folder.string() + ": this pretraining has not ended", "end it first: its own command with --resume goes on"};
  const Value text = read_json(path);
  Pretrained run;
  try {
    run.network = text.at("network").as_string();
    for (const Value& band : text.at("bands").as_array()) run.bands.push_back(band.as_string());
    run.size = static_cast<int>(text.at("size").as_integer());
    run.provenance = text.at("provenance");
  } catch (const Error& error) {
    throw Error{fmt::format("{}: {}", path.string(), error.what()), "pretrain again"};
  }
  read_fields(text.at("preprocessing"), run.preprocessing, path.string());
  network::check_preprocessing(run.preprocessing, static_cast<int>(run.bands.size()), path.string());
  run.encoder = network::read_safetensors(folder / encoder_file);
  return run;
}

}  // namespace lensfind::train
