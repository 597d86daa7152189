#include "lensfind/evaluate/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/evaluate/selected_fraction.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::evaluate {
namespace {

double cell_value(std::string_view text, const std::string& column, const sky::TableReader& table) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto number = parse_number(text);
  if (!number) throw Error{fmt::format("{}: {} is `{}`, no number", table.where(), column, text), "choose columns of numbers"};
  return *number;
}

/// Where a truth table has its ids, the columns asked for and the kinds.
struct TruthColumns {
  std::size_t id = 0;
  std::vector<std::size_t> values;
  std::optional<std::size_t> kind;
};

TruthColumns truth_columns(const sky::TableReader& table, const std::filesystem::path& path, const std::vector<std::string>& columns) {
  std::vector<std::string> notes;
  const std::vector<std::string>& names = table.columns();
  const auto id = sky::find_id_column(names, "", path, notes);
  if (!id) throw Error{path.string() + ": no column `id`", "the truth is joined to the scores by id"};
  TruthColumns out{.id = *id};
  for (const std::string& column : columns) out.values.push_back(sky::column_named(names, column, path));
  const auto kind = std::ranges::find(names, "kind");
  if (kind != names.end()) out.kind = static_cast<std::size_t>(kind - names.begin());
  return out;
}

/// Which bin a value falls into; the last bin holds its upper edge.
std::size_t bin_of(const std::vector<double>& edges, double value) {
  const auto above = std::upper_bound(edges.begin() + 1, edges.end() - 1, value);
  return static_cast<std::size_t>(above - edges.begin()) - 1;
}

std::vector<double> of_lenses(const Scores& scores, const std::vector<double>& values) {
  std::vector<double> out;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i].label == Label::lens && std::isfinite(values[i])) out.push_back(values[i]);
  return out;
}

CompletenessMap empty_map(const Truth& truth, std::size_t x, std::size_t y, std::vector<double> x_edges, std::vector<double> y_edges) {
  CompletenessMap map{truth.columns[x], truth.columns[y], std::move(x_edges), std::move(y_edges), {}};
  for (std::size_t j = 0; j + 1 < map.y_edges.size(); ++j)
    for (std::size_t i = 0; i + 1 < map.x_edges.size(); ++i)
      map.cells.push_back({.x_low = map.x_edges[i], .x_high = map.x_edges[i + 1], .y_low = map.y_edges[j], .y_high = map.y_edges[j + 1]});
  return map;
}

}  // namespace

void require_truth(const std::filesystem::path& path, const std::vector<std::string>& columns) {
  truth_columns(*sky::open_table(path), path, columns);
}

Truth read_truth(const std::filesystem::path& path, const Scores& scores, const std::vector<std::string>& columns) {
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t i = 0; i < scores.size(); ++i) rows.emplace(scores[i].id, i);
  const auto table = sky::open_table(path);
  const TruthColumns places = truth_columns(*table, path, columns);
  Truth truth{.columns = columns, .kinds = std::vector<std::string>(scores.size())};
  truth.values.assign(columns.size(), std::vector<double>(scores.size(), std::numeric_limits<double>::quiet_NaN()));
  for (std::vector<std::string_view> fields; table->next(fields);) {
    const auto row = rows.find(fields[places.id]);
    if (row == rows.end()) continue;
    ++truth.matched;
    for (std::size_t c = 0; c < columns.size(); ++c)
      truth.values[c][row->second] = cell_value(fields[places.values[c]], columns[c], *table);
    if (places.kind) truth.kinds[row->second] = fields[*places.kind];
  }
  if (truth.matched == 0)
    throw Error{fmt::format("{}: none of the {} scored ids stands in it", path.string(), scores.size()),
                "the truth must be that of the scored cutouts"};
  return truth;
}

