#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::Score;

/// Equal bins over the logits of a model; the first and the last also take what lies beyond.
struct Bins {
  double start = 0, width = 1;
  std::vector<std::int64_t> lenses, nonlenses;

  [[nodiscard]] double centre(std::size_t i) const { return start + (static_cast<double>(i) + .5) * width; }
};

constexpr std::size_t bin_count = 48;

// A few scores far out must not squeeze all others into one bin: the range is that of all but 0.1% on each side, and half as much again.
std::pair<double, double> shown_range(const evaluate::Scores& scores) {
  std::vector<double> logits;
  for (const Score& score : scores) {
    if (score.label != Label::unknown && std::isfinite(score.logit)) logits.push_back(score.logit);
  }
  if (logits.empty()) return {0, 1};
  std::ranges::sort(logits);
  const std::size_t tail = logits.size() / 1000;
  const double low = logits[tail], high = logits[logits.size() - 1 - tail], margin = (high - low) / 2;
  const double start = std::max(logits.front(), low - margin), end = std::min(logits.back(), high + margin);
  return end > start ? std::pair{start, end} : std::pair{start - .5, start + .5};
}

Bins histogram(const evaluate::Scores& scores) {
  const auto [start, end] = shown_range(scores);
  Bins bins{start, (end - start) / bin_count, std::vector<std::int64_t>(bin_count), std::vector<std::int64_t>(bin_count)};
  for (const Score& score : scores) {
    if (score.label == Label::unknown || !std::isfinite(score.logit)) continue;
    const double at = std::clamp(std::floor((score.logit - start) / bins.width), 0., bin_count - 1.);
    ++(score.label == Label::lens ? bins.lenses : bins.nonlenses)[static_cast<std::size_t>(at)];
  }
  return bins;
}

std::string threshold_marks(const std::vector<const evaluate::AtThreshold*>& thresholds) {
  std::string out;
  double height = .97;
  for (const evaluate::AtThreshold* at : thresholds) {
    if (!std::isfinite(at->point.threshold)) continue;
    out += fmt::format(R"(
set arrow from {0},graph 0 to {0},graph 1 nohead lc rgb 'black' dt 3 lw 1.2
set label {1} at {0},graph {2} left offset 0.4,0 noenhanced font ',11'
)",
                       at->point.threshold, gnuplot_text(at->point.name), height);
    height -= .06;
  }
  return out;
}

std::string boxes(const std::string& block, int column, std::string_view colour, const char* name) {
  return fmt::format("{0} using 1:(${1} > 0 ? ${1} : NaN) with boxes fillstyle transparent solid 0.45 noborder lc rgb '{2}' title '{3}'",
                     block, column, colour, name);
}

std::string panel_commands(const Bins& bins, const std::string& title, const std::string& block) {
  const std::int64_t max = std::max(*std::ranges::max_element(bins.lenses), *std::ranges::max_element(bins.nonlenses));
  return fmt::format(R"(
set title {title} noenhanced
set logscale y
set format y '%g'
set xrange [{start}:{end}]
set yrange [0.5:{top}]
set boxwidth {width}
set xlabel 'logit (before calibration)'
set ylabel 'cutouts per bin'
plot {nonlenses}, {lenses}
)",
                     fmt::arg("title", gnuplot_text(title)), fmt::arg("start", bins.start),
                     fmt::arg("end", bins.start + bin_count * bins.width), fmt::arg("top", std::max<std::int64_t>(2, 2 * max)),
                     fmt::arg("width", bins.width), fmt::arg("nonlenses", boxes(block, 3, colour_of(1), "non-lenses")),
                     fmt::arg("lenses", boxes(block, 2, colour_of(0), "lenses")));
}

}  // namespace

Chart scores_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "scores", .title = "Scores by class", .columns = 2};
  chart.caption =
      "How many lenses and non-lenses have a logit in each bin, on a logarithmic axis: the right tail of the non-lenses is what a survey "
      "has to look at. The bins at both ends also hold what lies beyond. Dotted lines are the thresholds chosen beforehand.";
  CsvText csv{"model", "logit_low", "logit_high", "lenses", "nonlenses"};
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Bins bins = histogram(models[i].scores);
    std::vector<std::vector<double>> rows;
    for (std::size_t b = 0; b < bin_count; ++b) {
      rows.push_back({bins.centre(b), static_cast<double>(bins.lenses[b]), static_cast<double>(bins.nonlenses[b])});
      csv.row({models[i].name, bins.centre(b) - bins.width / 2, bins.centre(b) + bins.width / 2, bins.lenses[b], bins.nonlenses[b]});
    }
    const std::string block = fmt::format("scores_{}", i), title = models.size() > 1 ? shortened(models[i].name, 36) : "";
    chart.data += data_block(block, rows);
    chart.panels.push_back(
        {.height = 360, .commands = threshold_marks(shown_thresholds(models, i)) + panel_commands(bins, title, "$" + block)});
  }
  chart.csv = csv.text();
  return chart;
}

}  // namespace lensfind::report
