#include "lensfind/report/report.h"

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/report/charts.h"
#include "lensfind/report/gnuplot.h"
#include "lensfind/report/page.h"

namespace lensfind::report {
namespace {

std::vector<Chart> charts_of(const ReportInput& input) {
  std::vector<Chart> charts = {comparison_chart(input.models)};
  const auto add = [&charts](std::optional<Chart> chart) {
    if (chart) charts.push_back(std::move(*chart));
  };
  add(roc_chart(input.models));
  add(precision_recall_chart(input.models));
  add(confusion_chart(input.models));
  add(scores_chart(input.models));
  add(reliability_chart(input.models));
  add(prevalence_chart(input.models));
  add(completeness_chart(input.selection));
  add(whole_way_chart(input.whole_way));
  add(history_chart(input.models));
  return charts;
}

}  // namespace

void write_report(const ReportInput& input, const std::filesystem::path& folder) {
  if (input.models.empty()) throw Error{"a report of no model", "name at least one model"};
  const std::filesystem::path figures = folder / "figures";
  std::filesystem::create_directories(figures);
  std::vector<DrawnChart> drawn;
  for (Chart& chart : charts_of(input)) {
    std::vector<std::string> panels = draw(chart, figures);
    drawn.push_back({std::move(chart), std::move(panels)});
  }
  write_file(folder / "report.html", report_html(input, drawn));
}

}  // namespace lensfind::report
