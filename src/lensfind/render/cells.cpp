#include "lensfind/render/cells.h"

namespace lensfind::render {

void CellList::make_room(std::size_t more) {
  const std::size_t wanted = padded(count + more) + kernel_block;
  if (row.size() >= wanted) return;
  for (auto* list : {&row, &column, &i, &j}) list->resize(2 * wanted);
}

void CellList::push(std::int32_t of_row, std::int32_t of_column, std::int32_t of_i, std::int32_t of_j) {
  row[count] = of_row;
  column[count] = of_column;
  i[count] = of_i;
  j[count++] = of_j;
}

void SampledCells::clear() { cells.count = kept.count = split.count = 0; }

void SampledCells::make_room() {
  const std::size_t wanted = padded(cells.count) + kernel_block;
  if (light.size() >= wanted) return;
  brightness.resize(9 * 2 * wanted);
  light.resize(2 * wanted);
  kept.index.resize(2 * wanted);
  split.index.resize(2 * wanted);
}

void SampledCells::quarter(CellList& finer) const {
  finer.make_room(4 * split.count);
  for (std::size_t s = 0; s < split.count; ++s) {
    const auto c = static_cast<std::size_t>(split.index[s]);
    for (const std::int32_t up : {0, 1}) {
      for (const std::int32_t right : {0, 1}) finer.push(cells.row[c], cells.column[c], 2 * cells.i[c] + right, 2 * cells.j[c] + up);
    }
  }
}

}  // namespace lensfind::render
