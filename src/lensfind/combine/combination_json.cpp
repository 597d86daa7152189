#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/fields.h"
#include "lensfind/combine/combination.h"

namespace lensfind::combine {
namespace {

constexpr const char* format_name = "lensfind combination";
constexpr std::int64_t format_version = 1;

Value list_of(const auto& numbers) {
  Value::Array out;
  for (const auto& number : numbers) out.emplace_back(number);
  return Value{std::move(out)};
}

Value to_value(const MonotoneTree& tree) {
  Value::Array splits;
  for (const MonotoneTree::Split& split : tree.splits) splits.push_back(Value{Value::Array{split.finder, split.threshold}});
  return empty_object().set("splits", std::move(splits)).set("leaves", list_of(tree.leaves));
}

Value to_value(const Rule& rule) {
  Value::Array finders, monotone, trees;
  for (const evaluate::Calibration& finder : rule.finders) finders.push_back(write_fields(finder));
  for (const MonotoneCalibration& finder : rule.monotone) {
    Value::Array knots;
    for (const auto& [score, ratio] : finder.knots) knots.push_back(Value{Value::Array{score, ratio}});
    monotone.emplace_back(std::move(knots));
  }
  for (const MonotoneTree& tree : rule.trees.trees) trees.push_back(to_value(tree));
  Value out = empty_object().set("rule", name_of(rule.kind)).set("finder_calibrations", std::move(finders));
  if (!monotone.empty()) out.set("monotone", std::move(monotone));
  if (!rule.mean.empty())
    out.set("mean", list_of(rule.mean))
        .set("std", list_of(rule.std_dev))
        .set("weights", list_of(rule.logistic.weights))
        .set("intercept", rule.logistic.intercept);
  if (!trees.empty()) out.set("trees", std::move(trees));
  return out.set("calibration", write_fields(rule.calibration));
}

double finite(const Value& value) {
  const double number = value.as_number();
  if (!std::isfinite(number)) throw Error{"a number is not finite", "make the combination again"};
  return number;
}

std::vector<double> numbers(const Value& list) {
  std::vector<double> out;
  for (const Value& value : list.as_array()) out.push_back(finite(value));
  return out;
}

void require(bool holds, const char* what) {
  if (!holds) throw Error{what, "make the combination again with `lensfind combine`"};
}

MonotoneTree tree_from(const Value& value, std::size_t finders) {
  MonotoneTree out;
  const Value::Array& splits = value.at("splits").as_array();
  const std::vector<double> leaves = numbers(value.at("leaves"));
  require(splits.size() == out.splits.size() && leaves.size() == out.leaves.size(), "a tree has another depth than 2");
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const std::vector<double> split = numbers(splits[i]);
    require(split.size() == 2 && split[0] >= -1 && split[0] < static_cast<double>(finders), "a split of a tree is of no finder");
    out.splits[i] = {static_cast<int>(split[0]), split[1]};
  }
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    require(leaves[i] > 0 && leaves[i] < 1, "a leaf of a tree is no probability");
    out.leaves[i] = leaves[i];
  }
  return out;
}

MonotoneCalibration monotone_from(const Value& value) {
  MonotoneCalibration out;
  for (const Value& knot : value.as_array()) {
    const std::vector<double> pair = numbers(knot);
    require(pair.size() == 2, "a knot is no pair of numbers");
    require(out.knots.empty() || (pair[0] > out.knots.back().first && pair[1] >= out.knots.back().second), "knots do not ascend");
    out.knots.emplace_back(pair[0], pair[1]);
  }
  require(!out.knots.empty(), "a monotone calibration has no knot");
  return out;
}

evaluate::Calibration calibration_from(const Value& value, const std::string& origin) {
  evaluate::Calibration out;
  read_fields(value, out, origin);
  return out;
}

void read_stacking(const Value& value, std::size_t finders, Rule& rule) {
  rule.mean = numbers(value.at("mean"));
  rule.std_dev = numbers(value.at("std"));
  rule.logistic = {numbers(value.at("weights")), finite(value.at("intercept"))};
  const std::size_t weights = rule.kind == RuleKind::stacking ? finders : finders + finders * (finders - 1) / 2;
  require(rule.mean.size() == finders && rule.std_dev.size() == finders && rule.logistic.weights.size() == weights,
          "a stacking has another number of weights than finders ask for");
  for (const double std_dev : rule.std_dev) require(std_dev > 0, "a standard deviation is not above 0");
}

