#include "lensfind/report/page.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "lensfind/report/explorer.h"
#include "lensfind/report/gallery.h"
#include "lensfind/report/html.h"
#include "lensfind/report/seeds.h"
#include "lensfind/report/summary.h"

namespace lensfind::report {
namespace {

std::string section(const char* id, const char* title, const std::string& body) {
  return body.empty() ? std::string{} : fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, body);
}

std::string chart_html(const DrawnChart& drawn) {
  const Chart& chart = drawn.chart;
  std::string panels;
  for (std::size_t i = 0; i < drawn.panels.size(); ++i) {
    panels += fmt::format("<div class=\"panel\" style=\"max-width:{}px\">{}</div>\n", chart.panels[i].width * 5 / 4, drawn.panels[i]);
  }
  return fmt::format(R"(<figure class="chart{}" id="figure-{}">
<h3>{}</h3>
<div class="panels" style="--narrowest:{}px">
{}</div>
<figcaption>{} <span class="files">Files: figures/{}.svg, .png, .pdf, .csv</span></figcaption>
</figure>
)",
                     drawn.panels.size() > 1 ? " wide" : "", chart.name, escape(chart.title), chart.panels.front().width * 17 / 20, panels,
                     escape(chart.caption), chart.name);
}

std::string charts_html(const std::vector<DrawnChart>& charts) {
  std::string out = "<div class=\"charts\">\n";
  for (const DrawnChart& drawn : charts) out += chart_html(drawn);
  return out + "</div>\n";
}

/// One model after the other, the best first; all but the first are folded up, and show fewer, since each cutout weighs about 30 kB.
std::string galleries_html(const ReportInput& input) {
  std::vector<const ReportModel*> models;
  for (const ReportModel& model : input.models) models.push_back(&model);
  std::ranges::stable_sort(models, std::greater{}, [](const ReportModel* model) { return model->evaluation.average_precision.value; });
  const std::size_t max = models.size() == 1 ? 12 : 6;
  std::string out;
  for (const ReportModel* model : models) {
    const std::string tiles = gallery_html(*model, input.cutouts, max);
    if (tiles.empty()) continue;
    out += models.size() == 1 ? tiles
                              : fmt::format("<details class=\"gallery\"{}><summary>{}</summary>\n{}</details>\n",
                                            out.empty() ? " open" : "", escape(model->name), tiles);
  }
  if (out.empty()) return out;
  const std::string order = models.size() == 1 ? "" : " The models stand by average precision; choose one to unfold its cutouts.";
  return "<p>Choose a cutout to see it larger, in other stretches and band by band." + order + "</p>\n" + out;
}

std::string definitions_html(const evaluate::Evaluation& evaluation) {
  const Value json = evaluate::to_json_value(evaluation);
  const Value* definitions = json.find("definitions");
  return definitions ? "<div class=\"definitions\">" + value_html(*definitions) + "</div>\n" : std::string{};
}

std::string provenance_html(const ReportInput& input) {
  std::string out;
  if (!input.command.empty()) out += "<pre>" + escape(input.command) + "</pre>\n";
  if (input.provenance.is_object() && !input.provenance.as_object().empty())
    out += "<div class=\"provenance\">" + value_html(input.provenance) + "</div>\n";
  for (const ReportModel& model : input.models) {
    if (!model.provenance.is_object() || model.provenance.as_object().empty()) continue;
    out += fmt::format("<details><summary>{}</summary>\n<div class=\"provenance\">{}</div>\n</details>\n", escape(model.name),
                       value_html(model.provenance));
  }
  return out;
}

std::string survey_html(const std::vector<ReportModel>& models) {
  return "<p>Move the threshold and the prevalence to see what a survey would give. Intervals hold for a threshold that was fixed "
         "beforehand; one that is picked here, on the samples "
         "under test, looks a little better than it is.</p>\n" +
         explorer_html(models) + prevalence_table_html(models) + targets_html(models);
}

}  // namespace

std::string report_html(const ReportInput& input, const std::vector<DrawnChart>& charts) {
  std::string body = "<main>\n<header>\n<h1>" + escape(input.title) + "</h1>\n</header>\n";
  body += section("summary", "In short", summary_html(input));
  body += warnings_html(input);
  body += section("table", "Figures", figures_table_html(input.models));
  body += section("seeds", "Over seeds", seeds_html(input.recipes));
  body += section("differences", "Paired differences", differences_html(input));
  body += section("charts", "Plots", charts_html(charts));
  body += section("survey", "At the prevalence of a survey", survey_html(input.models));
  body += section("confusers", "What is taken for a lens", confusers_html(input));
  body += section("galleries", "Cutouts worth a look", galleries_html(input));
  body += section("definitions", "What the figures mean", definitions_html(input.models.front().evaluation));
  body += section("provenance", "Where this comes from", provenance_html(input));
  return page_html(input.title, body + "</main>");
}

}  // namespace lensfind::report
