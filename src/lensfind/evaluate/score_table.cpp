#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/label.h"
#include "lensfind/evaluate/scores.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::evaluate {
namespace {

using Names = std::vector<std::string>;

/// Names of scores in use, the surest first; those from `probability` on are of probabilities.
constexpr std::array score_names{"logit",    "score",    "lensscore",   "scorelens", "cnnscore",      "predscore",
                                 "ypred",    "yscore",   "prediction",  "pred",      "predictions",   "preds",
                                 "output",   "lensness", "probability", "prob",      "probabilities", "lensprobability",
                                 "problens", "lensprob", "plens",       "probalens", "proba",         "p"};
constexpr std::size_t first_probability = 14;
constexpr std::array label_names{"label", "islens", "lens",        "ytrue", "truelabel",
                                 "truth", "labels", "groundtruth", "class", "classification"};

std::optional<std::size_t> find_first(const Names& columns, const auto& names, std::size_t begin = 0) {
  for (std::size_t i = begin; i < names.size(); ++i)
    for (std::size_t column = 0; column < columns.size(); ++column)
      if (sky::bare_name(columns[column]) == names[i]) return column;
  return {};
}

bool is_probability_name(const std::string& name) {
  return std::find(score_names.begin() + first_probability, score_names.end(), sky::bare_name(name)) != score_names.end();
}

struct Columns {
  std::optional<std::size_t> id;
  std::size_t score = 0;
  std::optional<std::size_t> label, probability, group;
};

std::size_t score_column(const Names& columns, const std::string& given, const std::filesystem::path& path) {
  if (!given.empty()) return sky::column_named(columns, given, path);
  if (const auto found = find_first(columns, score_names)) return *found;
  if (std::ranges::any_of(columns, [](const std::string& name) { return parse_number(name).has_value(); }))
    throw Error{fmt::format("{}: its first line names no columns ({})", path.string(), fmt::join(columns, ", ")),
                "let the first line be a header, as in `id,label,score`"};
  throw Error{fmt::format("{}: no column `logit` or `score`", path.string()),
              fmt::format("name it with --score-column; the table has {}", fmt::join(columns, ", "))};
}

Columns columns_of(const sky::TableReader& table, const std::filesystem::path& path, const ScoreColumns& given, Names& notes) {
  const Names& names = table.columns();
  Columns out{.score = score_column(names, given.score, path)};
  out.label = given.label.empty() ? find_first(names, label_names) : std::optional{sky::column_named(names, given.label, path)};
  if (out.label == out.score) out.label.reset();
  out.id = sky::find_id_column(names, given.id, path, notes);
  if (out.id == out.label || out.id == out.score) out.id.reset();
  out.group = find_first(names, std::array{"group"});
  out.probability = find_first(names, std::array{"probability"});
  if (!out.probability && is_probability_name(names[out.score])) out.probability = out.score;
  const auto note = [&](const char* what, std::size_t column, std::initializer_list<const char*> plain) {
    if (std::ranges::find(plain, sky::bare_name(names[column])) == plain.end())
      notes.push_back(fmt::format("{}: {} are those of the column {}", path.string(), what, names[column]));
  };
  note("scores", out.score, {"logit", "score"});
  if (out.label) note("labels", *out.label, {"label"});
  return out;
}

/// A number or NaN where the cell says that there is none.
double number_of(std::string_view text, std::string_view name, const sky::TableReader& table) {
  const auto number = parse_number(text);
  if (!number) {
    const auto words = {"", "na", "n/a", "null", "none", "masked", "<na>"};
    if (std::ranges::find(words, sky::bare_name(text)) != words.end()) return std::numeric_limits<double>::quiet_NaN();
    throw Error{fmt::format("{}: the {} is `{}`, no number", table.where(), name, text),
                text.find(',') != std::string_view::npos ? "write numbers with a point: 1.25, not 1,25"
                                                         : "write numbers as 1.5 or 1e-3, without units"};
  }
  if (std::isinf(*number))
    throw Error{fmt::format("{}: the {} is infinite", table.where(), name),
                "a finder must give finite scores; use its output before the sigmoid"};
  return *number;
}

double probability_of(std::string_view text, const sky::TableReader& table) {
  const double probability = number_of(text, "probability", table);
  if (probability < 0 || probability > 1)
    throw Error{fmt::format("{}: the probability is {}", table.where(), text),
                "probabilities lie between 0 and 1; call the column `score` if it is none"};
  return probability;
}

Label label_of(std::string_view text, const sky::TableReader& table) {
  if (const auto label = label_from_text(text)) return *label;
  throw Error{fmt::format("{}: the label is `{}`", table.where(), text), label_hint};
}

[[noreturn]] void refuse_duplicate(const std::filesystem::path& path, std::size_t column, const std::string& id) {
  const auto table = sky::open_table(path);
  Names places;
  for (std::vector<std::string_view> fields; places.size() < 2 && table->next(fields);)
    if (fields[column] == id) places.push_back(table->place());
  const auto number = [&](const std::string& place) { return place.substr(place.find(' ') + 1); };  // "line 7" or "row 7"
  const std::string word = places.empty() ? "line" : places[0].substr(0, places[0].find(' '));
  throw Error{places.size() < 2
                  ? fmt::format("{}: the id `{}` stands twice", path.string(), id)
                  : fmt::format("{}: the id `{}` stands on {}s {} and {}", path.string(), id, word, number(places[0]), number(places[1])),
              "every sample stands once; give copies of one object ids of their own and the same `group`"};
}

/// Throws where an id stands twice. Sorts hashes rather than texts: 16 bytes a row.
void require_unique_ids(const Scores& scores, const std::filesystem::path& path, std::size_t column) {
  std::vector<std::pair<std::size_t, std::size_t>> hashes;
  hashes.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) hashes.emplace_back(std::hash<std::string_view>{}(scores[i].id), i);
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 0; i < hashes.size(); ++i)
    for (std::size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j)
      if (scores[hashes[i].second].id == scores[hashes[j].second].id) refuse_duplicate(path, column, scores[hashes[i].second].id);
}

}  // namespace

