#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Estimate;
using evaluate::WholeWay;

struct Part {
  const char* words;
  Estimate WholeWay::*figure;
};

constexpr std::array parts{Part{"the finder finds", &WholeWay::finder}, Part{"people take of what they saw", &WholeWay::people},
                           Part{"both together", &WholeWay::together}};

/// The ranges of one property: a row each with its place, then value, low and high of each part.
std::vector<std::vector<double>> data_of(const std::vector<WholeWay>& rows) {
  std::vector<std::vector<double>> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> numbers{static_cast<double>(i)};
    for (const Part& part : parts) {
      const Estimate& figure = rows[i].*part.figure;
      numbers.insert(numbers.end(), {figure.value, figure.low, figure.high});
    }
    out.push_back(std::move(numbers));
  }
  return out;
}

std::string tics_of(const std::vector<WholeWay>& rows) {
  std::string tics;
  for (std::size_t i = 0; i < rows.size(); ++i)
    tics += fmt::format("{}'{:.3g}–{:.3g}' {}", i > 0 ? ", " : "", rows[i].low, rows[i].high, i);
  return tics;
}

Panel panel_of(const std::string& property, const std::vector<WholeWay>& rows, const std::string& block) {
  std::string plots;
  for (std::size_t i = 0; i < parts.size(); ++i)
    plots += fmt::format("{}${} using ($1+{}):{}:{}:{} with yerrorbars lc rgb '{}' pt {} ps {} lw {} title '{}'", i > 0 ? ", " : "", block,
                         .16 * (static_cast<double>(i) - 1), 3 * i + 2, 3 * i + 3, 3 * i + 4, colour_of(i), point_type_of(i),
                         i == 2 ? 1.3 : .9, i == 2 ? 2.5 : 1.5, parts[i].words);
  const std::string axes = fmt::format(R"(
set key outside top center maxcols 1
set xrange [-0.5:{}]
set xtics ({}) font ',9'
set yrange [0:1]
set xlabel {} noenhanced
set ylabel 'fraction of lenses'
)",
                                       static_cast<double>(rows.size()) - .5, tics_of(rows), gnuplot_text(column_words(property)));
  return {.width = 440, .height = 380, .commands = axes + "plot " + plots + "\n"};
}

}  // namespace

std::optional<Chart> whole_way_chart(const std::vector<WholeWay>& rows) {
  if (rows.empty()) return std::nullopt;
  const WholeWay& all = rows.front();
  Chart chart{.name = "whole_way", .title = "Which lenses the finder and people find together", .columns = 2};
  chart.caption = fmt::format(
      "What becomes of the injected lenses, in ranges of about equally many. The finder finds {} of all {} at its threshold; people take "
      "{} "
      "of the {} that they saw; together that is {}. Bars are 95% intervals.",
      interval_text(all.finder), count_text(all.lenses), interval_text(all.people), count_text(all.graded), interval_text(all.together));
  CsvText csv{"property",   "low",         "high",   "lenses",     "found",       "graded",   "accepted",     "finder",
              "finder_low", "finder_high", "people", "people_low", "people_high", "together", "together_low", "together_high"};
  for (const WholeWay& row : rows)
    csv.row({row.property, row.low, row.high, row.lenses, row.found, row.graded, row.accepted, row.finder.value, row.finder.low,
             row.finder.high, row.people.value, row.people.low, row.people.high, row.together.value, row.together.low, row.together.high});
  chart.csv = csv.text();
  for (auto begin = rows.begin() + 1; begin != rows.end();) {
    const auto end = std::find_if(begin, rows.end(), [&](const WholeWay& row) { return row.property != begin->property; });
    const std::string block = fmt::format("whole_way_{}", chart.panels.size());
    const std::vector<WholeWay> ranges{begin, end};
    chart.data += data_block(block, data_of(ranges));
    chart.panels.push_back(panel_of(begin->property, ranges, block));
    begin = end;
  }
  if (chart.panels.empty()) return std::nullopt;  // no property of the lenses is known
  return chart;
}

}  // namespace lensfind::report
