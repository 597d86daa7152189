#include "lensfind/score/chunks.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/open_file.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

std::string hash_of(std::string_view text) { return hash128(std::as_bytes(std::span{text})).text(); }

/// What stands before the rows, but for its checksum.
Value head_of(const Chunk& chunk, const std::string& identity) {
  return empty_object()
      .set("run", identity)
      .set("scored", chunk.scored_count)
      .set("rejected", chunk.rejected_count)
      .set("scores_bytes", chunk.scores.size())
      .set("measured_bytes", chunk.measured.size())
      .set("readings", to_json_value(chunk.readings));
}

std::string checksum(const Value& head, std::string_view rows) { return hash_of(to_json(head, -1) + hash_of(rows)); }

/// Throws Error where it is damaged; nothing where it is of another run than `identity`.
std::optional<Chunk> parse_chunk(const std::string& text, const std::string& identity, const std::string& origin) {
  const std::size_t line = std::min(text.find('\n'), text.size());
  const Value head = parse_json(text.substr(0, line), origin);
  const std::string rows = text.substr(std::min(line + 1, text.size()));
  const auto bytes = static_cast<std::size_t>(head.at("scores_bytes").as_integer());
  const auto measured = static_cast<std::size_t>(head.at("measured_bytes").as_integer());
  if (bytes > rows.size() || measured > rows.size() - bytes || head.at("run").as_string() != identity) return {};
  Chunk chunk{rows.substr(0, bytes),
              rows.substr(bytes, rows.size() - bytes - measured),
              head.at("scored").as_integer(),
              head.at("rejected").as_integer(),
              readings_from(head.at("readings")),
              rows.substr(rows.size() - measured)};
  if (checksum(head_of(chunk, identity), rows) != head.at("checksum").as_string()) return {};
  return chunk;
}

/// Whether a run leaves files of this name in its folder: run.json, 000012.chunk, and either with a mark behind while it is written.
bool is_name_of_a_run(std::string name) {
  name = name.substr(0, name.find(".tmp-"));
  return name == "run.json" || (name.ends_with(".chunk") && name.find_first_not_of("0123456789") == name.size() - 6);
}

fs::path folder_of(fs::path table) { return table += ".parts"; }

}  // namespace

ChunkFolder::ChunkFolder(const fs::path& table) : folder_{folder_of(table)} {}

ChunkFolder ChunkFolder::at(const fs::path& folder) {
  ChunkFolder chunks{folder};
  chunks.folder_ = folder;
  return chunks;
}

bool ChunkFolder::exists() const { return fs::exists(folder_ / "run.json"); }

void ChunkFolder::begin(const Value& run) {
  remove();
  std::error_code error;
  fs::create_directory(folder_, error);
  if (error) throw Error{folder_.string() + ": " + error.message(), "does its folder exist, and may you write there?"};
  write_file(folder_ / "run.json", to_json(run), Durability::survives_power_loss);
  take_up();
}

void ChunkFolder::join(const Value& run) {
  while (true) {
    std::error_code error;
    fs::create_directory(folder_, error);
    if (error) throw Error{folder_.string() + ": " + error.message(), "does its folder exist, and may you write there?"};
    const std::optional<FolderLock> alone = lock();
    if (!alone) continue;  // another shard has just removed it
    if (!exists()) write_file(folder_ / "run.json", to_json(run), Durability::survives_power_loss);
    take_up();
    return;
  }
}

std::optional<FolderLock> ChunkFolder::lock() const { return FolderLock::wait_for(folder_); }

bool ChunkFolder::has_all(std::int64_t count) const {
  for (std::int64_t number = 0; number < count; ++number) {
    if (!fs::exists(file(number))) return false;
  }
  return true;
}

Value ChunkFolder::run() const { return read_json(folder_ / "run.json"); }

Value ChunkFolder::take_up() {
  Value begun = run();
  identity_ = hash_of(to_json(begun, -1));
  return begun;
}

fs::path ChunkFolder::file(std::int64_t number) const { return folder_ / fmt::format("{:06}.chunk", number); }

void ChunkFolder::write(std::int64_t number, const Chunk& chunk) {
  const std::string rows = chunk.scores + chunk.rejected + chunk.measured;
  Value head = head_of(chunk, identity_);
  const std::string sum = checksum(head, rows);
  AtomicFile out{file(number), Durability::survives_power_loss};
  out.write(to_json(head.set("checksum", sum), -1) + "\n");
  out.write(rows);
  out.commit();
}

std::optional<Chunk> ChunkFolder::read(std::int64_t number) const {
  if (!fs::exists(file(number))) return {};
  try {
    return parse_chunk(read_text(file(number)), identity_, file(number).string());
  } catch (const MachineFault&) {
    throw;
  } catch (const Error&) {
    return {};
  }
}

void ChunkFolder::remove() {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder_, error}) {
    if (entry.is_directory() || !is_name_of_a_run(entry.path().filename().string())) {
      throw Error{fmt::format("{}: holds {}, which is of no run", folder_.string(), entry.path().filename().string()),
                  "move it elsewhere, or give OUT another name"};
    }
  }
  // run.json goes first: without it nobody takes what is left for a run.
  fs::remove(folder_ / "run.json", error);
  fs::remove_all(folder_, error);
  if (error) throw Error{folder_.string() + ": cannot be removed: " + error.message(), "remove it by hand"};
}

}  // namespace lensfind::score
