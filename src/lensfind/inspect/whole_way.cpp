#include "lensfind/inspect/whole_way.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

#include "lensfind/evaluate/distributions.h"

namespace lensfind::inspect {
namespace {

constexpr std::size_t quantiles = 200;  // of each posterior: 40,000 products

/// 95% interval of the product of two fractions that are known from counts.
evaluate::Estimate product_of(const WholeWay& row) {
  const double value = row.finder.value * row.people.value;
  if (row.graded == 0) return {std::numeric_limits<double>::quiet_NaN(), 0, row.finder.high};
  const std::vector<double> first = evaluate::beta_quantiles(row.found + .5, row.lenses - row.found + .5, quantiles);
  const std::vector<double> second = evaluate::beta_quantiles(row.accepted + .5, row.graded - row.accepted + .5, quantiles);
  std::vector<double> products;
  for (const double a : first)
    for (const double b : second) products.push_back(a * b);
  evaluate::Estimate figure = evaluate::interval_of_draws(value, products);
  if (row.found == 0 || row.accepted == 0) figure.low = 0;
  return figure;
}

WholeWay count(const evaluate::Scores& scores, std::span<const std::size_t> lenses, double threshold,
               const std::unordered_map<std::string, bool>& accepted) {
  WholeWay row;
  for (const std::size_t i : lenses) {
    ++row.lenses;
    if (!(scores[i].logit >= threshold)) continue;
    ++row.found;
    const auto graded = accepted.find(scores[i].id);
    if (graded == accepted.end()) continue;
    ++row.graded;
    row.accepted += graded->second;
  }
  const auto fraction = [](int successes, int trials) {
    return evaluate::jeffreys({static_cast<double>(successes), static_cast<double>(trials)});
  };
  row.finder = fraction(row.found, row.lenses);
  row.people = fraction(row.accepted, row.graded);
  row.together = product_of(row);
  return row;
}

}  // namespace

std::unordered_map<std::string, bool> accepted_by_people(const Merged& merged) {
  std::unordered_map<std::string, bool> out;
  for (const MergedObject& object : merged.objects) out[object.object.id] = merged.scheme.find(object.grade)->label == 1;
  return out;
}

std::vector<WholeWay> whole_way(const evaluate::Scores& scores, const evaluate::Truth& truth, double threshold,
                                const std::unordered_map<std::string, bool>& accepted, std::size_t bins) {
  std::vector<std::size_t> lenses;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i].label == Label::lens && !std::isnan(scores[i].logit)) lenses.push_back(i);
  std::vector<WholeWay> rows{count(scores, lenses, threshold, accepted)};
  rows.front().property = "all";
  for (std::size_t column = 0; column < truth.columns.size(); ++column) {
    std::vector<double> known;
    for (const std::size_t i : lenses)
      if (std::isfinite(truth.values[column][i])) known.push_back(truth.values[column][i]);
    const std::vector<double> edges = known.empty() ? std::vector<double>{} : evaluate::equal_count_edges(known, bins);
    for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
      const bool is_last = bin + 2 == edges.size();
      std::vector<std::size_t> inside;
      for (const std::size_t i : lenses) {
        const double value = truth.values[column][i];
        if (value >= edges[bin] && (is_last ? value <= edges[bin + 1] : value < edges[bin + 1])) inside.push_back(i);
      }
      WholeWay row = count(scores, inside, threshold, accepted);
      row.property = truth.columns[column];
      row.low = edges[bin];
      row.high = edges[bin + 1];
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

ResultTable whole_way_table(const std::vector<WholeWay>& rows) {
  using Kind = ResultColumn::Kind;
  ResultTable table{.name = "whole_way", .description = "Completeness of finder and people together"};
  table.columns = {{"property", Kind::text}, {"low", Kind::real}, {"high", Kind::real}};
  for (const char* name : {"lenses", "found", "graded", "accepted"}) table.columns.push_back({name, Kind::whole});
  for (const char* name : {"finder", "people", "completeness"})
    for (const char* end : {"", "_low", "_high"}) table.columns.push_back({std::string{name} + end, Kind::real});
  const auto number = [](double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string{}; };
  for (const WholeWay& row : rows) {
    const bool all = row.property == "all";
    std::vector<std::string> fields{row.property, all ? "" : number(row.low), all ? "" : number(row.high)};
    for (const int counted : {row.lenses, row.found, row.graded, row.accepted}) fields.push_back(std::to_string(counted));
    for (const evaluate::Estimate& figure : {row.finder, row.people, row.together})
      for (const double value : {figure.value, figure.low, figure.high}) fields.push_back(number(value));
    table.rows.push_back(std::move(fields));
  }
  return table;
}

}  // namespace lensfind::inspect
