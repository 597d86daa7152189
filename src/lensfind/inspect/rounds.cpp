#include "lensfind/inspect/rounds.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/evaluate/evaluation.h"

namespace lensfind::inspect {
namespace {

namespace fs = std::filesystem;

constexpr const char* columns[] = {"round",  "time",    "model",     "fingerprint", "rule",           "chosen",
                                   "grades", "lenses",  "nonlenses", "fixed_set",   "fixed_lenses",   "fixed_nonlenses",
                                   "auc",    "auc_low", "auc_high",  "auc_change",  "auc_change_low", "auc_change_high"};

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string{}; }

std::vector<std::string> row_of(const Round& round) {
  std::vector<std::string> row{std::to_string(round.number),
                               round.time,
                               round.model,
                               round.fingerprint,
                               round.rule,
                               std::to_string(round.chosen),
                               std::to_string(round.grades),
                               std::to_string(round.lenses),
                               std::to_string(round.nonlenses)};
  row.resize(std::size(columns));
  if (!round.fixed) return row;
  const FixedResult& fixed = *round.fixed;
  const auto put = [&](std::size_t at, const evaluate::Estimate& estimate) {
    row[at] = number(estimate.value), row[at + 1] = number(estimate.low), row[at + 2] = number(estimate.high);
  };
  row[9] = fixed.set;
  row[10] = std::to_string(fixed.lenses);
  row[11] = std::to_string(fixed.nonlenses);
  put(12, fixed.auc);
  if (fixed.change) put(15, *fixed.change);
  return row;
}

Round round_of(const CsvReader& rows) {
  const auto text = [&](const char* column) { return std::string{rows[rows.column(column)]}; };
  const auto value = [&](const char* column) {
    const auto number = parse_number(text(column));
    if (!number)
      throw Error{fmt::format("{}: `{}` is no number", rows.where(), text(column)), "the record of rounds is damaged: restore it"};
    return *number;
  };
  const auto count = [&](const char* column) { return static_cast<std::int64_t>(value(column)); };
  const auto estimate = [&](const std::string& name) {
    return evaluate::Estimate{value(name.c_str()), value((name + "_low").c_str()), value((name + "_high").c_str())};
  };
  Round round{.number = static_cast<int>(count("round")),
              .time = text("time"),
              .model = text("model"),
              .fingerprint = text("fingerprint"),
              .rule = text("rule"),
              .chosen = count("chosen"),
              .grades = count("grades"),
              .lenses = count("lenses"),
              .nonlenses = count("nonlenses")};
  if (text("fixed_set").empty()) return round;
  round.fixed =
      FixedResult{.set = text("fixed_set"), .lenses = count("fixed_lenses"), .nonlenses = count("fixed_nonlenses"), .auc = estimate("auc")};
  if (!text("auc_change").empty()) round.fixed->change = estimate("auc_change");
  return round;
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) line += (&field == &fields.front() ? "" : ",") + csv_field(field);
  return line + "\n";
}

/// 1, 0 or -1 by the label that the scheme gives the median grade.
int label_of(const MergedObject& object, const Scheme& scheme) { return scheme.find(object.grade)->label; }

}  // namespace

std::string name_of_set(const evaluate::Scores& scores) {
  std::vector<std::string> rows;
  for (const evaluate::Score& score : scores) rows.push_back(fmt::format("{}\n{}", score.id, static_cast<int>(score.label)));
  std::ranges::sort(rows);
  const std::string text = fmt::format("{}", fmt::join(rows, "\n"));
  return hash128(std::as_bytes(std::span{text})).text();
}

Rounds::Rounds(fs::path folder) : folder_{std::move(folder)} {
  const fs::path record = folder_ / "rounds.csv";
  if (!fs::exists(folder_)) return;
  if (!fs::exists(record)) {
    if (fs::is_directory(folder_) && fs::is_empty(folder_)) return;
    throw Error{folder_.string() + ": holds no record of rounds", "give the folder of earlier rounds, or the name of a new one"};
  }
  CsvReader rows{record};
  while (rows.next()) rounds_.push_back(round_of(rows));
}

