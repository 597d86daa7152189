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
  double height = .99;
  for (const evaluate::AtThreshold* at : thresholds) {
    out += fmt::format(
        "set arrow from {0},graph 0 to {0},graph 1 nohead lc rgb 'black' dt 3 lw 1.2\nset label {1} at {0},graph {2} left offset 0.4,0 "
        "noenhanced font ',11'\n",
        at->point.threshold, gnuplot_text(at->point.name), height);
    height -= .06;
  }
  return out;
}

}  // namespace

Chart scores_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "scores", .title = "Scores by class", .columns = 2};
  chart.caption =
      "How many lenses and non-lenses have a logit in each bin, on a logarithmic axis: the right tail of the non-lenses is what a survey "
      "has to look at. "
      "The bins at both ends also hold what lies beyond. Dotted lines are the thresholds chosen beforehand.";
  CsvText csv{"model", "logit_low", "logit_high", "lenses", "nonlenses"};
  for (std::size_t i = 0; i < models.size(); ++i) {
    const Bins bins = histogram(models[i].scores);
    std::vector<std::vector<double>> rows;
    for (std::size_t b = 0; b < bin_count; ++b) {
      rows.push_back({bins.centre(b), static_cast<double>(bins.lenses[b]), static_cast<double>(bins.nonlenses[b])});
      csv.row({models[i].name, bins.centre(b) - bins.width / 2, bins.centre(b) + bins.width / 2, bins.lenses[b], bins.nonlenses[b]});
    }
    chart.data += data_block(fmt::format("scores_{}", i), rows);
    const auto draw = [i](int column, std::size_t colour, const char* name) {
      return fmt::format(
          "$scores_{0} using 1:(${1} > 0 ? ${1} : NaN) with boxes fs transparent solid 0.45 noborder lc rgb '{2}' title '{3}'", i, column,
          colour_of(colour), name);
    };
    const double most = static_cast<double>(std::max(*std::ranges::max_element(bins.lenses), *std::ranges::max_element(bins.nonlenses)));
    chart.panels.push_back(
        {.width = 460,
         .height = 360,
         .commands = fmt::format(
             "set title {} noenhanced\nset logscale y\nset format y '%g'\nset yrange [0.5:{}]\nset xrange [{}:{}]\nset boxwidth {}\n"
             "set xlabel 'logit (before calibration)'\nset ylabel 'cutouts per bin'\nset key below left\n{}plot {}, {}\n",
             gnuplot_text(models.size() > 1 ? shortened(models[i].name, 36) : ""), std::max(2., 2 * most), bins.start,
             bins.start + bin_count * bins.width, bins.width, threshold_marks(shown_thresholds(models, i)), draw(3, 1, "non-lenses"),
             draw(2, 0, "lenses"))});
  }
  chart.csv = csv.text();
  return chart;
}

}  // namespace lensfind::report
