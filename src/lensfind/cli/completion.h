#pragma once

#include <string>
#include <vector>

#include "lensfind/cli/described.h"

namespace lensfind::cli {

/// The shells that completion() knows.
const std::vector<std::string>& completed_shells();

/// A script for one of completed_shells() with which it completes commands, parts, options, their choices, the names of what is installed
/// (models, surveys, recipes, schemes, networks), and files.
std::string completion(const std::string& shell, const std::vector<Described>& commands);

/// The kinds of names that an option may take: "models", "surveys", "recipes", "schemes", "networks".
const std::vector<std::string>& kinds_of_names();

/// The kind of names that an option or positional argument, as described() has it, takes; empty: none.
std::string kind_of_names(const Value& taken);

}  // namespace lensfind::cli
