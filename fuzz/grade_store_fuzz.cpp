#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <sqlite3.h>
#include <unistd.h>

#include "fuzz/memory_file.h"
#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/session.h"

namespace {

using namespace lensfind::inspect;

constexpr const char* file_of_a_script = "/dev/shm/lensfind-fuzz-script.sqlite";

/// A file of grades as `inspect` leaves it: 40 rows by two graders, 20 objects, a scheme.
std::string sound_file() {
  const std::string path = "/dev/shm/lensfind-fuzz-sound-" + std::to_string(::getpid()) + ".sqlite";
  {
    GradeStore store{path};
    store.set_scheme(abcx());
    std::vector<GradedObject> objects;
    for (int i = 0; i < 20; ++i)
      objects.push_back(
          {.id = std::to_string(i), .role = i % 4 == 0 ? Role::painted : Role::candidate, .position = lensfind::sky::Position{1. * i, 2}});
    store.set_objects(objects);
    for (int i = 0; i < 40; ++i)
      store.add({.uid = "uid" + std::to_string(i),
                 .time = "2026-01-01T00:00:00.000Z",
                 .grader = i % 2 == 0 ? "anna" : "ben",
                 .object = std::to_string(i / 2),
                 .scheme = "abcx",
                 .grade = std::string{"ABCX"[i % 4]},
                 .note = "a note",
                 .seconds = 1.5});
  }
  sqlite3* handle = nullptr;  // no write-ahead log beside the bytes
  if (sqlite3_open(path.c_str(), &handle) != SQLITE_OK ||
      sqlite3_exec(handle, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) != SQLITE_OK)
    __builtin_trap();
  sqlite3_close(handle);
  std::string bytes = lensfind::read_text(path);
  ::unlink(path.c_str());
  return bytes;
}

/// The sound file with some of its bytes replaced: three of input say where and by what.
std::string damaged(const std::string& sound, const std::string& input) {
  std::string bytes = sound;
  for (std::size_t i = 0; i + 3 <= input.size(); i += 3) {
    std::uint16_t place = 0;
    std::memcpy(&place, input.data() + i, 2);
    bytes[place % bytes.size()] = input[i + 2];
  }
  return bytes;
}

/// The sound file after a stranger's SQL: other tables, views, triggers, types, texts.
std::string after_script(const std::string& sound, const std::string& script) {
  lensfind::write_file(file_of_a_script, sound);
  sqlite3* handle = nullptr;
  if (sqlite3_open(file_of_a_script, &handle) != SQLITE_OK) __builtin_trap();
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);  // it makes no other files
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 2'000'000);
  sqlite3_progress_handler(
      handle, 20'000, [](void*) { return 1; }, nullptr);
  sqlite3_exec(handle, script.c_str(), nullptr, nullptr, nullptr);
  sqlite3_exec(handle, "COMMIT; PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  const std::string bytes = lensfind::read_text(file_of_a_script);
  std::filesystem::remove(file_of_a_script);
  return bytes.size() > 4'000'000 ? std::string{} : bytes;
}

void remove_beside(const std::filesystem::path& path) {
  for (const char* end : {"-wal", "-shm", "-journal"}) std::filesystem::remove(path.string() + end);
}

/// As `grades merge` does.
void read_and_merge(const std::filesystem::path& path) {
  const std::vector<std::filesystem::path> files{path};
  const GradeSet set = read_grades(files, abcx());
  for (const Grade& row : set.rows)
    if (row.object.empty() || row.grader.empty() || row.presentation < 0) __builtin_trap();
  const Merged merged = merge_grades(set, {.consensus = {.draws = 2}});
  for (const MergedObject& object : merged.objects)
    if (object.grades < 1) __builtin_trap();
}

/// As `inspect` does with a file that is there already.
void serve(const std::filesystem::path& path) {
  CandidateList list;
  for (int i = 0; i < 5; ++i) list.objects.push_back({.object = {.id = std::to_string(i)}});
  Session session{std::move(list), [](std::size_t, const View&) { return Drawn{}; }, 1, GradeStore{path}, {}};
  const Answer state = session.state("anna");
  if (state.status != 200) __builtin_trap();
  const std::string order = state.body.at("order").as_string();
  const lensfind::Value said =
      lensfind::empty_object().set("grader", "anna").set("order", order).set("slot", 0).set("grade", "A").set("uid", "aaaaaaaa");
  (void)session.grade(said);
  (void)session.undo(lensfind::empty_object().set("grader", "anna").set("order", order).set("uid", "bbbbbbbb"));
}

void check(void (*use)(const std::filesystem::path&), const std::string& bytes) {
  const MemoryFile file{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), ".sqlite"};
  try {
    use(file.path());
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  remove_beside(file.path());
}

}  // namespace

/// Whatever file somebody gives as a file of grades, it is read or refused with an Error that has a hint; nothing in it is run.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string sound = sound_file();
  if (size == 0 || size > 100'000) return 0;
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const std::string bytes = data[0] % 3 == 0 ? text : data[0] % 3 == 1 ? damaged(sound, text) : after_script(sound, text);
  check(read_and_merge, bytes);
  check(serve, bytes);
  return 0;
}
