#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/text_stream.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_header_bytes = std::size_t{1} << 20;

/// The lines at the head of a file that begin with one of `letters`.
std::vector<std::string> head_lines(const fs::path& path, std::string_view letters) {
  const auto file = open_text(path);
  std::vector<std::string> lines;
  std::string line;
  std::size_t bytes = 0;
  while (bytes < max_header_bytes && letters.find(static_cast<char>(file->peek())) != std::string_view::npos && std::getline(*file, line)) {
    if (line.ends_with('\r')) line.pop_back();
    bytes += line.size() + 1;
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The value of `key` in a piece of YAML: "name: ra" or "{name: 'a, b', unit: deg}".
std::string yaml_value(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const bool begins = at == 0 || std::string_view{" {,\n-"}.find(text[at - 1]) != std::string_view::npos;
    if (!begins || !text.substr(at + key.size()).starts_with(": ")) continue;
    std::string_view value = text.substr(at + key.size() + 2);
    if (value.starts_with('\'') || value.starts_with('"')) return std::string{value.substr(1, value.find(value[0], 1) - 1)};
    value = value.substr(0, value.find_first_of(",}\n"));
    while (value.ends_with(' ')) value.remove_suffix(1);
    return std::string{value};
  }
  return {};
}

/// The YAML of an ECSV header; empty where the file is none.
std::string ecsv_header(const fs::path& path) {
  const std::vector<std::string> lines = head_lines(path, "#");
  if (lines.empty() || lines.front().find("%ECSV") == std::string::npos) return {};
  std::string yaml;
  for (const std::string& line : lines) yaml += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
  return yaml;
}

class CsvTable final : public TableReader {
 public:
  explicit CsvTable(const fs::path& path) : table_{path} {
    const std::map<std::string, std::string> units = yaml_units(ecsv_header(path));
    for (std::size_t i = 0; i < table_.columns().size(); ++i) {
      const std::string& name = table_.columns()[i];
      ColumnHead head{.name = name.empty() ? fmt::format("column_{}", i + 1) : name};
      if (!table_.units().empty()) head.unit = table_.units()[i];
      if (const auto found = units.find(name); found != units.end()) head.unit = found->second;
      add_column(std::move(head));
    }
  }
  bool next(std::vector<std::string_view>& fields) override {
    if (!table_.next()) return false;
    fields = table_.fields();
    return true;
  }
  std::string where() const override { return table_.where(); }
  std::vector<std::string> notes() const override {
    std::vector<std::string> notes = TableReader::notes();
    if (table_.commented_rows() > 0)
      notes.push_back(fmt::format("{} rows begin with # and were passed over as comments", table_.commented_rows()));
    return notes;
  }

 private:
  CsvReader table_;
};

/// IRSA's table format: lines of keywords that begin with a backslash, up to four lines of names, types, units and nulls between bars, and
/// rows whose values stand between the bars' columns.
class IpacTable final : public TableReader {
 public:
  explicit IpacTable(const fs::path& path) : path_{path}, file_{open_text(path)} {
    std::vector<std::string> header;
    for (const std::string& text : head_lines(path, "\\|"))
      if (text.starts_with('|')) header.push_back(text);
    for (std::size_t at = header[0].find('|'); at + 1 < header[0].size();) {
      const std::size_t end = std::min(header[0].find('|', at + 1), header[0].size());
      spans_.push_back({at, end});
      at = end;
    }
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      add_column({.name = part(header[0], i), .unit = header.size() > 2 ? part(header[2], i) : ""});
      nulls_.push_back(header.size() > 3 ? part(header[3], i) : "");
    }
  }
  bool next(std::vector<std::string_view>& fields) override {
    while (std::getline(*file_, row_)) {
      ++line_;
      if (row_.ends_with('\r')) row_.pop_back();
      if (row_.empty() || row_.starts_with('\\') || row_.starts_with('|')) continue;
      values_.clear();
      for (std::size_t i = 0; i < spans_.size(); ++i) {
        values_.push_back(part(row_, i));
        if (values_.back() == nulls_[i] || values_.back() == "null") values_.back().clear();
      }
      fields.assign(values_.begin(), values_.end());
      return true;
    }
    if (file_->bad()) throw Error{path_.string() + ": reading failed", "check the disk, and whether the file is whole"};
    return false;
  }
  std::string where() const override { return fmt::format("{}, line {}", path_.string(), line_); }

 private:
  struct Span {
    std::size_t begin, end;  ///< of the bars around a column
  };

  [[nodiscard]] std::string part(const std::string& line, std::size_t column) const {
    const auto [begin, end] = spans_[column];
    if (begin >= line.size()) return {};
    const std::size_t first = line[begin] == '|' ? begin + 1 : begin;
    const std::size_t length = column + 1 == spans_.size() && line[0] != '|' ? std::string::npos : end - first;
    const std::string_view text = std::string_view{line}.substr(first, length);
    const std::size_t left = text.find_first_not_of(" \t|");
    if (left == std::string_view::npos) return {};
    return std::string{text.substr(left, text.find_last_not_of(" \t|") - left + 1)};
  }

  fs::path path_;
  std::unique_ptr<std::istream> file_;
  std::vector<Span> spans_;
  std::vector<std::string> nulls_, values_;
  std::string row_;
  std::int64_t line_ = 0;
};

/// Whether the names stand between bars at both ends, below keywords if any.
bool is_ipac(const fs::path& path) {
  const std::vector<std::string> lines = head_lines(path, "\\|");
  const auto names = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with('|'); });
  if (names == lines.end()) return false;
  const std::size_t last = names->find_last_not_of(" \t");
  return last > 0 && (*names)[last] == '|';
}

}  // namespace

std::map<std::string, std::string> yaml_units(const std::string& yaml) {
  std::map<std::string, std::string> units;
  std::string entry;
  const auto take = [&] {
    if (!entry.empty()) units.emplace(yaml_value(entry, "name"), yaml_value(entry, "unit"));
    entry.clear();
  };
  bool inside = false;
  std::istringstream lines{yaml};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("- ") || line == "-") {
      take();
      if (inside) entry = line;
    } else if (line.starts_with(' ')) {
      if (!entry.empty()) entry += "\n" + line;
    } else {
      take();
      inside = line.starts_with("datatype:");
    }
  }
  take();
  return units;
}

std::unique_ptr<TableReader> open_text_table(const fs::path& path) {
  if (is_ipac(path)) return std::make_unique<IpacTable>(path);
  return std::make_unique<CsvTable>(path);
}

}  // namespace lensfind::sky
