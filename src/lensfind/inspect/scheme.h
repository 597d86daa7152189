#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/label.h"
#include "lensfind/base/value.h"

namespace lensfind::inspect {

/// A grade that may be given.
struct GradeLevel {
  std::string grade;    ///< as tables spell it: "A", "1.5"
  std::string key;      ///< the key that gives it, one character; empty: the grade's own first letter, small
  double value = 0;     ///< for means and agreement; higher: surer that it is a lens
  std::string meaning;  ///< "certain lens"
  int label = -1;       ///< 1: counts as a lens, 0: as a non-lens, -1: neither

  static void describe(auto& field) {
    field(&GradeLevel::grade, "grade", any(), "as tables spell it");
    field(&GradeLevel::key, "key", any(), "one character that gives it; empty: the first of the grade, small");
    field(&GradeLevel::value, "value", any(), "number for means and agreement: higher is surer that it is a lens");
    field(&GradeLevel::meaning, "meaning", any(), "what it means, for the page");
    field(&GradeLevel::label, "label", between(-1, 1), "1: counts as a lens, 0: as a non-lens, -1: neither");
  }
};

/// What an object looks like, said beside its grade.
struct ObjectKind {
  std::string kind;  ///< "ring", "spiral"
  std::string key;   ///< one character

  static void describe(auto& field) {
    field(&ObjectKind::kind, "kind", any(), "as tables spell it");
    field(&ObjectKind::key, "key", any(), "one character that gives it");
  }
};

/// How graders grade: a TOML file, or one of schemes/ by name.
struct Scheme {
  std::string name;   ///< stands in every row of grades
  std::string title;  ///< a sentence for the page
  std::vector<GradeLevel> grades;
  std::vector<ObjectKind> kinds;

  static void describe(auto& field) {
    field(&Scheme::name, "name", any(), "name that stands in every row of grades; empty: the file's name");
    field(&Scheme::title, "title", any(), "a sentence for the page");
    field(&Scheme::grades, "grades", any(), "the grades, from the surest lens down");
    field(&Scheme::kinds, "kinds", any(), "what an object may look like, said beside the grade");
  }

  /// The level of a grade, in any case of letters. Numbers go by their value ("2" is "2.0"). nullptr: there is none.
  [[nodiscard]] const GradeLevel* find(const std::string& grade) const;
  [[nodiscard]] bool has_kind(const std::string& kind) const;
  /// Values of the grades, each once, the lowest first.
  [[nodiscard]] std::vector<double> values() const;
};

/// Letters that the page itself uses. No grade or kind may have one of them.
inline constexpr const char* page_keys = "nugvyftlo?[]";

/// A scheme from TOML text. Throws Error for fewer than two grades, equal grades or keys, keys that are no single character or that the
/// page uses.
Scheme parse_scheme(const std::string& toml, const std::string& origin);
/// By path, or by name from the folders. Throws Error that names those there are.
Scheme find_scheme(const std::string& path_or_name, const std::vector<std::filesystem::path>& folders);
/// The TOML text, which parse_scheme() reads back.
std::string scheme_toml(const Scheme& scheme);
/// Title, grades and kinds with their keys, as the page needs them.
Value scheme_value(const Scheme& scheme);
/// A, B, C and X: certain, probable, possible and no lens.
Scheme abcx();

}  // namespace lensfind::inspect
