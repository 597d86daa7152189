#pragma once

#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/image/image.h"
#include "lensfind/score/table.h"

namespace lensfind::score {

/// One of the best-scored cutouts.
struct TopRow {
  std::string id;
  double logit = 0;
  double probability = 0;   ///< NaN without calibration
  image::Image image = {};  ///< as the network saw it; empty where the input has gone since, and after the 1,000 best
  std::string stage = {};   ///< of a cascade: which network the logit is of, `student` or `teacher`
};

/// The column at the end of a cascade's table that says which of its networks a logit is of.
constexpr const char* stage_column = "stage";

/// Writes the `count` best rows of a finished table as names.top and returns them with their pictures, best first. A last column `stage` is
/// a cascade's; `missing` stands behind a catalogue's columns.
std::vector<TopRow> write_best(const TableNames& names, std::size_t count, const std::vector<std::string>& columns,
                               const cutouts::InputOptions& inputs);

}  // namespace lensfind::score
