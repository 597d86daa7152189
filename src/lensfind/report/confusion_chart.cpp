#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

/// One of the four cells: where it stands and what it holds.
struct Square {
  double x, y;
  std::int64_t count, of;  ///< `of`: all cutouts of that true class
};

// From white to blue with the rate, so that the eye finds the diagonal; the text turns white where the ground is dark.
std::string shade(double rate) {
  const auto mix = [rate](int light, int dark) { return static_cast<int>(std::lround(light + rate * (dark - light))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0xf4, 0x08), mix(0xf8, 0x51), mix(0xfc, 0x9c));
}

std::string cell_commands(const Square& cell, int object) {
  const double rate = cell.of ? static_cast<double>(cell.count) / static_cast<double>(cell.of) : 0;
  return fmt::format(R"(
set object {object} rectangle from {x},{y} to {x1},{y1} fillcolor rgb '{shade}' fillstyle solid 1 border lc rgb '#fefefe' lw 2 behind
set label {count} at {xm},{upper} center textcolor rgb '{ink}' font ',20' front
set label {fraction} at {xm},{lower} center textcolor rgb '{ink}' font ',12' front
)",
                     fmt::arg("object", object), fmt::arg("x", cell.x), fmt::arg("y", cell.y), fmt::arg("x1", cell.x + 1),
                     fmt::arg("y1", cell.y + 1), fmt::arg("shade", shade(rate)), fmt::arg("ink", rate > .75 ? "#fefefe" : "#101010"),
                     fmt::arg("count", gnuplot_text(count_text(cell.count))), fmt::arg("xm", cell.x + .5), fmt::arg("upper", cell.y + .58),
                     fmt::arg("lower", cell.y + .34), fmt::arg("fraction", gnuplot_text(percent_text(rate))));
}

std::string matrix_commands(const std::string& title, const evaluate::Confusion& confusion) {
  const std::int64_t lenses = confusion.true_positives + confusion.false_negatives,
                     nonlenses = confusion.false_positives + confusion.true_negatives;
  const Square cells[] = {{0, 1, confusion.true_positives, lenses},
                          {1, 1, confusion.false_negatives, lenses},
                          {0, 0, confusion.false_positives, nonlenses},
                          {1, 0, confusion.true_negatives, nonlenses}};
  std::string out = fmt::format("set title {} noenhanced\n", gnuplot_text(title));
  int object = 0;
  for (const Square& cell : cells) out += cell_commands(cell, ++object);
  return out + R"(
unset key
unset grid
set border 0
set tics scale 0
set lmargin 8
set xrange [0:2]
set yrange [0:2]
set xtics ('candidate' 0.5, 'not a candidate' 1.5)
set ytics ('lens' 1.5, 'non-lens' 0.5) rotate by 90 center
set xlabel 'what the model calls it'
set ylabel 'what it is' offset 1,0
plot NaN notitle
)";
}

}  // namespace

std::optional<Chart> confusion_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "confusion", .title = "Confusion matrix", .columns = 3};
  chart.caption =
      "How many cutouts of each true class are candidates (logit at or above the threshold). Percentages are of the row: the fraction of "
      "lenses found and of non-lenses let through. Thresholds were chosen beforehand, never on these samples.";
  CsvText csv{"model", "point", "threshold", "chosen_on", "true_positives", "false_positives", "false_negatives", "true_negatives"};
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const evaluate::AtThreshold* at : shown_thresholds(models, i)) {
      const evaluate::Confusion& c = at->confusion;
      csv.row({models[i].name, at->point.name, at->point.threshold, at->point.chosen_on, c.true_positives, c.false_positives,
               c.false_negatives, c.true_negatives});
      const std::string which = fmt::format("{}: logit at least {:.3f}", at->point.name, at->point.threshold);
      const std::string title = models.size() > 1 ? shortened(models[i].name, 24) + ", " + which : which;
      chart.panels.push_back({.width = 400, .height = 320, .commands = matrix_commands(title, c)});
    }
  }
  if (chart.panels.empty()) return std::nullopt;
  chart.csv = csv.text();
  return chart;
}

}  // namespace lensfind::report
