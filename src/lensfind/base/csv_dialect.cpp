#include "lensfind/base/csv_dialect.h"

#include <algorithm>
#include <array>

#include "lensfind/base/blanks.h"
#include "lensfind/base/csv.h"

namespace lensfind::base {
namespace {

using Fields = std::vector<std::string>;

bool is_comment(std::string_view line) { return line.starts_with('#'); }

Fields fields_of(std::string_view line, const CsvDialect& dialect) {
  std::string copy{line};
  std::vector<std::string_view> fields;
  if (!split_record(copy.data(), copy.data() + copy.size(), dialect, fields)) return {};
  Fields out;
  for (const std::string_view field : fields) out.emplace_back(trimmed(field));
  return out;
}

/// A line of the opening and where the next one begins.
struct Line {
  std::string_view text;
  std::size_t next = 0;
};

/// The lines at `begin` as records of the dialect, without empty ones.
std::vector<Line> records(std::string_view text, std::size_t begin, const CsvDialect& dialect, std::size_t max) {
  std::vector<Line> out;
  while (begin < text.size() && out.size() < max) {
    bool open = false;
    std::size_t end = begin;
    for (std::size_t from = begin;; from = end + 1) {
      end = std::min(text.find(dialect.line_end, from), text.size());
      open = ends_in_quotes(text.data() + from, text.data() + end, open, dialect);
      if (!open || end == text.size()) break;
    }
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin = std::min(end + 1, text.size());
    if (!trimmed(line).empty() && !is_comment(line)) out.push_back({line, begin});
  }
  return out;
}

std::size_t count_separators(std::string_view line, char separator) {
  std::size_t count = 0;
  bool quoted = false;
  for (const char letter : line) {
    quoted = quoted != (letter == '"');
    count += !quoted && letter == separator;
  }
  return count;
}

/// The separator that parts the names, and if it can be the rows below too, into the most fields of one number.
char separator_of(std::string_view names, const std::vector<Line>& rows, char line_end) {
  char best = ',';
  std::pair<bool, std::size_t> best_fit{};
  for (const char separator : {',', '\t', ';', '|'}) {
    const std::size_t parts = count_separators(names, separator);
    if (parts == 0) continue;
    const auto same = [&](const Line& row) { return count_separators(row.text, separator) == parts; };
    const std::pair<bool, std::size_t> fit{std::all_of(rows.begin(), rows.end(), same), parts};
    if (fit <= best_fit) continue;
    best_fit = fit;
    best = separator;
    if (rows.empty()) return best;
  }
  if (best_fit.second > 0) return best;
  const CsvDialect blanks{.separator = ' ', .line_end = line_end, .padded = true, .decimal_comma = {}};
  const std::size_t words = fields_of(names, blanks).size();
  return words > 1 && !rows.empty() && fields_of(rows.front().text, blanks).size() == words ? ' ' : ',';
}

bool is_number(std::string_view field) { return parse_number(field).has_value(); }

/// Whether a line is a rule under the names: dashes (also psql's +) and separators.
bool is_rule(std::string_view line) {
  return line.find("--") != std::string_view::npos && line.find_first_not_of("-+|,; \t") == std::string_view::npos;
}

bool is_padded(std::string_view line, char separator) {
  bool quoted = false, any = false;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    quoted = quoted != (line[i] == '"');
    if (quoted || line[i] != separator) continue;
    if (line[i + 1] != ' ') return false;
    any = true;
  }
  return any && !line.ends_with(separator);
}

/// Whether a field is a number with a comma in it, and one that can be no thousands' comma.
struct Comma {
  bool number = false, plain = false, decisive = false, point = false;
};

Comma comma_of(std::string field) {
  const std::size_t comma = field.find(',');
  if (comma == std::string::npos) return {.number = is_number(field), .plain = is_number(field), .point = field.find('.') != field.npos};
  const std::size_t first = field.find_first_of("0123456789");
  const std::size_t whole = comma - std::min(first, comma);
  const bool thousands = whole >= 1 && whole <= 3 && field[first] != '0' && field.size() - comma == 4 &&
                         std::all_of(field.begin() + static_cast<std::ptrdiff_t>(comma) + 1, field.end(),
                                     [](char letter) { return letter >= '0' && letter <= '9'; });
  field[comma] = '.';
  return {.number = is_number(field), .decisive = is_number(field) && !thousands};
}

/// Columns whose numbers have a decimal comma: in no number of the sample stands a point, and some comma parts no thousands.
std::vector<bool> decimal_commas(const std::vector<Line>& rows, const CsvDialect& dialect, std::size_t columns) {
  if (dialect.separator == ',') return {};
  std::vector<bool> with_comma(columns), text(columns);
  bool decisive = false;
  for (const Line& row : rows) {
    const Fields fields = fields_of(row.text, dialect);
    for (std::size_t i = 0; i < std::min(columns, fields.size()); ++i) {
      if (fields[i].empty()) continue;
      const Comma comma = comma_of(fields[i]);
      if (comma.number && comma.point) return {};
      if (!comma.number) text[i] = true;
      if (comma.number && !comma.plain) with_comma[i] = true;
      decisive = decisive || comma.decisive;
    }
  }
  if (!decisive) return {};
  for (std::size_t i = 0; i < columns; ++i) with_comma[i] = with_comma[i] && !text[i];
  return with_comma;
}

/// "#   2 ALPHA_J2000   Right ascension of barycenter (J2000)   [deg]": number, name, unit; nothing for other comments.
struct NumberedColumn {
  std::size_t number = 0;
  std::string name, unit;
};

std::optional<NumberedColumn> numbered_column(std::string_view comment) {
  const CsvDialect blanks{.separator = ' ', .padded = true, .decimal_comma = {}};
  const Fields words = fields_of(comment.substr(1), blanks);
  if (words.size() < 2) return {};
  const auto number = parse_integer(words[0]);
  if (!number || *number < 1 || *number > 100000 || is_number(words[1])) return {};
  const std::string& last = words.back();
  const bool unit = words.size() > 2 && last.starts_with('[') && last.ends_with(']');
  return NumberedColumn{static_cast<std::size_t>(*number), words[1], unit ? last.substr(1, last.size() - 2) : ""};
}

/// Names of SExtractor's ASCII_HEAD; a column of several numbers (FLUX_APER) has the numbers up to the next name's.
bool take_numbered(const std::vector<std::string_view>& comments, std::size_t fields, CsvOpening& opening) {
  std::vector<NumberedColumn> named;
  for (const std::string_view comment : comments)
    if (auto column = numbered_column(comment)) named.push_back(std::move(*column));
  if (named.empty() || named.front().number != 1 || named.back().number > fields) return false;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const std::size_t end = i + 1 < named.size() ? named[i + 1].number : fields + 1;
    if (end <= named[i].number) return false;
    for (std::size_t part = named[i].number; part < end; ++part) {
      const std::size_t copy = part - named[i].number;
      opening.columns.push_back(named[i].name + (copy == 0 ? "" : "_" + std::to_string(copy)));
      opening.units.push_back(named[i].unit);
    }
  }
  return opening.columns.size() == fields;
}

