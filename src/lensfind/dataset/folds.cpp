#include "lensfind/dataset/folds.h"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/random.h"

namespace lensfind::dataset {
namespace {

struct Group {
  std::vector<std::size_t> members;
  bool lens = false;
};

/// Groups of either class in the order of their names: non-lenses, lenses.
std::vector<std::vector<Group>> groups_of_classes(const std::vector<Sample>& samples) {
  std::map<std::string, Group> by_name;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].label == Label::unknown) continue;
    Group& group = by_name[samples[i].group];
    group.members.push_back(i);
    group.lens = group.lens || samples[i].label == Label::lens;
  }
  std::vector<std::vector<Group>> classes(2);
  for (auto& [name, group] : by_name) classes[group.lens ? 1 : 0].push_back(std::move(group));
  return classes;
}

/// The largest groups first, each to the fold with the fewest samples of the class.
void deal(std::vector<Group> groups, int folds, RandomStream random, std::vector<int>& fold_of) {
  shuffle(groups, random);
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.members.size() > b.members.size(); });
  std::vector<std::size_t> samples_of(static_cast<std::size_t>(folds), 0);
  for (const Group& group : groups) {
    const auto fewest = std::ranges::min_element(samples_of);
    *fewest += group.members.size();
    for (const std::size_t i : group.members) fold_of[i] = static_cast<int>(fewest - samples_of.begin());
  }
}

}  // namespace

std::vector<int> folds_by_group(const std::vector<Sample>& samples, int folds, std::uint64_t seed) {
  if (folds < 2) throw Error{fmt::format("{} folds are no cross-validation", folds), "5 are usual"};
  std::vector<std::vector<Group>> classes = groups_of_classes(samples);
  std::vector<int> fold_of(samples.size(), -1);
  for (std::size_t lens = 0; lens < 2; ++lens) {
    if (classes[lens].size() < static_cast<std::size_t>(folds)) {
      throw Error{
          fmt::format("{} {} cannot be divided into {} folds", classes[lens].size(), lens == 1 ? "labelled lenses" : "non-lenses", folds),
          "label more objects, or ask for fewer folds"};
    }
    deal(std::move(classes[lens]), folds, RandomStream{seed, Purpose::split, lens}, fold_of);
  }
  return fold_of;
}

}  // namespace lensfind::dataset
