#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/train/series.h"

namespace lensfind::train {
namespace {

/// Cuts at commas that stand in no bracket and no quotes.
std::vector<std::string> cut_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (c == ',' && depth == 0 && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

void check_name(const std::string& name) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  if (!name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), plain)) return;
  throw Error{fmt::format("`{}` is no name for runs", name), "use letters, digits, '-', '_' and '.': --train plain=lensfind,ema_decay=0"};
}

}  // namespace

NamedRecipe parse_recipe(const std::string& text, const std::vector<std::filesystem::path>& folders,
                         const std::vector<std::string>& overrides) {
  const std::vector<std::string> parts = cut_at_commas(text);
  const std::size_t equals = parts.front().find('=');
  const std::string recipe = equals == std::string::npos ? parts.front() : parts.front().substr(equals + 1);
  NamedRecipe named{equals == std::string::npos ? std::filesystem::path{recipe}.stem().string() : parts.front().substr(0, equals), {}};
  check_name(named.name);
  std::vector<std::string> all = overrides;
  all.insert(all.end(), parts.begin() + 1, parts.end());
  named.recipe = read_recipe(recipe, folders, all);
  return named;
}

NamedEnsemble parse_ensemble(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) throw Error{text + ": names no ensemble", "write NAME=A+B, where A and B are recipes' names"};
  NamedEnsemble named{text.substr(0, equals), {}};
  check_name(named.name);
  for (std::size_t at = equals + 1; at <= text.size();) {
    const std::size_t end = std::min(text.find('+', at), text.size());
    named.members.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (named.members.size() < 2) throw Error{text + ": one member is no ensemble", "write NAME=A+B, where A and B are recipes' names"};
  return named;
}

std::vector<SeriesRun> plan_series(const SeriesOptions& options) {
  std::vector<std::string> names;
  for (const NamedRecipe& recipe : options.recipes) names.push_back(recipe.name);
  for (const NamedEnsemble& ensemble : options.ensembles) {
    for (const std::string& member : ensemble.members) {
      const auto is_member = [&](const NamedRecipe& recipe) { return recipe.name == member; };
      if (std::none_of(options.recipes.begin(), options.recipes.end(), is_member))
        throw Error{fmt::format("ensemble `{}`: no recipe is named `{}`", ensemble.name, member), "name it with --train too"};
    }
    names.push_back(ensemble.name);
  }
  if (std::set<std::string>{names.begin(), names.end()}.size() != names.size())
    throw Error{"two recipes have the same name", "name one of them otherwise: --train other=RECIPE"};
  std::vector<SeriesRun> runs;
  for (const std::string& name : names) {
    for (int s = 0; s < options.seeds; ++s) {
      const std::int64_t seed = options.first_seed + s;
      runs.push_back({name, seed, options.out / "runs" / fmt::format("{}-seed{}", name, seed)});
    }
  }
  return runs;
}

}  // namespace lensfind::train