/// Whether the comment above the first line names its columns: as many words as the line has fields, and that line is a row, as it holds
/// numbers or other words.
bool names_columns(std::string_view comment, const std::vector<Line>& rows, char line_end) {
  const std::string_view names = comment.substr(1);
  const CsvDialect dialect{.separator = separator_of(trimmed(names), rows, line_end), .line_end = line_end, .decimal_comma = {}};
  const Fields above = fields_of(trimmed(names), dialect);
  const Fields below = fields_of(rows.front().text, dialect);
  if (above.size() != below.size() || above == below || std::ranges::any_of(above, is_number)) return false;
  const auto is_word = [](const std::string& name) { return !name.empty() && name.find(' ') == std::string::npos; };
  return std::ranges::any_of(below, is_number) || (dialect.separator != ' ' && above.size() > 1 && std::ranges::all_of(above, is_word));
}

/// Comments at the head of the text, and where the first other line begins.
struct Head {
  std::vector<std::string_view> comments;
  std::size_t end = 0;
};

Head comments_of(std::string_view text, char line_end) {
  Head head;
  while (head.end < text.size()) {
    const std::size_t stop = std::min(text.find(line_end, head.end), text.size());
    std::string_view line = text.substr(head.end, stop - head.end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !is_comment(line)) break;
    if (!line.empty()) head.comments.push_back(line);
    head.end = std::min(stop + 1, text.size());
  }
  return head;
}

