#include "lensfind/train/mine.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::train {
namespace {

struct Scored {
  std::int64_t sample;
  double logit;
};

std::unordered_map<std::string, std::int64_t> nonlenses_by_id(const Dataset& data, const std::vector<std::int64_t>& train) {
  std::unordered_map<std::string, std::int64_t> found;
  for (const std::int64_t i : train) {
    const Sample& sample = data.samples[static_cast<std::size_t>(i)];
    if (sample.label == Label::non_lens) found.emplace(sample.id, i);
  }
  return found;
}

std::vector<Scored> read_matching(const std::filesystem::path& scores, const std::unordered_map<std::string, std::int64_t>& wanted) {
  CsvReader table{scores};
  const std::size_t id = table.column("id");
  const std::size_t logit = table.find("logit") ? *table.find("logit") : table.column("score");
  std::vector<Scored> found;
  while (table.next()) {
    const auto match = wanted.find(std::string{table[id]});
    if (match == wanted.end()) continue;
    const std::optional<double> value = parse_number(table[logit]);
    if (!value) throw Error{table.where() + ": the logit is no number", "give a scores.csv as `lensfind score` writes it"};
    if (!std::isnan(*value)) found.push_back({match->second, *value});
  }
  return found;
}

}  // namespace

std::vector<std::int64_t> hardest_nonlenses(const std::filesystem::path& scores, const Dataset& data,
                                            const std::vector<std::int64_t>& train, std::int64_t count) {
  std::vector<Scored> found = read_matching(scores, nonlenses_by_id(data, train));
  if (found.empty()) {
    throw Error{fmt::format("{}: none of its ids is a non-lens of the training side of {}", scores.string(), data.root.string()),
                "score the same data with `lensfind score MODEL DATA`, so that ids agree"};
  }
  std::stable_sort(found.begin(), found.end(), [](const Scored& a, const Scored& b) { return a.logit > b.logit; });
  found.resize(std::min(found.size(), static_cast<std::size_t>(count)));
  std::vector<std::int64_t> samples;
  for (const Scored& one : found) samples.push_back(one.sample);
  return samples;
}

}  // namespace lensfind::train
