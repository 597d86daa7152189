#include "lensfind/inspect/control_page.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/inspect/control_report.h"
#include "lensfind/report/html.h"
#include "lensfind/report/words.h"

namespace lensfind::inspect {
namespace {

constexpr std::array inks{"--ink", "--blue", "--vermilion", "--green", "--purple", "--orange", "--sky"};
constexpr double width = 480, height = 260, left = 44, right = 8, top = 10, bottom = 44;

std::string property_text(const std::string& property) {
  if (property == "theta_e_arcsec") return "Einstein radius (arcsec)";
  if (property == "arc_snr") return "signal-to-noise ratio of the arcs";
  return "magnitude of the source";
}

std::string rate_text(const evaluate::Estimate& rate, int trials) {
  return trials > 0 ? fmt::format("<span>{} of {}</span>", report::interval_text(rate), report::count_text(trials)) : "none graded";
}

std::string graders_html(const Merged& merged) {
  std::string rows;
  for (const GraderSummary& grader : merged.graders)
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td data-label=\"finds lenses\">{}</td><td data-label=\"others as lenses\">{}</td><td "
        "data-label=\"says the same again\">{}</td></tr>\n",
        report::escape(grader.grader), rate_text(grader.completeness, grader.lens_controls),
        rate_text(grader.false_positive_rate, grader.nonlens_controls), rate_text(grader.consistency, grader.repeats));
  return "<table class=\"models\"><thead><tr><th>grader</th><th>finds of the control lenses</th><th>takes of other controls for lenses</th>"
         "<th>says the same of repeats</th></tr></thead>\n<tbody>" +
         rows + "</tbody></table>\n";
}

double y_of(double fraction) { return top + (1 - fraction) * (height - top - bottom); }

/// Lines of 0, .5 and 1 with their numbers, and the ranges below.
std::string axes_svg(const std::vector<std::pair<double, double>>& ranges, const std::string& property) {
  std::string svg;
  for (const double fraction : {0., .5, 1.})
    svg += fmt::format(
        "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"var(--grid)\"/><text x=\"{3}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\" font-size=\"14\" fill=\"currentColor\">{5}</text>\n",
        left, width - right, y_of(fraction), left - 6, y_of(fraction) + 4, fraction);
  const double step = (width - left - right) / static_cast<double>(ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i)
    svg +=
        fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\" font-size=\"14\" fill=\"currentColor\">{:.3g} to {:.3g}</text>\n",
                    left + step * (static_cast<double>(i) + .5), height - bottom + 17, ranges[i].first, ranges[i].second);
  return svg + fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\" font-size=\"14\" fill=\"currentColor\">{}</text>\n",
                           (left + width - right) / 2, height - 8, property_text(property));
}

std::string point_svg(const ControlCompleteness& row, double x, const char* ink) {
  return fmt::format(
      "<g stroke=\"var({3})\" fill=\"var({3})\"><title>{4}: {5} of {6}, {7}</title><line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" "
      "y2=\"{2:.1f}\" stroke-width=\"2\"/><circle cx=\"{0:.1f}\" cy=\"{8:.1f}\" r=\"4\"/></g>\n",
      x, y_of(row.completeness.low), y_of(row.completeness.high), ink, report::escape(row.grader), row.found, row.lenses,
      report::interval_text(row.completeness), y_of(row.completeness.value));
}

