#include "lensfind/base/csv.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"

namespace lensfind {
namespace {

constexpr std::size_t first_block_bytes = std::size_t{1} << 14;  // most tables are small
constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t longest_record = std::size_t{64} << 20;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <typename T>
std::optional<T> parse(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path) : path_{path} {
  require_regular_file(path);
  file_ = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file_) throw Error{path.string() + ": cannot be read", "check the path and its permissions"};
  read_header();
}

CsvReader::CsvReader(std::string text, const std::string& origin)
    : path_{origin}, file_{std::make_unique<std::istringstream>(std::move(text))} {
  read_header();
}

void CsvReader::read_header() {
  if (!read_record())
    throw Error{path_.string() + ": empty, not even a header", "the first line must name the columns, as in `id,label,logit`"};
  for (const std::string_view field : fields_) columns_.emplace_back(trimmed(field));
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (std::find(columns_.begin(), columns_.begin() + static_cast<std::ptrdiff_t>(i), columns_[i]) !=
        columns_.begin() + static_cast<std::ptrdiff_t>(i))
      throw Error{fmt::format("{}: the column `{}` stands twice", path_.string(), columns_[i]), "rename or remove one of them"};
}

std::optional<std::size_t> CsvReader::find(std::string_view name) const {
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  if (found == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns_.begin());
}

std::size_t CsvReader::column(std::string_view name) const {
  if (const auto found = find(name)) return *found;
  throw Error{fmt::format("{}: no column `{}`", path_.string(), name), fmt::format("the header names: {}", fmt::join(columns_, ", "))};
}

std::string CsvReader::where() const { return fmt::format("{}, line {}", path_.string(), line_); }

bool CsvReader::next() {
  if (!read_record()) return false;
  if (fields_.size() != columns_.size())
    throw Error{fmt::format("{}: {} fields, but the header names {}", where(), fields_.size(), columns_.size()),
                "put texts that hold commas in double quotes"};
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
    split(begin, begin + length);
    return true;
  }
}

/// Where the record that begins at position_ ends: its line break, or the end of the file. A break inside quotes does not count.
std::size_t CsvReader::record_end() {
  std::size_t searched = position_;
  bool quoted = false;
  while (true) {
    const std::size_t newline = buffer_.find('\n', searched);
    const std::size_t stop = newline == std::string::npos ? buffer_.size() : newline;
    const auto quotes = std::count(buffer_.data() + searched, buffer_.data() + stop, '"');
    quoted = quoted != (quotes % 2 == 1);
    if (newline != std::string::npos) {
      ++next_line_;
      if (!quoted) return newline;
      searched = newline + 1;
      continue;
    }
    searched = stop - position_;  // fill() moves the record to the front
    if (buffer_.size() - position_ > longest_record || (!fill() && quoted))
      throw Error{where() + ": a quote is opened and never closed", "close it, or double the quotes inside a quoted text"};
    if (searched == buffer_.size()) return buffer_.size();
  }
}

/// Drops what was read and appends the next block; false at the end of the file.
bool CsvReader::fill() {
  const bool first = next_line_ == 1 && position_ == 0 && buffer_.empty();
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t held = buffer_.size();
  const std::size_t wanted = first ? first_block_bytes : block_bytes;
  buffer_.resize(held + wanted);
  file_->read(buffer_.data() + held, static_cast<std::streamsize>(wanted));
  buffer_.resize(held + static_cast<std::size_t>(file_->gcount()));
  if (file_->bad()) throw Error{path_.string() + ": reading failed", "check the disk and the file's permissions"};
  if (first && buffer_.starts_with("\xEF\xBB\xBF")) buffer_.erase(0, 3);
  return buffer_.size() > held;
}

/// Cuts a record at its commas; quoted fields are freed of their quotes where they stand.
void CsvReader::split(char* begin, char* end) {
  fields_.clear();
  while (true) {
    if (begin != end && *begin == '"') {
      char* out = begin;
      char* in = begin + 1;
      for (; in != end; ++in) {
        if (*in == '"' && (in + 1 == end || in[1] != '"')) break;
        if (*in == '"') ++in;
        *out++ = *in;
      }
      if (in == end || (in + 1 != end && in[1] != ','))
        throw Error{where() + ": text after a closing quote", "double the quotes inside a quoted text"};
      fields_.emplace_back(begin, static_cast<std::size_t>(out - begin));
      begin = in + 1;
    } else {
      char* comma = static_cast<char*>(std::memchr(begin, ',', static_cast<std::size_t>(end - begin)));
      if (comma == nullptr) comma = end;
      fields_.emplace_back(begin, static_cast<std::size_t>(comma - begin));
      begin = comma;
    }
    if (begin == end) return;
    ++begin;  // the comma
  }
}

std::optional<double> parse_number(std::string_view text) { return parse<double>(text); }
std::optional<std::int64_t> parse_integer(std::string_view text) { return parse<std::int64_t>(text); }

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  return out + '"';
}

}  // namespace lensfind