fs::path Rounds::file(int round, const char* suffix) const { return folder_ / fmt::format("round-{:03}{}.csv", round, suffix); }

FixedResult Rounds::compare(const evaluate::Scores& fixed) const {
  FixedResult result{.set = name_of_set(fixed)};
  const evaluate::Evaluation evaluation = evaluate::evaluate(fixed, {.prevalences = {}, .bootstrap_draws = 0});
  result.lenses = evaluation.lenses;
  result.nonlenses = evaluation.nonlenses;
  result.auc = evaluation.auc;
  const auto first = std::ranges::find_if(rounds_, [](const Round& round) { return round.fixed.has_value(); });
  if (first == rounds_.end()) return result;
  if (first->fixed->set != result.set)
    throw Error{fmt::format("{}: the fixed set of round {} had other ids or labels", folder_.string(), first->number),
                "give the same set in all rounds, or record in another folder"};
  const std::vector<evaluate::Scores> both{fixed, evaluate::read_scores(file(first->number, "-fixed"))};
  for (const evaluate::PairedDifference& difference : evaluate::paired_differences(both, {.bootstrap_draws = 0}))
    if (difference.figure == "auc") result.change = difference.difference;
  return result;
}

void Rounds::record(Round round, const std::vector<NextObject>& chosen, const evaluate::Scores* fixed) {
  fs::create_directories(folder_);
  round.number = rounds_.empty() ? 1 : rounds_.back().number + 1;
  round.time = utc_now();
  round.chosen = static_cast<std::int64_t>(chosen.size());
  std::string text = "id,why\n";
  for (const NextObject& object : chosen) text += line_of({object.id, object.why});
  write_file(file(round.number, ""), text);
  if (fixed) evaluate::write_scores(file(round.number, "-fixed"), *fixed);
  rounds_.push_back(std::move(round));
  std::string table = line_of({std::begin(columns), std::end(columns)});
  for (const Round& one : rounds_) table += line_of(row_of(one));
  write_file(folder_ / "rounds.csv", table);  // last: a round is there when its line is
}

std::vector<RoundYield> Rounds::yields(const Merged& merged) const {
  std::unordered_map<std::string, int> labels;
  for (const MergedObject& object : merged.objects) labels[object.object.id] = label_of(object, merged.scheme);
  std::vector<RoundYield> yields;
  for (const Round& round : rounds_) {
    std::map<std::string, RoundYield> by_reason;
    CsvReader rows{file(round.number, "")};
    const std::size_t id = rows.column("id"), why = rows.column("why");
    while (rows.next()) {
      RoundYield& yield = by_reason[std::string{rows[why]}];
      ++yield.chosen;
      const auto label = labels.find(std::string{rows[id]});
      if (label == labels.end()) continue;
      ++yield.graded;
      yield.lenses += label->second == 1;
      yield.nonlenses += label->second == 0;
    }
    for (auto& [reason, yield] : by_reason) {
      yield.round = round.number;
      yield.why = reason;
      yield.fraction = evaluate::jeffreys({static_cast<double>(yield.lenses), static_cast<double>(yield.lenses + yield.nonlenses)});
      yields.push_back(yield);
    }
  }
  return yields;
}

ResultTable yield_table(const std::vector<RoundYield>& yields) {
  using Kind = ResultColumn::Kind;
  ResultTable table{.name = "yield", .description = "What came of the objects that were chosen to be graded"};
  table.columns = {{"round", Kind::whole},   {"why", Kind::text},          {"chosen", Kind::whole},
                   {"graded", Kind::whole},  {"lenses", Kind::whole},      {"nonlenses", Kind::whole},
                   {"fraction", Kind::real}, {"fraction_low", Kind::real}, {"fraction_high", Kind::real}};
  for (const RoundYield& yield : yields)
    table.rows.push_back({std::to_string(yield.round), yield.why, std::to_string(yield.chosen), std::to_string(yield.graded),
                          std::to_string(yield.lenses), std::to_string(yield.nonlenses), number(yield.fraction.value),
                          number(yield.fraction.low), number(yield.fraction.high)});
  return table;
}

}  // namespace lensfind::inspect
