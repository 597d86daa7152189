#include "lensfind/base/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <locale.h>

#include "lensfind/base/blanks.h"
#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"

namespace lensfind::base {
namespace {

constexpr std::size_t first_block_bytes = std::size_t{1} << 14;  // most tables are small
constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t longest_record = std::size_t{64} << 20;
constexpr std::size_t opening_lines = 6;  // names, units, a rule and rows that show how they are parted
constexpr std::size_t max_named = 20;     // columns that an error lists

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string some_of(const std::vector<std::string>& columns) {
  if (columns.size() <= max_named) return fmt::format("{}", fmt::join(columns, ", "));
  return fmt::format("{} and {} more", fmt::join(columns.begin(), columns.begin() + max_named, ", "), columns.size() - max_named);
}

/// Of a text that is a number, but not within the range of float64: 0 or infinite.
double out_of_range(std::string_view text) {
  static const locale_t c_locale = newlocale(LC_ALL_MASK, "C", locale_t{});
  return strtod_l(std::string{text}.c_str(), nullptr, c_locale);
}

template <typename T>
std::optional<T> parse(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value{};
  const char* const stop = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), stop, value);
  if (end == stop && error == std::errc{}) return value;
  if constexpr (std::is_floating_point_v<T>) {
    if (end == stop && error == std::errc::result_out_of_range) return out_of_range(text);
    if (end != stop && error != std::errc::invalid_argument && (*end == 'D' || *end == 'd') && end + 1 != stop && text.size() < 64) {
      std::string with_e{text};
      with_e[static_cast<std::size_t>(end - text.data())] = 'e';
      const char next = end[1] == '-' || end[1] == '+' ? end[std::min<std::ptrdiff_t>(2, stop - end - 1)] : end[1];
      if (next >= '0' && next <= '9' && text.find_first_of("eE") == std::string_view::npos) return parse<T>(with_e);
    }
  }
  return std::nullopt;
}

void refuse_wide_letters(std::string_view text, const std::filesystem::path& path) {
  const std::string_view head = text.substr(0, 2);
  if (head != "\xFF\xFE" && head != "\xFE\xFF" && text.find('\0') == std::string_view::npos) return;
  throw Error{path.string() + ": is no text in UTF-8 (it holds zero bytes, as UTF-16 does)",
              "save it as UTF-8, for instance with `iconv -f UTF-16 -t UTF-8`"};
}

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path) : path_{path}, file_{open_text(path)} { read_header(); }

CsvReader::CsvReader(std::string text, const std::string& origin)
    : path_{origin}, file_{std::make_unique<std::istringstream>(std::move(text))} {
  read_header();
}

void CsvReader::read_header() {
  const auto enough = [&] {
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = buffer_.find_first_of("\r\n", at)) != std::string::npos && lines < opening_lines; ++lines) {
      at += buffer_.compare(at, 2, "\r\n") == 0 ? 2 : 1;
      if (buffer_.compare(at, 1, "#") == 0) --lines;  // only rows show how fields are parted
    }
    return lines >= (buffer_.size() < block_bytes ? opening_lines : 1);  // of a million columns the names alone will do
  };
  while (fill() && !enough()) {
    if (buffer_.size() > longest_record)
      throw Error{path_.string() + ": its first lines are longer than 64 MiB", "is it a table of text with a header?"};
  }
  refuse_wide_letters(std::string_view{buffer_}.substr(0, first_block_bytes), path_);
  std::size_t whole = buffer_.size();
  if (!ended_) {
    const std::size_t last = buffer_.find_last_of('\n');
    whole = (last == std::string::npos ? buffer_.find_last_of('\r') : last) + 1;
  }
  std::optional<CsvOpening> opening = read_opening(std::string_view{buffer_}.substr(0, whole));
  if (!opening) throw Error{path_.string() + ": empty, not even a header", "the first line must name the columns, as in `id,label,logit`"};
  opening_ = std::move(*opening);
  position_ = opening_.body;
  next_line_ = opening_.lines + 1;
  std::unordered_set<std::string_view> names;
  for (const std::string& name : opening_.columns)
    if (!names.insert(name).second)
      throw Error{fmt::format("{}: the column `{}` stands twice", path_.string(), name), "rename or remove one of them"};
}

std::optional<std::size_t> CsvReader::find(std::string_view name) const {
  const std::vector<std::string>& names = columns();
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) found = std::ranges::find_if(names, [&](const std::string& other) { return same_but_for_case(other, name); });
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

