#include "lensfind/combine/finder_tables.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/probability_scale.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::combine {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::vector<Finder> finders_of(const std::vector<FinderTable>& tables, const Combination* known) {
  if (!known) {
    std::vector<Finder> out;
    for (const FinderTable& table : tables) out.push_back({.name = table.name, .column = table.column});
    return out;
  }
  std::vector<std::string> names;
  for (const Finder& finder : known->finders) names.push_back(finder.name);
  for (const FinderTable& table : tables) {
    if (std::ranges::find(names, table.name) != names.end()) continue;
    const std::string nearest = nearest_name(table.name, names);
    throw Error{fmt::format("the combination knows no finder `{}`", table.name),
                nearest.empty() ? fmt::format("its finders are {}", fmt::join(names, ", ")) : fmt::format("is it `{}`?", nearest)};
  }
  return known->finders;
}

/// Rows of the join, as tables add to them.
class Join {
 public:
  explicit Join(JoinedTables& out) : out_(out) {}

  void add(const evaluate::Score& score, std::size_t finder, double value, const std::string& table) {
    FinderScores& scores = out_.scores;
    const auto [at, is_new] = row_of_.try_emplace(score.id, scores.rows());
    if (is_new) {
      scores.ids.push_back(score.id);
      scores.labels.push_back(Label::unknown);
      scores.groups.emplace_back();
      scores.table.values.resize(scores.table.values.size() + scores.table.columns, missing);
    }
    const std::size_t row = at->second;
    scores.table.values[row * scores.table.columns + finder] = value;
    if (scores.groups[row].empty()) scores.groups[row] = score.group;
    if (score.label == Label::unknown) return;
    if (scores.labels[row] != Label::unknown && scores.labels[row] != score.label)
      throw Error{fmt::format("{}: {} has another label than in the tables before it", table, score.id),
                  "correct one of the tables; --labels replaces labels only where the tables agree"};
    scores.labels[row] = score.label;
  }

 private:
  JoinedTables& out_;
  std::unordered_map<std::string, std::size_t> row_of_;
};

Scale scale_of(const evaluate::ScoreTable& table) {
  if (table.named_logit) return {};
  const auto scale = evaluate::ProbabilityScale::of({&table.scores});
  return scale ? Scale{true, scale->zero(), scale->below_one()} : Scale{};
}

}  // namespace

FinderTable parse_finder_table(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw Error{fmt::format("`{}` names no finder", text),
                "write NAME=FILE or NAME=FILE:COLUMN, as in cnn=scores.csv people=objects.csv:mean"};
  FinderTable out{.name = text.substr(0, equals), .path = text.substr(equals + 1)};
  const std::string file = out.path.string();
  const std::size_t colon = file.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == file.size() || std::filesystem::exists(out.path)) return out;
  out.path = file.substr(0, colon);
  out.column = file.substr(colon + 1);
  return out;
}

std::vector<FinderTable> parse_finder_tables(const std::vector<std::string>& texts) {
  std::vector<FinderTable> out;
  for (const std::string& text : texts) {
    FinderTable table = parse_finder_table(text);
    if (std::ranges::find(out, table.name, &FinderTable::name) != out.end())
      throw Error{fmt::format("two finders are called `{}`", table.name), "give each a name of its own"};
    out.push_back(std::move(table));
  }
  return out;
}

JoinedTables join_finder_tables(const std::vector<FinderTable>& tables, const JoinColumns& columns, const Combination* known) {
  JoinedTables out{.finders = finders_of(tables, known)};
  for (const Finder& finder : out.finders) out.scores.finders.push_back(finder.name);
  out.scores.table.columns = out.finders.size();
  out.scored_by.assign(out.finders.size(), 0);
  Join join{out};
  for (const FinderTable& table : tables) {
    const auto finder = static_cast<std::size_t>(std::ranges::find(out.finders, table.name, &Finder::name) - out.finders.begin());
    Finder& of_table = out.finders[finder];
    const std::string column = table.column.empty() ? of_table.column : table.column;
    evaluate::ScoreTable read = evaluate::read_score_table(table.path, {.id = columns.id, .score = column});
    if (!read.id_column)
      throw Error{table.path.string() + ": has no column of ids, by which tables are joined", "name it with --id-column"};
    if (!known) of_table.scale = scale_of(read);
    for (const evaluate::Score& score : read.scores)
      join.add(score, finder, of_table.scale(score.logit, fmt::format("{}, {}", table.path.string(), score.id)), table.path.string());
    out.scored_by[finder] = static_cast<std::int64_t>(read.scores.size());
    if (read.not_a_number > 0)
      out.notes.push_back(fmt::format("{}: {} rows have no number as score", table.path.string(), read.not_a_number));
    out.notes.insert(out.notes.end(), read.notes.begin(), read.notes.end());
  }
  for (std::size_t i = 0; i < out.finders.size(); ++i)
    if (std::ranges::find(tables, out.finders[i].name, &FinderTable::name) == tables.end())
      out.notes.push_back(fmt::format("{}: no table was given; the rules of the other finders are used", out.finders[i].name));
  for (std::size_t row = 0; row < out.scores.rows(); ++row)
    if (out.scores.groups[row].empty()) out.scores.groups[row] = out.scores.ids[row];
  return out;
}

Labelling label_rows(FinderScores& scores, const std::filesystem::path& labels, const JoinColumns& columns) {
  const auto table = sky::open_table(labels);
  std::vector<std::string> notes;
  const auto id = sky::find_id_column(table->columns(), columns.id, labels, notes);
  if (!id) throw Error{labels.string() + ": no column `id`", "give a table with the columns id and label, or name them with --id-column"};
  const std::size_t label = sky::column_named(table->columns(), columns.label.empty() ? "label" : columns.label, labels);
  const auto group = std::ranges::find(table->columns(), "group", &sky::bare_name);
  std::unordered_map<std::string_view, std::size_t> row_of;
  for (std::size_t row = 0; row < scores.rows(); ++row) row_of.emplace(scores.ids[row], row);
  std::vector<char> named(scores.rows(), 0);
  Labelling out;
  std::vector<std::string_view> fields;
  while (table->next(fields)) {
    const auto known = label_from_text(fields[label]);
    if (!known) throw Error{fmt::format("{}: the label is `{}`", table->where(), fields[label]), label_hint};
    const auto found = row_of.find(fields[*id]);
    if (found == row_of.end()) {
      ++out.unmatched;
      continue;
    }
    if (named[found->second]++)
      throw Error{fmt::format("{}: the id `{}` stands twice", table->where(), fields[*id]), "give every object one label"};
    scores.labels[found->second] = *known;
    if (group == table->columns().end()) continue;
    const std::string_view of_row = fields[static_cast<std::size_t>(group - table->columns().begin())];
    if (!of_row.empty()) scores.groups[found->second] = of_row;
  }
  out.labelled = std::ranges::count_if(scores.labels, [](Label l) { return l != Label::unknown; });
  return out;
}

}  // namespace lensfind::combine