/// Passes over a rule of dashes below the names, and over the units that stand above it.
void pass_rule(const std::vector<Line>& below, CsvOpening& opening) {
  if (!below.empty() && is_rule(below[0].text)) opening.body = below[0].next;
  if (below.size() < 2 || opening.body != 0 || !is_rule(below[1].text)) return;
  opening.units = fields_of(below[0].text, opening.dialect);
  opening.body = below[1].next;
}

/// Takes the names from the comments above the first row, where they are there; false where that row is the header.
bool take_commented(const Head& head, const std::vector<Line>& lines, CsvOpening& opening, std::string_view& names) {
  if (head.comments.empty()) return false;
  const char line_end = opening.dialect.line_end;
  const CsvDialect blanks{.separator = ' ', .line_end = line_end, .padded = true, .decimal_comma = {}};
  if (take_numbered(head.comments, fields_of(lines.front().text, blanks).size(), opening)) {
    opening.dialect.separator = ' ';
    return true;
  }
  opening.columns.clear();
  opening.units.clear();
  if (!names_columns(head.comments.back(), lines, line_end)) return false;
  names = trimmed(head.comments.back().substr(1));
  opening.dialect.separator = separator_of(names, lines, line_end);
  return true;
}

/// Takes the first line as the header, and what stands between it and the rows.
void take_header(const std::vector<Line>& lines, CsvOpening& opening) {
  const std::vector<Line> below{lines.begin() + 1, lines.end()};
  const bool ruled = below.size() >= 2 && is_rule(below[1].text);  // rows, units and rule need not be parted alike
  const std::vector<Line> rows = ruled ? std::vector<Line>{below.begin() + 2, below.end()} : below;
  opening.dialect.separator = separator_of(trimmed(lines.front().text), rows, opening.dialect.line_end);
  pass_rule(below, opening);
  if (opening.body == 0) opening.body = lines.front().next;
}

constexpr std::size_t sampled_rows = 100;

void settle(std::string_view text, std::string_view names, CsvOpening& opening) {
  CsvDialect& dialect = opening.dialect;
  const std::vector<Line> rows = records(text, opening.body, dialect, sampled_rows);
  const auto padded = [&](const Line& row) { return is_padded(row.text, dialect.separator); };
  dialect.padded = dialect.separator == ' ' || dialect.separator == '|' || is_padded(names, dialect.separator) ||
                   (!rows.empty() && std::ranges::all_of(rows, padded));
  if (dialect.separator == '\t') dialect.padded = false;
  dialect.decimal_comma = decimal_commas(rows, dialect, opening.columns.size());
  if (std::ranges::none_of(dialect.decimal_comma, [](bool comma) { return comma; })) dialect.decimal_comma.clear();
}

}  // namespace

std::optional<CsvOpening> read_opening(std::string_view text) {
  CsvOpening opening;
  const char line_end = text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos ? '\r' : '\n';
  opening.dialect.line_end = line_end;
  const Head head = comments_of(text, line_end);
  const std::vector<Line> lines = records(text, head.end, opening.dialect, 4);
  if (lines.empty()) return {};
  std::string_view names;
  if (take_commented(head, lines, opening, names)) {
    opening.body = head.end;
  } else {
    names = lines.front().text;
    take_header(lines, opening);
  }
  if (opening.columns.empty()) opening.columns = fields_of(names, opening.dialect);
  opening.units.resize(opening.units.empty() ? 0 : opening.columns.size());
  settle(text, names, opening);
  opening.lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(opening.body), line_end);
  return opening;
}

}  // namespace lensfind::base
