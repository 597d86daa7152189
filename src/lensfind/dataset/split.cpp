#include "lensfind/dataset/split.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::dataset {
namespace {

struct Group {
  std::vector<std::int64_t> members;
  bool lens = false;
  StoodIn before = StoodIn::neither;
};

/// Training weighs more than validation, and validation more than nothing.
StoodIn graver(StoodIn a, StoodIn b) {
  for (const StoodIn side : {StoodIn::training, StoodIn::validation}) {
    if (a == side || b == side) return side;
  }
  return StoodIn::neither;
}

/// Groups in the order of their names, so that neither the order of files nor of rows decides what goes where.
std::vector<Group> groups_of(const std::vector<Sample>& samples, std::span<const StoodIn> before) {
  std::map<std::string, Group> by_name;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].label == Label::unknown) continue;
    Group& group = by_name[samples[i].group];
    group.members.push_back(static_cast<std::int64_t>(i));
    group.lens = group.lens || samples[i].label == Label::lens;
    if (!before.empty()) group.before = graver(group.before, before[i]);
  }
  std::vector<Group> groups;
  groups.reserve(by_name.size());
  for (auto& [name, group] : by_name) groups.push_back(std::move(group));
  return groups;
}

double size_of(const std::vector<Group>& groups) {
  std::size_t samples = 0;
  for (const Group& group : groups) samples += group.members.size();
  return static_cast<double>(samples);
}

void add_to(std::vector<std::int64_t>& side, const Group& group) { side.insert(side.end(), group.members.begin(), group.members.end()); }

/// Groups go to validation as long as that brings its number of samples nearer to the target, the others to training; where it must be, one
/// of them at least goes to either. Returns how many samples went to validation.
double deal(const std::vector<Group>& groups, double target, bool one_trains, bool one_validates, SplitIndices& split) {
  std::size_t validation_groups = 0;
  double taken = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto size = static_cast<double>(groups[g].members.size());
    const bool last_for_training = one_trains && validation_groups + 1 == groups.size();
    const bool first_for_validation = one_validates && validation_groups == 0 && g + 1 == groups.size();
    const bool nearer = std::abs(taken + size - target) <= std::abs(taken - target);
    const bool to_validation = (nearer && !last_for_training) || first_for_validation;
    add_to(to_validation ? split.validation : split.train, groups[g]);
    if (to_validation) {
      ++validation_groups;
      taken += size;
    }
  }
  return taken;
}

void split_class(std::vector<Group> groups, double fraction, RandomStream random, SplitIndices& split) {
  shuffle(groups, random);
  const bool both_sides = groups.size() >= 2;
  const double target = fraction * size_of(groups);
  std::vector<Group> trained, held_out, fresh;
  for (Group& group : groups) {
    const StoodIn before = group.before;
    (before == StoodIn::training ? trained : before == StoodIn::validation ? held_out : fresh).push_back(std::move(group));
  }
  for (const Group& group : trained) add_to(split.train, group);
  const double taken = deal(held_out, target, trained.empty() && fresh.empty(), both_sides, split);
  const double left = std::min(target - taken, fraction * size_of(fresh));
  deal(fresh, left, trained.empty(), both_sides && taken == 0, split);
}

}  // namespace

SplitIndices split_by_group(const std::vector<Sample>& samples, double validation_fraction, std::uint64_t seed,
                            std::span<const StoodIn> before) {
  if (!(validation_fraction > 0 && validation_fraction < 1)) {
    throw Error{fmt::format("validation_fraction = {} is not between 0 and 1", validation_fraction), "0.1 is usual"};
  }
  std::vector<Group> lenses;
  std::vector<Group> others;
  for (Group& group : groups_of(samples, before)) (group.lens ? lenses : others).push_back(std::move(group));
  SplitIndices split;
  split_class(std::move(lenses), validation_fraction, RandomStream{seed, Purpose::split, 1}, split);
  split_class(std::move(others), validation_fraction, RandomStream{seed, Purpose::split, 0}, split);
  std::ranges::sort(split.train);
  std::ranges::sort(split.validation);
  return split;
}

}  // namespace lensfind::dataset
