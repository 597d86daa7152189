#include "lensfind/combine/finder_scores.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

namespace lensfind::combine {

std::size_t LabelledRows::lenses() const { return static_cast<std::size_t>(std::ranges::count(lens, 1)); }

std::size_t LabelledRows::groups_of(bool lenses) const {
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < size(); ++i)
    if ((lens[i] == 1) == lenses) seen.insert(groups[i]);
  return seen.size();
}

LabelledRows LabelledRows::at(const std::vector<std::size_t>& rows) const {
  LabelledRows out{.scores = {scores.columns, {}}};
  for (const std::size_t row : rows) {
    const auto values = scores.row(row);
    out.scores.values.insert(out.scores.values.end(), values.begin(), values.end());
    out.lens.push_back(lens[row]);
    out.groups.push_back(groups[row]);
  }
  return out;
}

LabelledRows labelled_rows(const FinderScores& scores, const std::vector<std::size_t>& finders) {
  LabelledRows out{.scores = {finders.size(), {}}};
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    if (scores.labels[row] == Label::unknown) continue;
    const auto values = scores.table.row(row);
    if (std::ranges::any_of(finders, [&](std::size_t finder) { return std::isnan(values[finder]); })) continue;
    for (const std::size_t finder : finders) out.scores.values.push_back(values[finder]);
    out.lens.push_back(scores.labels[row] == Label::lens ? 1 : 0);
    out.groups.push_back(scores.groups[row]);
  }
  return out;
}

evaluate::Scores as_scores(const std::vector<double>& column, const LabelledRows& rows) {
  evaluate::Scores out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(
        {.id = fmt::format("{}", i), .label = rows.lens[i] ? Label::lens : Label::non_lens, .logit = column[i], .group = rows.groups[i]});
  return out;
}

std::vector<double> column_of(const dataset::FeatureTable& table, std::size_t column) {
  std::vector<double> out;
  out.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) out.push_back(table.row(row)[column]);
  return out;
}

}  // namespace lensfind::combine
