#include "lensfind/evaluate/scores.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/label.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::evaluate {
namespace {

std::string_view label_text(Label label) {
  if (label == Label::unknown) return "";
  return label == Label::lens ? "1" : "0";
}

}  // namespace

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

Relabelled relabel(Scores& scores, const std::filesystem::path& path, const ScoreColumns& columns) {
  const auto table = sky::open_table(path);
  std::vector<std::string> notes;
  const auto id = sky::find_id_column(table->columns(), columns.id, path, notes);
  if (!id) throw Error{path.string() + ": no column `id`", "give a table with the columns id and label, or name them with --id-column"};
  const std::size_t label = sky::column_named(table->columns(), columns.label.empty() ? "label" : columns.label, path);
  std::unordered_map<std::string, Label> corrected;
  std::vector<std::string_view> fields;
  while (table->next(fields)) {
    const auto known = label_from_text(fields[label]);
    if (!known) throw Error{fmt::format("{}: the label is `{}`", table->where(), fields[label]), label_hint};
    if (!corrected.try_emplace(std::string{fields[*id]}, *known).second)
      throw Error{fmt::format("{}: the id `{}` stands twice", table->where(), fields[*id]), "give every sample one label"};
  }
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
