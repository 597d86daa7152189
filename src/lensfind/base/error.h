#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The one exception type of lensfind. It says what happened (and to which file or value), and gives a hint what to do about it. The
/// library never prints or exits. The program shows both parts as `error: ...` and `hint: ...`.
class Error : public std::runtime_error {
 public:
  Error(const std::string& what, std::string hint) : std::runtime_error{what}, hint_{std::move(hint)} {}

  /// What the user can do now: a whole sentence or clause, never empty.
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

/// Thrown by long work that the user stopped (Ctrl-C), after it has left a state to resume from.
class Stopped : public Error {
 public:
  using Error::Error;
};

/// The candidate that is nearest to `word` by edit distance (Levenshtein 1966). Empty where none is near enough to be a likely misspelling:
/// more than a third of the letters differ (two may always differ).
std::string nearest_name(const std::string& word, const auto& candidates);

/// Number of insertions, deletions and replacements of one letter that turn `a` into `b`.
std::size_t edit_distance(const std::string& a, const std::string& b);

std::string nearest_name(const std::string& word, const auto& candidates) {
  std::string best;
  std::size_t min = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, std::string{candidate});
    if (distance < min) {
      min = distance;
      best = std::string{candidate};
    }
  }
  return best;
}

}  // namespace lensfind::base
