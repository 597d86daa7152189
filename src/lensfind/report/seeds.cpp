#include "lensfind/report/seeds.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/evaluate/repeated.h"
#include "lensfind/report/csv_text.h"
#include "lensfind/report/html.h"
#include "lensfind/report/table.h"

namespace lensfind::report {
namespace {

/// A figure of table.csv over the runs that have it.
std::optional<evaluate::OverSeeds> figure_over_seeds(const RecipeRuns& recipe, std::size_t column) {
  std::vector<double> values;
  for (const evaluate::Evaluation& run : recipe.runs) {
    if (const std::optional<evaluate::Estimate> figure = columns_of(run)[column].figure) values.push_back(figure->value);
  }
  if (values.empty()) return std::nullopt;
  return evaluate::over_seeds(values);
}

std::size_t column_named(const char* name) {
  const std::vector<Column> columns = columns_of({});
  return static_cast<std::size_t>(std::ranges::find(columns, name, &Column::name) - columns.begin());
}

std::string cell_html(const char* title, const std::optional<evaluate::OverSeeds>& figure) {
  const std::string text = figure ? fmt::format("{:.4f} ± {:.4f}", figure->mean, figure->std_dev) : "–";
  return fmt::format("<td data-label=\"{}\">{}</td>", title, text);
}

}  // namespace

std::string seeds_html(const std::vector<RecipeRuns>& recipes) {
  if (std::ranges::none_of(recipes, [](const RecipeRuns& recipe) { return recipe.runs.size() > 1; })) return {};
  constexpr std::array<std::pair<const char*, const char*>, 5> shown{{{"auc", "AUC"},
                                                                      {"average_precision", "average precision"},
                                                                      {"f1", "F1"},
                                                                      {"tpr_at_fpr_1e-2", "TPR at FPR 1e-2"},
                                                                      {"tpr_at_fpr_1e-3", "TPR at FPR 1e-3"}}};
  std::string head, rows;
  for (const auto& [name, title] : shown) head += fmt::format("<th>{}</th>", title);
  for (const RecipeRuns& recipe : recipes) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td data-label=\"seeds\">{}</td>", escape(recipe.name), recipe.runs.size());
    for (const auto& [name, title] : shown) rows += cell_html(title, figure_over_seeds(recipe, column_named(name)));
    rows += "</tr>\n";
  }
  return "<p>Each recipe was trained several times; only the seed differs. Mean ± standard deviation of single runs, on the same samples. "
         "The paired differences below are between these means. Everything else on this page shows each recipe's first seed.</p>\n<table "
         "class=\"models\"><thead><tr><th>recipe</th><th>seeds</th>" +
         head + "</tr></thead><tbody>\n" + rows + "</tbody></table>\n";
}

void write_recipes_table(const std::vector<RecipeRuns>& recipes, const std::filesystem::path& path) {
  const std::vector<Column> columns = columns_of({});
  std::string text = "recipe,seeds";
  for (const Column& column : columns) text += fmt::format(",{0}_mean,{0}_std,{0}_min,{0}_max", column.name);
  text += '\n';
  for (const RecipeRuns& recipe : recipes) {
    text += CsvCell{recipe.name}.text() + "," + CsvCell{recipe.runs.size()}.text();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::optional<evaluate::OverSeeds> figure = figure_over_seeds(recipe, c);
      if (!figure) {
        text += ",,,,";
        continue;
      }
      for (const double value : {figure->mean, figure->std_dev, figure->min, figure->max}) text += "," + CsvCell{value}.text();
    }
    text += '\n';
  }
  write_file(path, text);
}

}  // namespace lensfind::report
