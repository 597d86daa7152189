#include "lensfind/inspect/scheme.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/base/settings_file.h"

namespace lensfind::inspect {
namespace {

namespace fs = std::filesystem;

/// One graphic character of ASCII that the page leaves free.
void require_key(const std::string& key, const std::string& of, std::set<std::string>& taken, const std::string& origin) {
  if (key.size() != 1 || key[0] <= ' ' || key[0] > '~')
    throw Error{fmt::format("{}: the key of `{}` is `{}`", origin, of, key), "a key is one letter, digit or sign"};
  if (std::string_view{page_keys}.find(key[0]) != std::string_view::npos)
    throw Error{fmt::format("{}: the key `{}` of `{}` is one of the page's own", origin, key, of),
                fmt::format("choose one that is not among {}", page_keys)};
  if (!taken.insert(key).second)
    throw Error{fmt::format("{}: the key `{}` of `{}` stands twice", origin, key, of), "give each grade and kind a key of its own"};
}

void check(Scheme& scheme, const std::string& origin) {
  if (scheme.grades.size() < 2) throw Error{origin + ": a scheme has two grades or more", "add [[grades]] tables"};
  std::set<std::string> names, keys;
  for (GradeLevel& level : scheme.grades) {
    if (level.grade.empty()) throw Error{origin + ": a grade has no name", "give each of [[grades]] `grade = \"...\"`"};
    if (!names.insert(lower_case(level.grade)).second)
      throw Error{fmt::format("{}: the grade `{}` stands twice", origin, level.grade), "give each grade a name of its own"};
    if (level.key.empty()) level.key = lower_case(level.grade.substr(0, 1));
    require_key(level.key, level.grade, keys, origin);
  }
  if (scheme.values().size() < 2) throw Error{origin + ": all grades have one value", "give the grades different values"};
  for (const ObjectKind& kind : scheme.kinds) {
    if (kind.kind.empty()) throw Error{origin + ": a kind has no name", "give each of [[kinds]] `kind = \"...\"`"};
    require_key(kind.key, kind.kind, keys, origin);
  }
}

}  // namespace

const GradeLevel* Scheme::find(const std::string& grade) const {
  for (const GradeLevel& level : grades)
    if (lower_case(level.grade) == lower_case(grade)) return &level;
  const auto number = parse_number(grade);
  if (!number) return nullptr;
  for (const GradeLevel& level : grades)
    if (const auto own = parse_number(level.grade); own && *own == *number) return &level;
  return nullptr;
}

bool Scheme::has_kind(const std::string& kind) const { return std::ranges::find(kinds, kind, &ObjectKind::kind) != kinds.end(); }

std::vector<double> Scheme::values() const {
  std::set<double> sorted;
  for (const GradeLevel& level : grades) sorted.insert(level.value);
  return {sorted.begin(), sorted.end()};
}

Scheme parse_scheme(const std::string& toml, const std::string& origin) {
  Scheme scheme;
  read_fields(parse_toml(toml, origin), scheme, origin);
  if (scheme.name.empty()) scheme.name = fs::path{origin}.stem().string();
  check(scheme, origin);
  return scheme;
}

Scheme find_scheme(const std::string& path_or_name, const std::vector<fs::path>& folders) {
  const fs::path path = find_settings({"scheme", {"abcx"}}, path_or_name, folders);
  return path.empty() ? abcx() : parse_scheme(read_text(path, 1 << 20), path.string());
}

std::string scheme_toml(const Scheme& scheme) { return to_toml(write_fields(scheme)); }

Value scheme_value(const Scheme& scheme) {
  Value grades{Value::Array{}}, kinds{Value::Array{}};
  for (const GradeLevel& level : scheme.grades)
    grades.push_back(empty_object()
                         .set("grade", level.grade)
                         .set("key", level.key)
                         .set("meaning", level.meaning)
                         .set("value", level.value)
                         .set("label", level.label));
  for (const ObjectKind& kind : scheme.kinds) kinds.push_back(empty_object().set("kind", kind.kind).set("key", kind.key));
  return empty_object().set("name", scheme.name).set("title", scheme.title).set("grades", grades).set("kinds", kinds);
}

Scheme abcx() {
  Scheme scheme{
      .name = "abcx",
      .title = "A: certain lens, B: probable, C: possible, X: no lens",
      .grades = {{"A", "a", 3, "certain lens", 1},
                 {"B", "b", 2, "probable lens", 1},
                 {"C", "c", 1, "possible lens", -1},
                 {"X", "x", 0, "no lens", 0}},
      .kinds = {{"ring", "1"}, {"arc", "2"}, {"quad", "3"}, {"spiral", "4"}, {"merger", "5"}, {"edge-on", "6"}, {"artefact", "7"}}};
  return scheme;
}

}  // namespace lensfind::inspect
