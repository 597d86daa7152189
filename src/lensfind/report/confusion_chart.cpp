#include <cmath>

#include <fmt/format.h>

#include "lensfind/report/charts.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

/// One of the four cells: where it stands and what it holds.
struct Cell {
  double x, y;
  std::int64_t count, of;  ///< `of`: all cutouts of that true class
  const char* of_what;
};

// From white to blue with the rate, so that the eye finds the diagonal; the text turns white where the ground is dark.
std::string shade(double rate) {
  const auto mix = [rate](int light, int dark) { return static_cast<int>(std::lround(light + rate * (dark - light))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(0xf4, 0x08), mix(0xf8, 0x51), mix(0xfc, 0x9c));
}

std::string cell_commands(const Cell& cell, int object) {
  const double rate = cell.of ? static_cast<double>(cell.count) / static_cast<double>(cell.of) : 0;
  const char* ink = rate > .5 ? "#fefefe" : "#101010";
  return fmt::format(
      "set object {} rect from {},{} to {},{} fc rgb '{}' fs solid 1 border lc rgb '#fefefe' lw 2 behind\n"
      "set label {} at {},{} center tc rgb '{}' font ',20' front\nset label {} at {},{} center tc rgb '{}' front\n",
      object, cell.x, cell.y, cell.x + 1, cell.y + 1, shade(rate), gnuplot_text(count_text(cell.count)), cell.x + .5, cell.y + .56, ink,
      gnuplot_text(percent_text(rate) + " of " + cell.of_what), cell.x + .5, cell.y + .33, ink);
}

std::string matrix_commands(const std::string& title, const evaluate::Confusion& confusion) {
  const std::int64_t lenses = confusion.true_positives + confusion.false_negatives,
                     nonlenses = confusion.false_positives + confusion.true_negatives;
  const Cell cells[] = {{0, 1, confusion.true_positives, lenses, "lenses"},
                        {1, 1, confusion.false_negatives, lenses, "lenses"},
                        {0, 0, confusion.false_positives, nonlenses, "non-lenses"},
                        {1, 0, confusion.true_negatives, nonlenses, "non-lenses"}};
  std::string out = fmt::format("set title {} noenhanced\n", gnuplot_text(title));
  int object = 0;
  for (const Cell& cell : cells) out += cell_commands(cell, ++object);
  return out +
         "unset key\nunset grid\nset border 0\nset tics scale 0\nset xrange [0:2]\nset yrange [0:2]\nset xtics ('candidate' 0.5, 'not a "
         "candidate' 1.5)\n"
         "set ytics ('lens' 1.5, 'non-lens' 0.5) rotate by 90 center offset -1,0\nset ylabel 'what it is' offset -1,0\nset xlabel 'what "
         "the model calls it'\nplot NaN notitle\n";
}

}  // namespace

std::optional<Chart> confusion_chart(const std::vector<ReportModel>& models) {
  Chart chart{.name = "confusion", .title = "Confusion matrix", .columns = 3};
  chart.caption =
      "How many cutouts of each true class are candidates (logit at or above the threshold). Percentages are of the row: the share of "
      "lenses "
      "found and of non-lenses let through. Thresholds were chosen beforehand, never on these samples.";
  CsvText csv{"model", "point", "threshold", "chosen_on", "true_positives", "false_positives", "false_negatives", "true_negatives"};
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (const evaluate::AtThreshold* at : shown_thresholds(models, i)) {
      const evaluate::Confusion& c = at->confusion;
      csv.row({models[i].name, at->point.name, at->point.threshold, at->point.chosen_on, c.true_positives, c.false_positives,
               c.false_negatives, c.true_negatives});
      const std::string which = fmt::format("{}: logit at least {:.3f}", at->point.name, at->point.threshold);
      const std::string title = models.size() > 1 ? shortened(models[i].name, 24) + ", " + which : which;
      chart.panels.push_back({.width = 380, .height = 320, .commands = matrix_commands(title, c)});
    }
  }
  if (chart.panels.empty()) return std::nullopt;
  chart.csv = csv.text();
  return chart;
}

}  // namespace lensfind::report
