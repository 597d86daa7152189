#include "lensfind/score/table.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::score {
namespace {

std::filesystem::path named_after(std::filesystem::path out, const char* suffix) { return out.replace_extension(suffix); }

Row read_row(const CsvReader& table, std::size_t id, std::size_t logit, std::size_t probability) {
  const std::optional<double> value = parse_number(table[logit]);
  if (!value) {
    throw Error{fmt::format("{}: the logit is '{}'", table.where(), table[logit]), "the table is damaged; begin again with --overwrite"};
  }
  Row row{std::string{table[id]}, static_cast<float>(*value), parse_number(table[probability]).value_or(std::nan(""))};
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (i != id && i != logit && i != probability) row.columns += "," + csv_field(table[i]);
  }
  return row;
}

}  // namespace

TableNames::TableNames(const std::filesystem::path& out)
    : scores{out}, rejected{named_after(out, "rejected.csv")}, top{named_after(out, "top.csv")} {}

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
  CsvReader table{scores};
  const std::size_t id = table.column("id");
  const std::size_t logit = table.column("logit");
  const std::size_t probability = table.column("probability");
  struct Ranked {
    Row row;
    std::int64_t line;
  };
  const auto better = [](const Ranked& a, const Ranked& b) {
    return a.row.logit != b.row.logit ? a.row.logit > b.row.logit : a.line < b.line;
  };
  std::vector<Ranked> heap;  // the worst of the best on top
  while (count > 0 && table.next()) {
    Ranked ranked{read_row(table, id, logit, probability), table.line()};
    if (heap.size() == count) {
      if (!better(ranked, heap.front())) continue;
      std::ranges::pop_heap(heap, better);
      heap.pop_back();
    }
    heap.push_back(std::move(ranked));
    std::ranges::push_heap(heap, better);
  }
  std::ranges::sort_heap(heap, better);
  std::vector<Row> rows;
  for (Ranked& ranked : heap) rows.push_back(std::move(ranked.row));
  return rows;
}

std::int64_t count_rows(const std::filesystem::path& table) {
  CsvReader reader{table};
  std::int64_t rows = 0;
  while (reader.next()) ++rows;
  return rows;
}

void write_rows(const std::filesystem::path& path, const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  std::string lines = scores_header(columns);
  for (const Row& row : rows) append_row(lines, row);
  write_file(path, lines);
}

}  // namespace lensfind::score
