#include "lensfind/report/one_class_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/report/html.h"
#include "lensfind/report/words.h"

namespace lensfind::report {
namespace {

using evaluate::OneClassEvaluation;
using evaluate::SelectedFraction;

constexpr std::size_t page_rows = 20;  // of the curve; the CSV has all

std::string row_html(const SelectedFraction& at) {
  return fmt::format("<td>{:.6g}</td><td>{}</td><td>{:.4f} ({:.4f} to {:.4f})</td>", at.threshold, count_text(at.selected),
                     at.fraction.value, at.fraction.low, at.fraction.high);
}

/// `first`: a heading before those of the figures, or none.
std::string table_html(const std::string& first, const std::string& fraction, const std::string& rows) {
  return fmt::format(
      "<table><thead><tr>{}<th>threshold</th><th>selected</th><th>{} (95% interval)</th></tr></thead><tbody>\n{}</tbody></table>\n",
      first.empty() ? "" : "<th>" + first + "</th>", fraction, rows);
}

std::string body_html(const ReportInput& input) {
  const OneClassEvaluation& e = *input.models.front().one_class;
  const bool lenses = e.label == Label::lens;
  const std::string fraction = lenses ? "recall" : "false-positive rate";
  std::string body = fmt::format(
      "<main>\n<header><h1>{}</h1>\n<p class=\"subtitle\">{} {} and no {}: the fraction that a threshold selects is the {}.</p></header>\n",
      escape(input.title), count_text(e.count), lenses ? "lenses" : "non-lenses", lenses ? "non-lenses" : "lenses", fraction);
  body += "<section><h2>Before you believe a number</h2><ul>\n";
  for (const std::string& warning : e.warnings) body += fmt::format("<li>{}</li>\n", escape(warning));
  body += "</ul></section>\n";
  std::string rows;
  for (const auto& [point, at] : e.thresholds)
    rows += fmt::format("<tr><td>{}, {}</td>{}</tr>\n", escape(point.name), escape(point.chosen_on), row_html(at));
  if (!rows.empty())
    body += "<section><h2>At thresholds chosen beforehand</h2>\n" + table_html("chosen on", fraction, rows) + "</section>\n";
  rows.clear();
  const std::size_t count = std::min(page_rows, e.curve.size());
  for (std::size_t i = 0; i < count; ++i)
    rows += "<tr>" + row_html(e.curve[count == 1 ? 0 : i * (e.curve.size() - 1) / (count - 1)]) + "</tr>\n";
  body += "<section><h2>At any threshold</h2>\n" + table_html("", fraction, rows) + "</section>\n";
  return body + fmt::format("<section><h2>How it was made</h2><p><code>{}</code></p>{}</section>\n</main>", escape(input.command),
                            value_html(input.provenance));
}

}  // namespace

void write_one_class(const ReportInput& input, const std::filesystem::path& folder) {
  const OneClassEvaluation& e = *input.models.front().one_class;
  const std::string name = evaluate::fraction_name(e.label);
  std::string curve = fmt::format("threshold,selected,{},low,high\n", name);
  for (const SelectedFraction& at : e.curve)
    curve += fmt::format("{},{},{},{},{}\n", at.threshold, at.selected, at.fraction.value, at.fraction.low, at.fraction.high);
  write_file(folder / (name + ".csv"), curve);
  write_file(folder / "report.html", page_html(input.title, body_html(input)));
}

}  // namespace lensfind::report
