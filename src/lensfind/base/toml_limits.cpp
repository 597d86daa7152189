#include "lensfind/base/toml_limits.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

constexpr std::size_t max_bytes = std::size_t{1} << 22;
constexpr int max_parts = 16, deepest = 32;
constexpr const char* hint = "is it the right file? a recipe or survey is a short table of settings";

/// Where a string that begins at `at` ends: behind its last quote, or the end of the text or line where it has none.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool is_long = text.substr(at, 3) == three;
  for (std::size_t i = at + (is_long ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (is_long ? text.substr(i, 3) == three : text[i] == quote) {
      return i + (is_long ? 3 : 1);
    } else if (!is_long && text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

/// Counts, outside strings and comments, how deep the brackets and how many the parts of one key are.
class Counter {
 public:
  explicit Counter(const std::string& origin) : origin_{origin} {}

  void see(char letter) {
    if (letter == '\n') ++line_;
    if (letter == '.') ++parts_;
    if (letter == '\n' || letter == '=' || letter == ',' || letter == '[' || letter == '{') parts_ = 1;
    if (letter == '[' || letter == '{') ++depth_;
    if ((letter == ']' || letter == '}') && depth_ > 0) --depth_;
    if (parts_ > max_parts) refuse(fmt::format("a key of more than {} parts", max_parts));
    if (depth_ > deepest) refuse(fmt::format("brackets nested more than {} deep", deepest));
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error{fmt::format("{}, line {}: {}", origin_, line_, what), hint}; }

  const std::string& origin_;
  int line_ = 1, parts_ = 1, depth_ = 0;
};

}  // namespace

void check_toml_limits(std::string_view text, const std::string& origin) {
  if (text.size() > max_bytes) throw Error{fmt::format("{}: {} bytes of settings, {} are the most", origin, text.size(), max_bytes), hint};
  Counter counter{origin};
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '"' || text[i] == '\'') {
      const std::size_t end = end_of_string(text, i);
      for (; i < end; ++i)
        if (text[i] == '\n') counter.see('\n');
    } else {
      counter.see(text[i++]);
    }
  }
}

}  // namespace lensfind::base
