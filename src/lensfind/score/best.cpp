#include "lensfind/score/best.h"

#include <algorithm>
#include <exception>
#include <unordered_map>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/find_inputs.h"

namespace lensfind::score {
namespace {

constexpr std::size_t max_pictures_read = 1000;  // so that a large --top does not fill the memory

/// Reads the pictures of the best rows; their inputs are found again by id.
void add_pictures(std::vector<TopRow>& top, const cutouts::InputOptions& inputs) {
  std::unordered_map<std::string, std::size_t> wanted;
  for (std::size_t i = 0; i < std::min(top.size(), max_pictures_read); ++i) wanted.emplace(top[i].id, i);
  cutouts::find_inputs(inputs, std::move(wanted), [&](const cutouts::Input& input, std::size_t row) {
    try {
      image::Image image{inputs.wanted};
      cutouts::read_input(input, image.view());
      top[row].image = std::move(image);
      return true;
    } catch (const std::exception&) {
      return false;  // one of the same name that was set aside
    }
  });
}

/// The last of further fields, which is none that needs quotes.
std::string last_field(const std::string& columns) { return columns.substr(columns.rfind(',') + 1); }

}  // namespace

std::vector<TopRow> write_best(const TableNames& names, std::size_t count, const std::vector<std::string>& columns,
                               const cutouts::InputOptions& inputs) {
  const std::vector<Row> rows = best_rows(names.scores, count);
  write_rows(names.top, columns, rows);
  std::vector<TopRow> top;
  const bool has_stage = !columns.empty() && columns.back() == stage_column;
  for (const Row& row : rows) {
    top.push_back({.id = row.id, .logit = row.logit, .probability = row.probability});
    if (has_stage) top.back().stage = last_field(row.columns);
  }
  add_pictures(top, inputs);
  return top;
}

}  // namespace lensfind::score
