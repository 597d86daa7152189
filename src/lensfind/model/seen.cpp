#include "lensfind/model/seen.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/dataset/earlier_hashes.h"

namespace lensfind::model {
namespace {

constexpr auto file_name = "seen.csv";

std::filesystem::path record_of(const std::filesystem::path& model) {
  const std::filesystem::path folder = model.parent_path();
  if (model.filename() == "model.onnx" || model.filename() == "model.safetensors") return folder / file_name;
  if (folder.filename() == "checkpoint") return folder.parent_path() / file_name;
  return model / file_name;
}

constexpr auto xxh3_name = "xxh3", murmur3_name = "murmur3";

void add(SeenCutouts::Uses& uses, const Hash128& pixels, SeenFor use) {
  const auto [known, is_new] = uses.emplace(pixels, use);
  if (!is_new) known->second = std::min(known->second, use);
}

/// For what each sample was used, if the record knows it.
std::vector<std::optional<SeenFor>> uses_of(const dataset::Dataset& data, const SeenCutouts& seen) {
  std::vector<std::optional<SeenFor>> uses(data.samples.size());
  const auto look_up = [&](const SeenCutouts::Uses& record, const std::vector<Hash128>& hashes) {
    for (std::size_t i = 0; i < std::min(uses.size(), hashes.size()); ++i) {
      const auto found = record.find(hashes[i]);
      if (found != record.end()) uses[i] = std::min(uses[i].value_or(found->second), found->second);
    }
  };
  look_up(seen.cutouts, data.any_rotation);
  if (!seen.of_earlier_versions.empty()) {
    const dataset::EarlierHashes earlier = dataset::earlier_hashes(data);
    look_up(seen.of_earlier_versions, earlier.any_rotation);
    look_up(seen.of_earlier_versions, earlier.pixels);
  }
  return uses;
}

}  // namespace

void add_seen(SeenCutouts& seen, const Hash128& pixels, SeenFor use) { add(seen.cutouts, pixels, use); }

SeenCutouts merge_seen(SeenCutouts seen, const SeenCutouts& more) {
  for (const auto& [pixels, use] : more.cutouts) add(seen.cutouts, pixels, use);
  for (const auto& [pixels, use] : more.of_earlier_versions) add(seen.of_earlier_versions, pixels, use);
  return seen;
}

void write_seen(const std::filesystem::path& folder, const SeenCutouts& seen) {
  std::string text = "pixels,used_for,hash\n";
  for (const auto& [pixels, use] : seen.of_earlier_versions) text += fmt::format("{},{},{}\n", pixels.text(), name_of(use), murmur3_name);
  for (const auto& [pixels, use] : seen.cutouts) text += fmt::format("{},{},{}\n", pixels.text(), name_of(use), xxh3_name);
  write_file(folder / file_name, text);
}

SeenCutouts read_seen(const std::filesystem::path& model) {
  SeenCutouts seen;
  const std::filesystem::path path = record_of(model);
  if (model.empty() || !std::filesystem::is_regular_file(path)) return seen;
  CsvReader table{path};
  const std::size_t pixels = table.column("pixels");
  const std::size_t used_for = table.column("used_for");
  const std::optional<std::size_t> kind = table.find("hash");
  while (table.next()) {
    const auto hash = parse_hash128(table[pixels]);
    const auto use = find_named<SeenFor>(table[used_for]);
    if (!hash || !use)
      throw Error{fmt::format("{}: `{},{}` is no cutout's hash and use", table.where(), table[pixels], table[used_for]),
                  "copy the model folder again; without this file nobody knows what the model saw"};
    const std::string_view name = kind ? table[*kind] : murmur3_name;
    if (name != xxh3_name && name != murmur3_name)
      throw Error{fmt::format("{}: `{}` is no hash that is known here", table.where(), name), "use the version of lensfind that wrote it"};
    add(name == xxh3_name ? seen.cutouts : seen.of_earlier_versions, *hash, *use);
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
  const std::vector<std::optional<SeenFor>> uses = uses_of(data, seen);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const std::optional<SeenFor> use = uses[i];
    if (!use) continue;
    if (among.all() == 0) among.first = data.samples[i].id;
    (use == SeenFor::training ? among.training : use == SeenFor::validation ? among.validation : among.calibration) += 1;
  }
  return among;
}

std::vector<dataset::StoodIn> stood_in(const dataset::Dataset& data, const SeenCutouts& seen) {
  std::vector<dataset::StoodIn> sides;
  for (const std::optional<SeenFor>& use : uses_of(data, seen)) {
    sides.push_back(!use                       ? dataset::StoodIn::neither
                    : use == SeenFor::training ? dataset::StoodIn::training
                                               : dataset::StoodIn::validation);
  }
  return sides;
}

}  // namespace lensfind::model
