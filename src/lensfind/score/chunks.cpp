#include "lensfind/score/chunks.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

std::string checksum(std::int64_t scored, std::int64_t rejected, std::size_t scores_bytes, const std::string& rows) {
  const Hash128 hash = hash128(std::as_bytes(std::span{rows}));
  const std::string all = fmt::format("{} {} {} {}", scored, rejected, scores_bytes, hash.text());
  return hash128(std::as_bytes(std::span{all})).text();
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
}

void ChunkFolder::join(const Value& run) {
  std::error_code error;
  fs::create_directory(folder_, error);
  if (error) throw Error{folder_.string() + ": " + error.message(), "does its folder exist, and may you write there?"};
  const Lock alone = lock();
  if (!exists()) write_file(folder_ / "run.json", to_json(run), Durability::survives_power_loss);
}

ChunkFolder::Lock ChunkFolder::lock() const {
  const int descriptor = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::flock(descriptor, LOCK_EX) != 0) {
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    throw Error{fmt::format("{}: cannot be locked: {}", folder_.string(), std::strerror(error)),
                "is the folder there, on a file system that has locks?"};
  }
  return Lock{descriptor};
}

ChunkFolder::Lock::~Lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool ChunkFolder::has_all(std::int64_t count) const {
  for (std::int64_t number = 0; number < count; ++number) {
    if (!fs::exists(file(number))) return false;
  }
  return true;
}

Value ChunkFolder::run() const { return read_json(folder_ / "run.json"); }

fs::path ChunkFolder::file(std::int64_t number) const { return folder_ / fmt::format("{:06}.chunk", number); }

void ChunkFolder::write(std::int64_t number, const Chunk& chunk) {
  const std::string rows = chunk.scores + chunk.rejected;
  const Value head = empty_object()
                         .set("scored", chunk.scored_count)
                         .set("rejected", chunk.rejected_count)
                         .set("scores_bytes", chunk.scores.size())
                         .set("checksum", checksum(chunk.scored_count, chunk.rejected_count, chunk.scores.size(), rows));
  AtomicFile out{file(number), Durability::survives_power_loss};
  out.write(to_json(head, -1) + "\n");
  out.write(rows);
  out.commit();
}

std::optional<Chunk> ChunkFolder::read(std::int64_t number) const {
  if (!fs::exists(file(number))) return {};
  try {
    const std::string text = read_text(file(number));
    const std::size_t line = text.find('\n');
    const Value head = parse_json(text.substr(0, line), file(number).string());
    const std::string rows = line == std::string::npos ? std::string{} : text.substr(line + 1);
    const std::int64_t scored = head.at("scored").as_integer();
    const std::int64_t rejected = head.at("rejected").as_integer();
    const auto bytes = static_cast<std::size_t>(head.at("scores_bytes").as_integer());
    if (checksum(scored, rejected, bytes, rows) != head.at("checksum").as_string()) return {};
    return Chunk{rows.substr(0, bytes), rows.substr(bytes), scored, rejected};
  } catch (const Error&) {
    return {};
  }
}

void ChunkFolder::remove() {
  std::error_code error;
  // run.json goes first: without it nobody takes what is left for a run.
  fs::remove(folder_ / "run.json", error);
  fs::remove_all(folder_, error);
  if (error) throw Error{folder_.string() + ": cannot be removed: " + error.message(), "remove it by hand"};
}

}  // namespace lensfind::score