/// Completeness over one property: a group of points a range, a colour a grader.
std::string chart_html(const std::vector<ControlCompleteness>& rows, const std::string& property, const std::vector<std::string>& graders) {
  std::vector<std::pair<double, double>> ranges;
  for (const ControlCompleteness& row : rows)
    if (row.property == property && std::ranges::find(ranges, std::pair{row.low, row.high}) == ranges.end())
      ranges.emplace_back(row.low, row.high);
  std::ranges::sort(ranges);
  if (ranges.empty()) return {};
  const double step = (width - left - right) / static_cast<double>(ranges.size());
  const double apart = std::min(14., .8 * step / static_cast<double>(graders.size()));
  std::string svg = axes_svg(ranges, property);
  for (const ControlCompleteness& row : rows) {
    const auto grader = std::ranges::find(graders, row.grader);
    if (row.property != property || grader == graders.end()) continue;
    const auto number = static_cast<double>(grader - graders.begin());
    const auto range = static_cast<double>(std::ranges::find(ranges, std::pair{row.low, row.high}) - ranges.begin());
    const double x = left + step * (range + .5) + apart * (number - (static_cast<double>(graders.size()) - 1) / 2);
    svg += point_svg(row, x, inks[static_cast<std::size_t>(number) % inks.size()]);
  }
  return fmt::format(
      "<figure class=\"chart\"><div class=\"panel\"><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"fraction of control "
      "lenses found over {}\">\n{}</svg></div></figure>\n",
      width, height, property_text(property), svg);
}

std::string legend_html(const std::vector<std::string>& graders) {
  std::string out;
  for (std::size_t i = 0; i < graders.size(); ++i)
    out += fmt::format(
        "<span style=\"white-space: nowrap; margin-right: 1rem\"><svg width=\"10\" height=\"10\" aria-hidden=\"true\"><circle cx=\"5\" "
        "cy=\"5\" r=\"4\" fill=\"var({})\"/></svg> {}</span> ",
        inks[i % inks.size()], i == 0 ? "all together, by the median grade" : report::escape(graders[i]));
  return "<p>" + out + "</p>\n";
}

/// Both properties at once: all graders together, the others folded away.
std::string grids_html(const Merged& merged, const GridEdges& edges, const std::vector<std::string>& graders) {
  const std::vector<GridCompleteness> cells = grid_completeness(merged, edges);
  if (cells.empty()) return {};
  std::string body =
      "<section><h2>Over Einstein radius and signal-to-noise ratio at once</h2>\n<p>The fraction of the control lenses in each cell that "
      "the median grade counts as lenses, with its 95% interval and the counts.</p>\n" +
      grid_html(cells, all_graders);
  for (const std::string& grader : graders)
    if (grader != all_graders)
      body += fmt::format("<details><summary>{}</summary>{}</details>\n", report::escape(grader), grid_html(cells, grader));
  return body + "<p class=\"small\">control_grid.csv has the numbers of all graders.</p></section>\n";
}

}  // namespace

void write_control_page(const std::filesystem::path& html, const Merged& merged, const GridEdges& edges) {
  const std::vector<ControlCompleteness> rows = control_completeness(merged);
  std::vector<std::string> graders{"all"};
  for (const GraderSummary& grader : merged.graders)
    if (graders.size() < inks.size()) graders.push_back(grader.grader);
  std::string body = fmt::format(
      "<main>\n<header><h1>What the controls say of the graders</h1>\n<p class=\"subtitle\">Grades: {}. Controls were mixed in unseen: "
      "known "
      "lenses, lenses painted on the survey's own galaxies, and galaxies that nobody chose. Intervals are 95% (Jeffreys).</p></header>\n",
      report::escape(merged.scheme.title));
  body += graders_html(merged);
  if (rows.empty()) {
    body += "<p>No control lens whose Einstein radius, signal-to-noise ratio or source magnitude is known was graded.</p>\n";
  } else {
    body += "<section><h2>How much of the control lenses is found</h2>\n" + legend_html(graders) + "<div class=\"charts\">\n";
    for (const char* property : {"theta_e_arcsec", "arc_snr", "source_mag"}) body += chart_html(rows, property, graders);
    body += "</div>\n<p class=\"small\">Ranges hold about equally many lenses. controls.csv has the numbers.";
    if (merged.graders.size() + 1 > inks.size())
      body += fmt::format(" The first {} graders are drawn; controls.csv has all.", inks.size() - 1);
    body += "</p></section>\n";
  }
  body += grids_html(merged, edges, graders);
  write_file(html, report::page_html("What the controls say of the graders", body + "</main>"));
}

}  // namespace lensfind::inspect
