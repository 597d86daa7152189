#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/session.h"
#include "lensfind/inspect/zooniverse.h"

namespace {

using namespace lensfind::inspect;

constexpr std::string_view grades_head = "id,grade,grader,time,presentation,role,truth,seconds,uid,undoes\n";
constexpr std::string_view export_head = "classification_id,user_name,created_at,annotations,subject_data\n";

void read_as_grades(const std::string& text) {
  const MemoryFile file{reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), ".csv"};
  const std::vector<std::filesystem::path> files{file.path()};
  const GradeSet set = read_grades(files, abcx());
  const Merged merged = merge_grades(set, {.consensus = {.draws = 5}});
  for (const MergedObject& object : merged.objects)
    if (object.grades < 1 || !(object.mean >= 0 && object.mean <= 3)) __builtin_trap();
}

/// What a page may send: a session either stores it or says why not.
void take_as_request(Session& session, const std::string& text) {
  const lensfind::Value said = lensfind::parse_json(text, "the request");
  for (const Answer& answer : {session.grade(said), session.undo(said)})
    if (answer.status < 200 || answer.status > 499) __builtin_trap();
}

Session& session() {
  static Session one = [] {
    CandidateList list;
    for (int i = 0; i < 10; ++i) list.objects.push_back({.object = {.id = std::to_string(i)}});
    return Session{std::move(list), [](std::size_t, const View&) { return Drawn{}; }, 1, GradeStore{":memory:"}, {}};
  }();
  return one;
}

}  // namespace

/// Whatever bytes come, the reader of grades, the reader of Zooniverse's export and the server's requests give a result or throw Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text{reinterpret_cast<const char*>(data) + 1, size - 1};
  try {
    switch (data[0] % 4) {
      case 0:
        read_as_grades(text);
        break;
      case 1:
        read_as_grades(std::string{grades_head} + text);
        break;
      case 2:
        read_as_grades(std::string{export_head} + text);
        break;
      default:
        take_as_request(session(), text);
    }
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
