#include "lensfind/evaluate/labelled.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::evaluate {
namespace {

/// Numbers the groups in order of appearance; nothing where no two rows share one.
std::vector<std::int32_t> number_groups(const Scores& scores, const std::vector<std::size_t>& rows, std::int32_t& count) {
  const bool any = std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return !scores[row].group.empty(); });
  count = static_cast<std::int32_t>(rows.size());
  if (!any) return {};
  std::unordered_map<std::string_view, std::int32_t> numbers;
  std::vector<std::int32_t> groups;
  groups.reserve(rows.size());
  for (const std::size_t row : rows) {
    const std::string_view name = scores[row].group.empty() ? scores[row].id : scores[row].group;
    groups.push_back(numbers.try_emplace(name, static_cast<std::int32_t>(numbers.size())).first->second);
  }
  if (numbers.size() == rows.size()) return {};
  count = static_cast<std::int32_t>(numbers.size());
  return groups;
}

std::vector<std::size_t> labelled_rows(const Scores& scores) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isinf(scores[i].logit))
      throw Error{fmt::format("the logit of {} is infinite", scores[i].id),
                  "a finder must give finite scores; use its output before the sigmoid"};
    if (scores[i].label != Label::unknown && !std::isnan(scores[i].logit)) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return scores[a].logit > scores[b].logit; });
  return rows;
}

}  // namespace

LabelledScores labelled_rows_of_any_class(const Scores& scores) {
  LabelledScores out;
  out.rows = labelled_rows(scores);
  const bool probabilities =
      std::none_of(out.rows.begin(), out.rows.end(), [&](std::size_t row) { return std::isnan(scores[row].probability); });
  for (const std::size_t row : out.rows) {
    out.logits.push_back(scores[row].logit);
    out.labels.push_back(scores[row].label);
    if (probabilities) out.probabilities.push_back(scores[row].probability);
    (scores[row].label == Label::lens ? out.lenses : out.nonlenses) += 1;
  }
  out.groups = number_groups(scores, out.rows, out.group_count);
  return out;
}

LabelledScores labelled_scores(const Scores& scores) {
  LabelledScores out = labelled_rows_of_any_class(scores);
  if (out.lenses == 0 || out.nonlenses == 0)
    throw Error{fmt::format("{} lenses and {} non-lenses are labelled: figures need both", out.lenses, out.nonlenses),
                "give a label of 1 (lens) or 0 (non-lens) to samples of both kinds"};
  return out;
}

}  // namespace lensfind::evaluate