std::vector<double> equal_count_edges(std::span<const double> values, std::size_t bins) {
  std::vector<double> sorted;
  std::copy_if(values.begin(), values.end(), std::back_inserter(sorted), [](double v) { return std::isfinite(v); });
  if (sorted.empty() || bins == 0) return {};
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> edges{sorted.front()};
  for (std::size_t bin = 1; bin < bins; ++bin) {
    const double edge = sorted[bin * sorted.size() / bins];
    if (edge > edges.back()) edges.push_back(edge);
  }
  if (sorted.back() > edges.back()) edges.push_back(sorted.back());
  if (edges.size() == 1) edges.push_back(edges.front());  // one value only: a bin that holds its upper edge
  return edges;
}

CompletenessMap completeness_map(const Scores& scores, const Truth& truth, std::size_t x, std::size_t y, double threshold,
                                 std::size_t bins) {
  const std::vector<double>& xs = truth.values.at(x);
  const std::vector<double>& ys = truth.values.at(y);
  CompletenessMap map =
      empty_map(truth, x, y, equal_count_edges(of_lenses(scores, xs), bins), equal_count_edges(of_lenses(scores, ys), bins));
  if (map.cells.empty())
    throw Error{fmt::format("no lens has a {} and a {} in the truth table", truth.columns[x], truth.columns[y]),
                "choose columns that hold numbers for lenses"};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].label != Label::lens || !std::isfinite(xs[i]) || !std::isfinite(ys[i]) || std::isnan(scores[i].logit)) continue;
    CompletenessCell& cell = map.cells[bin_of(map.y_edges, ys[i]) * (map.x_edges.size() - 1) + bin_of(map.x_edges, xs[i])];
    ++cell.lenses;
    cell.found += scores[i].logit >= threshold;
  }
  const double weight = effective_weight(scores, Label::lens, threshold);
  for (CompletenessCell& cell : map.cells)
    cell.completeness = jeffreys({weight * static_cast<double>(cell.found), weight * static_cast<double>(cell.lenses)});
  return map;
}

void write_completeness(const std::filesystem::path& path, const CompletenessMap& map) {
  std::string text = csv_field(map.x + "_low") + "," + csv_field(map.x + "_high") + "," + csv_field(map.y + "_low") + "," +
                     csv_field(map.y + "_high") + ",lenses,found,completeness,low,high\n";
  for (const CompletenessCell& c : map.cells)
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", c.x_low, c.x_high, c.y_low, c.y_high, c.lenses, c.found,
                        c.lenses > 0 ? fmt::format("{}", c.completeness.value) : "", c.completeness.low, c.completeness.high);
  write_file(path, text);
}

std::vector<FalsePositivesOfKind> false_positives_by_kind(const Scores& scores, const Truth& truth, double threshold) {
  std::map<std::string, FalsePositivesOfKind> kinds;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].label != Label::non_lens || std::isnan(scores[i].logit)) continue;
    FalsePositivesOfKind& entry = kinds[truth.kinds[i]];
    ++entry.nonlenses;
    entry.false_positives += scores[i].logit >= threshold;
  }
  const double weight = effective_weight(scores, Label::non_lens, threshold);
  std::vector<FalsePositivesOfKind> out;
  for (auto& [kind, entry] : kinds) {
    entry.kind = kind;
    entry.rate = jeffreys({weight * static_cast<double>(entry.false_positives), weight * static_cast<double>(entry.nonlenses)});
    out.push_back(entry);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.rate.value > b.rate.value; });
  return out;
}

void write_false_positives(const std::filesystem::path& path, const std::vector<FalsePositivesOfKind>& kinds) {
  std::string text = "kind,nonlenses,false_positives,rate,low,high\n";
  for (const FalsePositivesOfKind& k : kinds)
    text += fmt::format("{},{},{},{},{},{}\n", csv_field(k.kind), k.nonlenses, k.false_positives, k.rate.value, k.rate.low, k.rate.high);
  write_file(path, text);
}

}  // namespace lensfind::evaluate
