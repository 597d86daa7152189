#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/fields.h"

namespace lensfind::train {

/// Applies KEY=VALUE assignments, as `--set` has them, to a recipe with a table `simulate`, whose keys are written `simulate.KEY`. Throws
/// Error for a key or a value that does not fit.
template <typename AnyRecipe>
void assign(AnyRecipe& recipe, const std::vector<std::string>& assignments) {
  constexpr std::string_view of_simulate = "simulate.";
  for (const std::string& assignment : assignments) {
    if (assignment.starts_with(of_simulate))
      set_field(recipe.simulate, assignment.substr(of_simulate.size()));
    else
      set_field(recipe, assignment);
  }
}

}  // namespace lensfind::train
