#include "lensfind/model/seen.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::model {
namespace {

constexpr auto file_name = "seen.csv";

std::filesystem::path record_of(const std::filesystem::path& model) {
  const std::filesystem::path folder = model.parent_path();
  if (model.filename() == "model.onnx" || model.filename() == "model.safetensors") return folder / file_name;
  if (folder.filename() == "checkpoint") return folder.parent_path() / file_name;
  return model / file_name;
}

/// For what sample i was used, if the record knows it.
std::optional<SeenFor> use_of(const dataset::Dataset& data, std::size_t i, const SeenCutouts& seen) {
  std::optional<SeenFor> use;
  for (const Hash128& hash : {data.any_rotation[i], data.hashes[i]}) {
    const auto found = seen.find(hash);
    if (found != seen.end()) use = std::min(use.value_or(found->second), found->second);
  }
  return use;
}

}  // namespace

void add_seen(SeenCutouts& seen, const Hash128& pixels, SeenFor use) {
  const auto [known, is_new] = seen.emplace(pixels, use);
  if (!is_new) known->second = std::min(known->second, use);
}

SeenCutouts merge_seen(SeenCutouts seen, const SeenCutouts& more) {
  for (const auto& [pixels, use] : more) add_seen(seen, pixels, use);
  return seen;
}

void write_seen(const std::filesystem::path& folder, const SeenCutouts& seen) {
  std::string text = "pixels,used_for\n";
  for (const auto& [pixels, use] : seen) text += fmt::format("{},{}\n", pixels.text(), name_of(use));
  write_file(folder / file_name, text);
}

SeenCutouts read_seen(const std::filesystem::path& model) {
  SeenCutouts seen;
  const std::filesystem::path path = record_of(model);
  if (model.empty() || !std::filesystem::is_regular_file(path)) return seen;
  CsvReader table{path};
  const std::size_t pixels = table.column("pixels");
  const std::size_t used_for = table.column("used_for");
  while (table.next()) {
    const auto hash = parse_hash128(table[pixels]);
    const auto use = find_named<SeenFor>(table[used_for]);
    if (!hash || !use)
      throw Error{fmt::format("{}: `{},{}` is no cutout's hash and use", table.where(), table[pixels], table[used_for]),
                  "copy the model folder again; without this file nobody knows what the model saw"};
    add_seen(seen, *hash, *use);
  }
  return seen;
}

std::string SeenAmong::text() const {
  std::vector<std::string> uses;
  if (training > 0) uses.push_back(fmt::format("{} to train", training));
  if (validation > 0) uses.push_back(fmt::format("{} to choose the epoch", validation));
  if (calibration > 0) uses.push_back(fmt::format("{} to calibrate", calibration));
  return fmt::format("{} (the first: {})", fmt::join(uses, ", "), first);
}

SeenAmong seen_among(const dataset::Dataset& data, const SeenCutouts& seen) {
  SeenAmong among;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    const std::optional<SeenFor> use = use_of(data, i, seen);
    if (!use) continue;
    if (among.all() == 0) among.first = data.samples[i].id;
    (use == SeenFor::training ? among.training : use == SeenFor::validation ? among.validation : among.calibration) += 1;
  }
  return among;
}

std::vector<dataset::StoodIn> stood_in(const dataset::Dataset& data, const SeenCutouts& seen) {
  std::vector<dataset::StoodIn> sides;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    const std::optional<SeenFor> use = use_of(data, i, seen);
    sides.push_back(!use                       ? dataset::StoodIn::neither
                    : use == SeenFor::training ? dataset::StoodIn::training
                                               : dataset::StoodIn::validation);
  }
  return sides;
}

}  // namespace lensfind::model
