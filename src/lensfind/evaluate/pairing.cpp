#include "lensfind/evaluate/pairing.h"

#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::evaluate {
namespace {

using Rows = std::unordered_map<std::string_view, std::size_t>;

Rows rows_by_id(const Scores& scores) {
  Rows rows;
  rows.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) rows.emplace(scores[i].id, i);
  return rows;
}

const char* name_of(Label label) { return label == Label::lens ? "lens" : "non-lens"; }

/// The rows of one sample, one a table, agree on its label and group.
void agree(std::vector<Score>& sample, const std::vector<std::string>& names) {
  Label label = Label::unknown;
  std::string group;
  std::size_t told_by = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    if (group.empty()) group = sample[i].group;
    if (sample[i].label == Label::unknown) continue;
    if (label == Label::unknown) {
      label = sample[i].label;
      told_by = i;
    } else if (label != sample[i].label) {
      throw Error{
          fmt::format("{} is a {} in {} and a {} in {}", sample[i].id, name_of(label), names[told_by], name_of(sample[i].label), names[i]),
          "correct one of the tables, or give the right labels with --relabel"};
    }
  }
  for (Score& score : sample) {
    score.label = label;
    score.group = group;
  }
}

}  // namespace

PairedScores pair_scores(const std::vector<Scores>& tables, const std::vector<std::string>& names) {
  std::vector<Rows> rows;
  for (const Scores& table : tables) rows.push_back(rows_by_id(table));
  PairedScores out{.tables = std::vector<Scores>(tables.size())};
  for (const Score& first : tables.front()) {
    std::vector<Score> sample;
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto found = rows[i].find(first.id);
      if (found == rows[i].end()) break;
      sample.push_back(tables[i][found->second]);
    }
    if (sample.size() < tables.size()) continue;
    agree(sample, names);
    for (std::size_t i = 0; i < tables.size(); ++i) out.tables[i].push_back(std::move(sample[i]));
  }
  const std::size_t common = out.tables.front().size();
  if (common == 0)
    throw Error{"no id stands in all tables of scores",
                "score the same samples with every finder, and name the columns of ids with --id-column"};
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (tables[i].size() > common)
      out.notes.push_back(fmt::format("{}: {} of {} samples have no score of another finder and are left out", names[i],
                                      tables[i].size() - common, tables[i].size()));
  return out;
}

}  // namespace lensfind::evaluate
