#include "lensfind/dataset/augment.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/dataset/augmentation_kinds.h"

namespace lensfind::dataset {
namespace {

const AugmentationKind one_of_kind{"one_of", "", {}, "one step of the group `one_of`, their probabilities taken as weights"};
const AugmentationKind mixup_kind{"mixup", "[alpha]", {.2}, "mixes pairs of images and their labels, weights from Beta(alpha, alpha)"};

const AugmentationKind arc_cutmix_kind{"arc_cutmix",
                                       "[pixels, pixels, weight]",
                                       {4, 20, .8},
                                       "the annulus between two radii about the centre is another cutout's, and so much of its label"};

/// Whether the name is of a step that mixes two images, which is the trainer's to do.
bool mixes_two(const std::string& name) { return name == mixup_kind.name || name == arc_cutmix_kind.name; }

const AugmentationMethod& method_of(const std::string& name) {
  for (const AugmentationMethod& method : augmentation_methods()) {
    if (method.kind.name == name) return method;
  }
  std::vector<std::string> names;
  for (const AugmentationKind& kind : augmentation_kinds()) names.push_back(kind.name);
  const std::string nearest = nearest_name(name, names);
  throw Error{fmt::format("there is no augmentation \"{}\"", name),
              nearest.empty() ? fmt::format("there are {}", fmt::join(names, ", ")) : fmt::format("did you mean {}?", nearest)};
}

/// The step with its range filled in and checked. A single number stands for all that a range may have, as `range = [20]` for hue,
/// saturation, value.
AugmentationStep completed(AugmentationStep step, const AugmentationKind& kind) {
  if (!step.one_of.empty())
    throw Error{fmt::format("augmentation {}: has a group one_of", step.name), "only a step of the name one_of has a group"};
  const std::size_t wanted = kind.default_range.size();
  if (step.range.empty()) step.range = kind.default_range;
  const bool all_alike = kind.name == "brightness_contrast" || kind.name == "hue_saturation_value";
  if (step.range.size() == 1 && all_alike) step.range.assign(wanted, step.range[0]);
  if (step.range.size() != wanted) {
    throw Error{fmt::format("augmentation {}: range = [{}] has {} numbers", step.name, fmt::join(step.range, ", "), step.range.size()),
                wanted == 0 ? "it takes none" : "give " + kind.range};
  }
  return step;
}

ArcCutMix arc_cutmix_of(const AugmentationStep& given) {
  const AugmentationStep step = completed(given, arc_cutmix_kind);
  const double inner = step.range[0], outer = step.range[1], label_weight = step.range[2];
  if (!(inner >= 0 && inner < outer && outer <= 1000) || !(label_weight > 0 && label_weight <= 1)) {
    throw Error{
        fmt::format("augmentation arc_cutmix: range = [{}]", fmt::join(step.range, ", ")),
        "give [inner radius, outer radius, weight in the label] with 0 <= inner < outer <= 1000 pixels and a weight above 0 and up to 1"};
  }
  return {.probability = step.probability, .inner = inner, .outer = outer, .label_weight = label_weight};
}

}  // namespace

/// A step that is ready to be applied: a method of its own, or a group.
struct Augmentation::Step {
  AugmentationStep settings;
  const AugmentationMethod* method = nullptr;  ///< null: one_of
  std::vector<Step> group;
  double group_weight = 0;

  explicit Step(const AugmentationStep& given) {
    if (given.name == one_of_kind.name) {
      settings = given;
      if (given.one_of.empty())
        throw Error{"augmentation one_of: the group is empty", "give it steps: one_of = [{name = \"rotate\"}, ...]"};
      for (const AugmentationStep& member : given.one_of) {
        if (member.name == one_of_kind.name || mixes_two(member.name)) {
          throw Error{fmt::format("augmentation one_of: {} cannot be in a group", member.name), "put it beside the group"};
        }
        group.emplace_back(member);
        group_weight += member.probability;
      }
      if (group_weight <= 0) throw Error{"augmentation one_of: all weights are 0", "give at least one step a probability"};
    } else {
      method = &method_of(given.name);
      settings = completed(given, method->kind);
      method->check(settings);
    }
  }

  void apply(image::MutableImageView image, RandomStream& random) const {
    if (method != nullptr) {
      method->apply(settings, image, random);
      return;
    }
    double left = random.uniform(0, group_weight);
    std::size_t chosen = 0;
    // The last one takes what rounding may leave; steps of weight 0 are never reached but by it.
    while (chosen + 1 < group.size() && left >= group[chosen].settings.probability) left -= group[chosen++].settings.probability;
    group[chosen].apply(image, random);
  }
};

const std::vector<AugmentationKind>& augmentation_kinds() {
  static const std::vector<AugmentationKind> kinds = [] {
    std::vector<AugmentationKind> all;
    for (const AugmentationMethod& method : augmentation_methods()) all.push_back(method.kind);
    all.push_back(mixup_kind);
    all.push_back(arc_cutmix_kind);
    all.push_back(one_of_kind);
    return all;
  }();
  return kinds;
}

void rename_former_steps(std::vector<AugmentationStep>& steps) {
  constexpr std::pair<std::string_view, std::string_view> names[]{
      {"turn", "rotate"}, {"quarter_turn", "rotate90"}, {"shift_scale_turn", "shift_scale_rotate"}};
  for (AugmentationStep& step : steps) {
    for (const auto& [former, present] : names) {
      if (step.name == former) step.name = present;
    }
    rename_former_steps(step.one_of);
  }
}

Augmentation::Augmentation(const std::vector<AugmentationStep>& steps) {
  std::vector<Step> ready;
  for (const AugmentationStep& step : steps) {
    if (step.name == mixup_kind.name) {
      const AugmentationStep mixup = completed(step, mixup_kind);
      if (mixup.range[0] <= 0)
        throw Error{fmt::format("augmentation mixup: range = [{}]", mixup.range[0]), "alpha is above 0; 0.2 is usual"};
      mixup_probability_ = mixup.probability;
      mixup_alpha_ = mixup.range[0];
    } else if (step.name == arc_cutmix_kind.name) {
      arc_cutmix_ = arc_cutmix_of(step);
    } else {
      ready.emplace_back(step);
    }
  }
  if (mixup_probability_ == 1 && arc_cutmix_.probability > 0) {
    throw Error{"augmentation arc_cutmix: mixup has the probability 1 and leaves it no cutout",
                "give both a probability, as 0.5: arc_cutmix has its turn where mixup has not"};
  }
  if (!ready.empty()) steps_ = std::make_shared<const std::vector<Step>>(std::move(ready));
}

void Augmentation::apply(image::MutableImageView image, RandomStream& random) const {
  if (steps_ == nullptr) return;
  for (const Step& step : *steps_) {
    if (random.chance(step.settings.probability)) step.apply(image, random);
  }
}

}  // namespace lensfind::dataset
