#include "lensfind/dataset/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind {
namespace {

struct Group {
  std::string name;
  std::vector<std::int64_t> members;
  bool lens = false;
};

/// Groups in the order of their names, so that neither the order of files nor of rows decides what goes where.
std::vector<Group> groups_of(const std::vector<Sample>& samples) {
  std::map<std::string, Group> by_name;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].label == Label::unknown) continue;
    Group& group = by_name[samples[i].group];
    group.name = samples[i].group;
    group.members.push_back(static_cast<std::int64_t>(i));
    group.lens = group.lens || samples[i].label == Label::lens;
  }
  std::vector<Group> groups;
  groups.reserve(by_name.size());
  for (auto& [name, group] : by_name) groups.push_back(std::move(group));
  return groups;
}

/// Shuffled groups go to validation as long as that brings its number of samples nearer to the wish.
void split_class(std::vector<Group> groups, double fraction, RandomStream random, SplitIndices& split) {
  std::size_t total = 0;
  for (const Group& group : groups) total += group.members.size();
  const double wish = fraction * static_cast<double>(total);
  shuffle(groups, random);
  std::size_t validation_groups = 0;
  double taken = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto size = static_cast<double>(groups[g].members.size());
    const bool last_for_training = validation_groups + 1 == groups.size();
    const bool first_for_validation = validation_groups == 0 && g + 1 == groups.size() && groups.size() >= 2;
    const bool nearer = std::abs(taken + size - wish) <= std::abs(taken - wish);
    const bool to_validation = (nearer && !last_for_training) || first_for_validation;
    std::vector<std::int64_t>& side = to_validation ? split.validation : split.train;
    side.insert(side.end(), groups[g].members.begin(), groups[g].members.end());
    if (to_validation) {
      ++validation_groups;
      taken += size;
    }
  }
}

}  // namespace

SplitIndices split_by_group(const std::vector<Sample>& samples, double validation_fraction, std::uint64_t seed) {
  if (!(validation_fraction > 0 && validation_fraction < 1)) {
    throw Error{fmt::format("validation_fraction = {} is not between 0 and 1", validation_fraction), "0.1 is usual"};
  }
  std::vector<Group> lenses;
  std::vector<Group> others;
  for (Group& group : groups_of(samples)) (group.lens ? lenses : others).push_back(std::move(group));
  SplitIndices split;
  split_class(std::move(lenses), validation_fraction, RandomStream{seed, Purpose::split, 1}, split);
  split_class(std::move(others), validation_fraction, RandomStream{seed, Purpose::split, 0}, split);
  std::ranges::sort(split.train);
  std::ranges::sort(split.validation);
  return split;
}

}  // namespace lensfind