Rule rule_from(const Value& value, std::size_t finders, const std::string& origin) {
  Rule out{.kind = rule_from_name(value.at("rule").as_string())};
  for (const Value& finder : value.at("finder_calibrations").as_array()) out.finders.push_back(calibration_from(finder, origin));
  require(out.finders.size() == finders, "a rule has another number of calibrations than finders");
  if (out.kind == RuleKind::independent_bayes) {
    for (const Value& finder : value.at("monotone").as_array()) out.monotone.push_back(monotone_from(finder));
    require(out.monotone.size() == finders, "a rule has another number of monotone calibrations than finders");
  }
  if (out.kind == RuleKind::stacking || out.kind == RuleKind::crossed_stacking) read_stacking(value, finders, out);
  if (out.kind == RuleKind::monotone_trees) {
    for (const Value& tree : value.at("trees").as_array()) out.trees.trees.push_back(tree_from(tree, finders));
    require(!out.trees.trees.empty(), "a rule of trees has none");
  }
  out.calibration = calibration_from(value.at("calibration"), origin);
  return out;
}

Finder finder_from(const Value& value) {
  Finder out{.name = value.at("name").as_string(), .column = value.at("column").as_string()};
  const Value& scale = value.at("probability_scale");
  if (scale.is_null()) return out;
  out.scale = {true, finite(scale.at("zero")), finite(scale.at("below_one"))};
  require(out.scale.zero > 0 && out.scale.below_one > 0 && out.scale.below_one < 1, "a scale of probabilities has no ends");
  return out;
}

Subset subset_from(const Value& value, const Combination& combination, const std::string& origin) {
  Subset out;
  for (const Value& name : value.at("finders").as_array()) {
    std::size_t finder = 0;
    while (finder < combination.finders.size() && combination.finders[finder].name != name.as_string()) ++finder;
    require(finder < combination.finders.size(), "a set holds a finder that is not there");
    out.finders.push_back(finder);
  }
  require(!out.finders.empty(), "a set has no finder");
  out.rule = rule_from(value, out.finders.size(), origin);
  out.lenses = value.at("lenses").as_integer();
  out.nonlenses = value.at("nonlenses").as_integer();
  return out;
}

Combination read(const Value& value, const std::string& origin) {
  const Value* format = value.is_object() ? value.find("format") : nullptr;
  require(format && format->is_string() && format->as_string() == format_name, "it is no combination of finders");
  require(value.at("version").as_integer() == format_version, "its version is another than this program's");
  Combination out{.kind = rule_from_name(value.at("rule").as_string()), .prevalence = finite(value.at("prevalence"))};
  require(out.prevalence > 0 && out.prevalence < 1, "its prevalence is not between 0 and 1");
  for (const Value& finder : value.at("finders").as_array()) out.finders.push_back(finder_from(finder));
  for (const Value& subset : value.at("sets").as_array()) out.subsets.push_back(subset_from(subset, out, origin));
  require(!out.subsets.empty(), "it has no rule");
  if (const Value* about = value.find("about")) out.about = *about;
  return out;
}

}  // namespace

Value to_json_value(const Combination& combination) {
  Value::Array finders, sets;
  for (const Finder& finder : combination.finders) {
    Value scale;
    if (finder.scale.is_probability) scale = empty_object().set("zero", finder.scale.zero).set("below_one", finder.scale.below_one);
    finders.push_back(empty_object().set("name", finder.name).set("column", finder.column).set("probability_scale", std::move(scale)));
  }
  for (const Subset& subset : combination.subsets) {
    Value::Array names;
    for (const std::size_t finder : subset.finders) names.emplace_back(combination.finders[finder].name);
    Value set = empty_object().set("finders", std::move(names)).set("lenses", subset.lenses).set("nonlenses", subset.nonlenses);
    const Value rule = to_value(subset.rule);
    for (const auto& [key, member] : rule.as_object()) set.set(key, member);
    sets.push_back(std::move(set));
  }
  return empty_object()
      .set("format", format_name)
      .set("version", format_version)
      .set("rule", name_of(combination.kind))
      .set("finders", std::move(finders))
      .set("prevalence", combination.prevalence)
      .set("about", combination.about)
      .set("sets", std::move(sets));
}

Combination combination_from(const Value& value, const std::string& origin) {
  try {
    return read(value, origin);
  } catch (const Error& error) {
    throw Error{fmt::format("{}: {}", origin, error.what()), error.hint()};
  }
}

}  // namespace lensfind::combine