ScoreTable for_each_score(const std::filesystem::path& path, const ScoreColumns& given, const std::function<void(Score&&)>& use) {
  const auto has_scores = [&](const sky::ColumnHeads& heads) {
    Names names;
    for (const sky::ColumnHead& head : heads) names.push_back(head.name);
    return given.score.empty() ? find_first(names, score_names).has_value() : std::ranges::find(names, given.score) != names.end();
  };
  const auto table = sky::open_table(path, has_scores);
  ScoreTable out;
  const Columns columns = columns_of(*table, path, given, out.notes);
  const std::string& score_name = table->columns()[columns.score];
  out.id_column = columns.id;
  out.named_logit = sky::bare_name(score_name) == "logit";
  std::int64_t row = 0;
  for (std::vector<std::string_view> fields; table->next(fields); ++row) {
    Score score{.id = columns.id ? std::string{fields[*columns.id]} : fmt::format("{}", row),
                .logit = number_of(fields[columns.score], score_name, *table)};
    if (score.id.empty()) throw Error{table->where() + ": the id is empty", "every sample needs an id of its own"};
    if (columns.label) score.label = label_of(fields[*columns.label], *table);
    if (columns.probability) score.probability = probability_of(fields[*columns.probability], *table);
    if (columns.group && fields[*columns.group] != score.id) score.group = fields[*columns.group];
    if (std::isnan(score.logit))
      ++out.not_a_number;
    else
      use(std::move(score));
  }
  if (!columns.id) out.notes.push_back(path.string() + ": no column of ids is known: samples are numbered from 0 by their rows");
  for (std::string& note : table->notes()) out.notes.push_back(std::move(note));
  return out;
}

ScoreTable read_score_table(const std::filesystem::path& path, const ScoreColumns& columns) {
  Scores scores;
  ScoreTable out = for_each_score(path, columns, [&](Score&& score) { scores.push_back(std::move(score)); });
  if (scores.empty()) throw Error{path.string() + ": no row with a score", "the table needs a line a sample below its header"};
  if (out.id_column) require_unique_ids(scores, path, *out.id_column);
  out.scores = std::move(scores);
  return out;
}

Scores read_scores(const std::filesystem::path& path, std::int64_t* not_a_number) {
  ScoreTable table = read_score_table(path);
  if (!table.id_column) throw Error{path.string() + ": no column `id`", "every sample needs an id; name its column with --id-column"};
  if (not_a_number) *not_a_number = table.not_a_number;
  return std::move(table.scores);
}

}  // namespace lensfind::evaluate
