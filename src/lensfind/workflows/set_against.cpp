#include "lensfind/workflows/set_against.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/image/picture.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/gnuplot.h"
#include "lensfind/report/words.h"

namespace lensfind::workflows {
namespace {

using dataset::ClassInSets;
using dataset::NumberInSets;
using dataset::SetComparison;

constexpr std::size_t numbers_drawn = 6, bins_drawn = 24;
constexpr int enlargement = 2, gap = 4;

std::string numbers_csv(const SetComparison& comparison) {
  report::CsvText csv{"class", "number", "median", "other_median", "auc", "low", "high"};
  for (const ClassInSets& of : comparison.classes) {
    for (const NumberInSets& number : of.numbers)
      csv.row({of.name(), number.name, number.here_median, number.there_median, number.auc.value, number.auc.low, number.auc.high});
  }
  return csv.text();
}

/// Rows of cutouts, one below the other on white: of each class those of this set, then those of the other.
image::Picture cutout_rows(const SetComparison& comparison) {
  std::vector<std::vector<image::Picture>> rows;
  for (const ClassInSets& of : comparison.classes) {
    for (const auto* images : {&of.here_pictures, &of.there_pictures}) {
      rows.emplace_back();
      for (const image::Image& image : *images)
        rows.back().push_back(image::picture_of(image.view(), {.names = comparison.bands}, {.enlargement = enlargement}));
    }
  }
  std::size_t columns = 0;
  int width = 0, height = 0, channels = 3;
  for (const auto& row : rows) {
    columns = std::max(columns, row.size());
    if (row.empty()) continue;
    width = row.front().width;
    height = row.front().height;
    channels = row.front().channels;
  }
  image::Picture out{.height = static_cast<int>(rows.size()) * (height + gap) - gap,
                     .width = static_cast<int>(columns) * (width + gap) - gap,
                     .channels = channels,
                     .values = {}};
  out.values.assign(static_cast<std::size_t>(out.height) * static_cast<std::size_t>(out.width * channels), 255);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < rows[r].size(); ++c) {
      for (int y = 0; y < height; ++y) {
        const auto from = rows[r][c].values.begin() + static_cast<std::ptrdiff_t>(y) * width * channels;
        const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(r) * (height + gap) + y,
                             column = static_cast<std::ptrdiff_t>(c) * (width + gap);
        std::copy_n(from, width * channels, out.values.begin() + (row * out.width + column) * channels);
      }
    }
  }
  return out;
}

/// Fractions of both sets in equal bins; the outermost also hold what lies beyond.
std::vector<std::vector<double>> histograms(const NumberInSets& number) {
  std::vector<double> all = number.here;
  all.insert(all.end(), number.there.begin(), number.there.end());
  std::ranges::sort(all);
  const std::size_t tail = all.size() / 100;
  const double low = all[tail], high = std::max(all[all.size() - 1 - tail], low + 1e-12), width = (high - low) / bins_drawn;
  std::vector<std::vector<double>> rows;
  for (std::size_t b = 0; b < bins_drawn; ++b) rows.push_back({low + (static_cast<double>(b) + .5) * width, 0, 0});
  for (const std::size_t set : {std::size_t{1}, std::size_t{2}}) {
    const std::vector<double>& values = set == 1 ? number.here : number.there;
    for (const double value : values) {
      const double at = std::clamp((value - low) / width, 0., bins_drawn - 1.);
      rows[static_cast<std::size_t>(at)][set] += 1 / static_cast<double>(values.size());
    }
  }
  return rows;
}

report::Chart numbers_chart(const SetComparison& comparison) {
  report::Chart chart{.name = "numbers", .title = "What tells the two sets apart", .columns = 3};
  chart.caption =
      "The numbers that tell most by themselves, as fractions of the cutouts of each set; the outermost bins hold what lies beyond.";
  report::CsvText csv{"class", "number", "value", "fraction_here", "fraction_there"};
  for (std::size_t k = 0; k < comparison.classes.size(); ++k) {
    const ClassInSets& of = comparison.classes[k];
    for (std::size_t i = 0; i < std::min(numbers_drawn, of.numbers.size()); ++i) {
      const NumberInSets& number = of.numbers[i];
      const auto rows = histograms(number);
      for (const auto& row : rows) csv.row({of.name(), number.name, row[0], row[1], row[2]});
      const std::string block = fmt::format("n{}_{}", k, i);
      chart.data += report::data_block(block, rows);
      const std::string title = report::shortened(number.name, 58);
      chart.panels.push_back(
          {.width = 400,
           .height = 260,
           .commands = fmt::format("set title {} noenhanced font ',10'\nset style fill transparent solid 0.35 noborder\n"
                                   "set yrange [0:*]\nset xtics font ',9'\nset ylabel 'fraction of cutouts'\n"
                                   "plot ${} using 1:2 with boxes lc rgb '{}' title '{} here', '' using 1:3 with boxes lc rgb '{}' "
                                   "title 'there'\n",
                                   report::gnuplot_text(title), block, report::colour_of(0), of.name(), report::colour_of(1))});
    }
  }
  chart.csv = csv.text();
  return chart;
}

}  // namespace

dataset::SetComparison set_against(const AgainstOptions& options, Progress& progress, const StopFlag& stop) {
  const Output out{.path = options.out,
                   .kind = FolderKind::comparison,
                   .command = "check --against",
                   .overwrite = options.overwrite,
                   .inputs = {options.data, options.against}};
  if (!options.out.empty()) require_free(out);
  SetComparison comparison = dataset::compare_sets(options.data, options.against, options.comparison, progress, stop);
  if (options.out.empty()) return comparison;
  AtomicFolder folder{out};
  write_file(folder.path() / "against.json", to_json(dataset::to_value(comparison)) + "\n");
  write_file(folder.path() / "numbers.csv", numbers_csv(comparison));
  image::write_png(folder.path() / "cutouts.png", cutout_rows(comparison));
  report::draw(numbers_chart(comparison), folder.path());
  folder.commit();
  return comparison;
}

}  // namespace lensfind::workflows
