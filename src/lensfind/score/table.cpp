#include "lensfind/score/table.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/score/top_rows.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

std::filesystem::path named_after(std::filesystem::path out, const char* suffix) {
  if (out.extension() == ".csv") out.replace_extension();
  return out += suffix;
}

struct Places {
  std::size_t id, logit, probability;
};

Places places_of(const std::vector<std::string>& columns, const std::filesystem::path& path) {
  const auto place = [&](const char* name) {
    const auto found = std::ranges::find(columns, name);
    if (found == columns.end())
      throw Error{fmt::format("{}: no column `{}`", path.string(), name), "give a table that `lensfind score` wrote"};
    return static_cast<std::size_t>(found - columns.begin());
  };
  return {place("id"), place("logit"), place("probability")};
}

Row row_of(const std::vector<std::string>& fields, const Places& places, const std::filesystem::path& path) {
  const std::optional<double> value = parse_number(fields[places.logit]);
  if (!value) {
    throw Error{fmt::format("{}: the logit of {} is '{}'", path.string(), fields[places.id], fields[places.logit]),
                "the table is damaged; begin again with --overwrite"};
  }
  Row row{fields[places.id], static_cast<float>(*value), parse_number(fields[places.probability]).value_or(std::nan(""))};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != places.id && i != places.logit && i != places.probability) row.columns += "," + csv_field(fields[i]);
  }
  return row;
}

}  // namespace

TableNames::TableNames(const std::filesystem::path& out)
    : scores{out},
      rejected{named_after(out, ".rejected.csv")},
      top{named_after(out, ".top.csv")},
      page{named_after(out, ".top.html")},
      record{out.string() + ".run.json"} {}

std::string scores_header(const std::vector<std::string>& columns) {
  std::string header = "id,logit,probability";
  for (const std::string& column : columns) header += "," + csv_field(column);
  return header + "\n";
}

void append_row(std::string& lines, const Row& row) {
  lines += csv_field(row.id);
  fmt::format_to(std::back_inserter(lines), ",{},", row.logit);
  if (!std::isnan(row.probability)) fmt::format_to(std::back_inserter(lines), "{:.6g}", row.probability);
  lines += row.columns;
  lines += '\n';
}

void append_rejected(std::string& lines, std::string_view input, std::string_view reason) {
  lines += csv_field(input);
  lines += ',';
  lines += csv_field(reason);
  lines += '\n';
}

std::vector<Row> best_rows(const std::filesystem::path& scores, std::size_t count) {
  const auto table = sky::open_table(scores);
  const Places places = places_of(table->columns(), scores);
  struct Ranked {
    double logit;
    std::int64_t row;
    Row content;
  };
  TopRows<Ranked> top{count};
  std::vector<std::string> fields;
  for (std::int64_t place = 0; count > 0 && table->next(fields); ++place) {
    Row row = row_of(fields, places, scores);
    if (std::isnan(row.logit)) continue;  // of a table that an earlier version wrote
    if (top.wants(row.logit)) top.add({row.logit, place, std::move(row)});
  }
  std::vector<Row> rows;
  for (Ranked& ranked : top.take()) rows.push_back(std::move(ranked.content));
  return rows;
}

std::int64_t count_rows(const std::filesystem::path& path) {
  const auto table = sky::open_table(path);
  std::vector<std::string> fields;
  std::int64_t rows = 0;
  while (table->next(fields)) ++rows;
  return rows;
}

void write_rows(const std::filesystem::path& path, const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  std::string lines = scores_header(columns);
  for (const Row& row : rows) append_row(lines, row);
  write_file(path, lines);
}

}  // namespace lensfind::score
