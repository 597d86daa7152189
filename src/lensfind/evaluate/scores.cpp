#include "lensfind/evaluate/scores.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::evaluate {
namespace {

struct Columns {
  std::size_t id, score;
  std::optional<std::size_t> label, probability, group;
};

Columns columns_of(const CsvReader& table, const std::filesystem::path& path) {
  const auto score = table.find("logit") ? table.find("logit") : table.find("score");
  if (!score)
    throw Error{fmt::format("{}: no column `logit` or `score`", path.string()),
                fmt::format("the header names: {}", fmt::join(table.columns(), ", "))};
  return {table.column("id"), *score, table.find("label"), table.find("probability"), table.find("group")};
}

Label label_of(std::string_view text, const CsvReader& table) {
  if (text == "1" || text == "1.0") return Label::lens;
  if (text == "0" || text == "0.0") return Label::non_lens;
  if (text.empty() || text == "nan" || text == "NaN") return Label::unknown;
  throw Error{fmt::format("{}: the label is `{}`", table.where(), text), "labels are 1 (lens), 0 (non-lens) or empty (unknown)"};
}

/// A number or NaN where the cell is empty.
double number_of(std::string_view text, std::string_view name, const CsvReader& table) {
  if (text.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto number = parse_number(text);
  if (!number)
    throw Error{fmt::format("{}: the {} is `{}`, no number", table.where(), name, text), "write numbers as 1.5 or 1e-3, without units"};
  if (std::isinf(*number))
    throw Error{fmt::format("{}: the {} is infinite", table.where(), name),
                "a finder must give finite scores; use its output before the sigmoid"};
  return *number;
}

double probability_of(std::string_view text, const CsvReader& table) {
  const double probability = number_of(text, "probability", table);
  if (probability < 0 || probability > 1)
    throw Error{fmt::format("{}: the probability is {}", table.where(), text),
                "probabilities lie between 0 and 1; call the column `score` if it is none"};
  return probability;
}

[[noreturn]] void refuse_duplicate(const std::filesystem::path& path, const std::string& id) {
  CsvReader table{path};
  std::vector<std::int64_t> lines;
  for (const std::size_t column = table.column("id"); table.next() && lines.size() < 2;)
    if (table[column] == id) lines.push_back(table.line());
  throw Error{fmt::format("{}: the id `{}` stands on lines {}", path.string(), id, fmt::join(lines, " and ")),
              "every sample stands once; give copies of one object ids of their own and the same `group`"};
}

/// Throws where an id stands twice. Sorts hashes rather than texts: 16 bytes a row.
void require_unique_ids(const Scores& scores, const std::filesystem::path& path) {
  std::vector<std::pair<std::size_t, std::size_t>> hashes;
  hashes.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) hashes.emplace_back(std::hash<std::string_view>{}(scores[i].id), i);
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 0; i < hashes.size(); ++i)
    for (std::size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j)
      if (scores[hashes[i].second].id == scores[hashes[j].second].id) refuse_duplicate(path, scores[hashes[i].second].id);
}

std::string_view label_text(Label label) {
  if (label == Label::unknown) return "";
  return label == Label::lens ? "1" : "0";
}

}  // namespace

Scores read_scores(const std::filesystem::path& path, std::int64_t* not_a_number) {
  CsvReader table{path};
  const Columns columns = columns_of(table, path);
  Scores scores;
  std::int64_t left_out = 0;
  while (table.next()) {
    const double logit = number_of(table[columns.score], table.columns()[columns.score], table);
    Score score{.id = std::string{table[columns.id]}, .logit = logit};
    if (score.id.empty()) throw Error{table.where() + ": the id is empty", "every sample needs an id of its own"};
    if (columns.label) score.label = label_of(table[*columns.label], table);
    if (columns.probability) score.probability = probability_of(table[*columns.probability], table);
    if (columns.group && table[*columns.group] != score.id) score.group = table[*columns.group];
    if (std::isnan(logit))
      ++left_out;
    else
      scores.push_back(std::move(score));
  }
  if (scores.empty()) throw Error{path.string() + ": no row with a score", "the table needs a line a sample below its header"};
  require_unique_ids(scores, path);
  if (not_a_number) *not_a_number = left_out;
  return scores;
}

void write_scores(const std::filesystem::path& path, const Scores& scores) {
  const bool labels = std::any_of(scores.begin(), scores.end(), [](const Score& s) { return s.label != Label::unknown; });
  const bool groups = std::any_of(scores.begin(), scores.end(), [](const Score& s) { return !s.group.empty() && s.group != s.id; });
  AtomicFile file{path};
  file.write(fmt::format("id,logit,probability{}{}\n", labels ? ",label" : "", groups ? ",group" : ""));
  std::string line;
  for (const Score& score : scores) {
    line.clear();
    fmt::format_to(std::back_inserter(line), "{},{},", csv_field(score.id), score.logit);
    if (!std::isnan(score.probability)) fmt::format_to(std::back_inserter(line), "{}", score.probability);
    if (labels) fmt::format_to(std::back_inserter(line), ",{}", label_text(score.label));
    if (groups) fmt::format_to(std::back_inserter(line), ",{}", csv_field(score.group.empty() ? score.id : score.group));
    line += '\n';
    file.write(line);
  }
  file.commit();
}

Relabelled relabel(Scores& scores, const std::filesystem::path& path) {
  CsvReader table{path};
  const std::size_t id = table.column("id");
  const std::size_t label = table.column("label");
  std::unordered_map<std::string, Label> corrected;
  while (table.next())
    if (!corrected.try_emplace(std::string{table[id]}, label_of(table[label], table)).second)
      throw Error{fmt::format("{}: the id `{}` stands twice", table.where(), table[id]), "give every sample one label"};
  Relabelled out{.unmatched = static_cast<std::int64_t>(corrected.size())};
  for (Score& score : scores) {
    const auto found = corrected.find(score.id);
    if (found == corrected.end()) continue;
    --out.unmatched;
    if (found->second == score.label) continue;
    score.label = found->second;
    (score.label == Label::lens ? out.to_lens : score.label == Label::non_lens ? out.to_non_lens : out.to_unknown) += 1;
  }
  return out;
}

}  // namespace lensfind::evaluate