std::size_t CsvReader::column(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  throw Error{fmt::format("{}: no column `{}`", path_.string(), name), "the header names: " + some_of(columns())};
}

std::string CsvReader::where() const { return fmt::format("{}, line {}", path_.string(), line_); }

bool CsvReader::next() {
  if (!read_record()) return false;
  if (fields_.size() != columns().size())
    throw Error{fmt::format("{}: {} fields, but the header names {}", where(), fields_.size(), columns().size()),
                "put texts that hold separators in double quotes"};
  return true;
}

bool CsvReader::read_record() {
  while (true) {
    line_ = next_line_;
    const std::size_t end = record_end();
    if (end == position_ && end == buffer_.size()) return false;
    char* const begin = buffer_.data() + position_;
    std::size_t length = end - position_;
    position_ = std::min(end + 1, buffer_.size());
    if (length > 0 && begin[length - 1] == '\r') --length;
    if (length == 0) continue;  // an empty line
    if (begin[0] == '#') {
      pass_comment({begin, length});
      continue;
    }
    if (!split_record(begin, begin + length, opening_.dialect, fields_))
      throw Error{where() + ": text after a closing quote", "double the quotes inside a quoted text"};
    return true;
  }
}

void CsvReader::pass_comment(std::string_view line) {
  std::string copy{line};
  if (split_record(copy.data(), copy.data() + copy.size(), opening_.dialect, fields_) && fields_.size() == columns().size())
    ++commented_rows_;
}

/// Where the record that begins at position_ ends: its line break, or the end of the file. A break inside quotes does not count.
std::size_t CsvReader::record_end() {
  std::size_t searched = position_;
  bool open = false;
  while (true) {
    const std::size_t newline = buffer_.find(opening_.dialect.line_end, searched);
    if (newline != std::string::npos) {
      ++next_line_;
      const bool comment = !open && buffer_[position_] == '#';
      open = !comment && ends_in_quotes(buffer_.data() + searched, buffer_.data() + newline, open, opening_.dialect);
      if (!open) return newline;
      searched = newline + 1;
      continue;
    }
    const std::size_t behind = searched - position_;  // fill() moves the record to the front
    const bool more = buffer_.size() - position_ <= longest_record && fill();
    searched = position_ + behind;
    if (more) continue;
    open = buffer_[position_] != '#' && ends_in_quotes(buffer_.data() + searched, buffer_.data() + buffer_.size(), open, opening_.dialect);
    if (open || !ended_)
      throw Error{where() + (open ? ": a quote is opened and never closed" : ": a line longer than 64 MiB"),
                  "close it, or double the quotes inside a quoted text"};
    return buffer_.size();
  }
}

/// Drops what was read and appends the next block; false at the end of the file.
bool CsvReader::fill() {
  const bool first = next_line_ == 1 && position_ == 0 && buffer_.empty();
  buffer_.erase(0, position_);
  position_ = 0;
  ended_ = file_->eof();
  if (ended_) return false;
  const std::size_t held = buffer_.size();
  const std::size_t wanted = first ? first_block_bytes : block_bytes;
  buffer_.resize(held + wanted);
  file_->read(buffer_.data() + held, static_cast<std::streamsize>(wanted));
  buffer_.resize(held + static_cast<std::size_t>(file_->gcount()));
  if (file_->bad()) throw Error{path_.string() + ": reading failed", "check the disk, the file's permissions, and whether it is whole"};
  const bool more = buffer_.size() > held;
  ended_ = !more || file_->eof();
  if (first && buffer_.starts_with("\xEF\xBB\xBF")) buffer_.erase(0, 3);
  return more;
}

std::optional<double> parse_number(std::string_view text) { return parse<double>(text); }
std::optional<std::int64_t> parse_integer(std::string_view text) { return parse<std::int64_t>(text); }

std::string csv_field(std::string_view text) {
  if (text.empty()) return {};
  const char first = text.front();
  const bool formula = first == '=' || first == '@' || ((first == '+' || first == '-') && !parse_number(text));
  const auto blank = [](char letter) { return letter == ' ' || letter == '\t'; };
  if (!formula && first != '#' && !blank(first) && !blank(text.back()) && text.find_first_of(",;|\t\"\r\n") == std::string_view::npos)
    return std::string{text};
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  return out + '"';
}

}  // namespace lensfind::base
