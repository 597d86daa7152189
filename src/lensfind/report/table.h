#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/evaluate/evaluation.h"

namespace lensfind::report {

/// A column of table.csv with its value for a model.
struct Column {
  std::string name;
  std::optional<evaluate::Estimate> figure;  ///< nullopt: this model has none
};

/// The columns of table.csv, the same for every model.
std::vector<Column> columns_of(const evaluate::Evaluation& evaluation);

}  // namespace lensfind::report
