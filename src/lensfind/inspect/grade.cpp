#include "lensfind/inspect/grade.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>
#include <unordered_set>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/random.h>

#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"

namespace lensfind::inspect {

std::vector<Grade> standing(const std::vector<Grade>& rows) {
  std::unordered_set<std::string> undone, seen;
  std::vector<const Grade*> ordered;
  for (const Grade& row : rows) {
    if (!row.uid.empty() && !seen.insert(row.uid).second) continue;
    if (row.undoes.empty())
      ordered.push_back(&row);
    else
      undone.insert(row.undoes);
  }
  std::ranges::stable_sort(ordered, {}, [](const Grade* row) -> const std::string& { return row->time; });
  using Place = std::tuple<std::string, std::string, int, std::string>;
  std::map<Place, const Grade*> last;
  for (const Grade* row : ordered)
    if (row->uid.empty() || !undone.contains(row->uid)) last[{row->grader, row->object, row->presentation, row->scheme}] = row;
  std::unordered_set<const Grade*> holds;
  for (const auto& [place, row] : last) holds.insert(row);
  std::vector<Grade> out;
  for (const Grade* row : ordered)
    if (holds.contains(row)) out.push_back(*row);
  return out;
}

bool is_grader_name(const std::string& name) {
  return !name.empty() && name.size() <= 60 && valid_utf8(name) == name && name.front() != ' ' && name.back() != ' ' &&
         std::ranges::none_of(name, [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
}

std::string utc_now() {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  const auto whole = time_point_cast<seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), (now - whole).count());
}

std::string random_token() {
  std::array<unsigned char, 12> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error{"the system gives no random numbers", "try again"};
  std::string out;
  for (const unsigned char byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace lensfind::inspect
