#include "lensfind/base/csv_record.h"

#include <algorithm>
#include <cstring>

#include "lensfind/base/blanks.h"

namespace lensfind::base {
namespace {

/// The closing quote from `at` on, or `end`; doubled quotes are passed over.
const char* closing_quote(const char* at, const char* end) {
  while (at != end) {
    at = static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return end;
    if (at + 1 == end || at[1] != '"') return at;
    at += 2;
  }
  return end;
}

char* next_separator(char* at, char* end, const CsvDialect& dialect) {
  if (dialect.separator == ' ') return std::find_if(at, end, is_blank);
  if (at == end) return end;
  auto* found = static_cast<char*>(std::memchr(at, dialect.separator, static_cast<std::size_t>(end - at)));
  return found == nullptr ? end : found;
}

/// Writes a decimal comma as a point, where the field is a number.
void use_point(std::string_view field, char* begin) {
  const std::size_t comma = field.find(',');
  if (comma == std::string_view::npos || field.find_first_not_of("0123456789+-eE, \t") != std::string_view::npos) return;
  if (field.find(',', comma + 1) == std::string_view::npos) begin[comma] = '.';
}

/// Frees a field that begins with a quote from its quotes; `at` goes behind it. False where more text follows.
bool take_quoted(char*& at, char* end, const CsvDialect& dialect, std::vector<std::string_view>& fields) {
  char* const begin = at;
  char* out = begin;
  char* in = begin + 1;
  for (; in != end; ++in) {
    if (*in == '"' && (in + 1 == end || in[1] != '"')) break;
    if (*in == '"') ++in;
    *out++ = *in;
  }
  if (in == end) return false;
  at = in + 1;
  while (dialect.padded && dialect.separator != ' ' && at != end && is_blank(*at) && !dialect.separates(*at)) ++at;
  fields.emplace_back(begin, static_cast<std::size_t>(out - begin));
  return at == end || dialect.separates(*at);
}

}  // namespace

bool ends_in_quotes(const char* begin, const char* end, bool open, const CsvDialect& dialect) {
  if (!open && std::memchr(begin, '"', static_cast<std::size_t>(end - begin)) == nullptr) return false;
  for (const char* at = begin;; ++at) {
    if (!open) {
      while ((dialect.padded || dialect.separator == ' ') && at != end && is_blank(*at)) ++at;
      open = at != end && *at == '"';
      if (open) ++at;
    }
    if (open) {
      at = closing_quote(at, end);
      if (at == end) return true;
      open = false;
      ++at;
    }
    at = std::find_if(at, end, [&](char letter) { return dialect.separates(letter); });
    if (at == end) return false;
  }
}

bool split_record(char* begin, char* end, const CsvDialect& dialect, std::vector<std::string_view>& fields) {
  fields.clear();
  const bool blanks = dialect.separator == ' ';
  while (blanks && end != begin && is_blank(end[-1])) --end;
  for (char* at = begin;; ++at) {
    while ((dialect.padded || blanks) && at != end && is_blank(*at)) ++at;
    if (at != end && *at == '"') {
      if (!take_quoted(at, end, dialect, fields)) return false;
    } else {
      char* const stop = next_separator(at, end, dialect);
      std::string_view field{at, static_cast<std::size_t>(stop - at)};
      if (dialect.padded) field = trimmed(field);
      if (!dialect.decimal_comma.empty() && fields.size() < dialect.decimal_comma.size() && dialect.decimal_comma[fields.size()])
        use_point(field, at);
      fields.push_back(field);
      at = stop;
    }
    if (at == end) return true;
  }
}

}  // namespace lensfind::base
