#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/random.h"
#include "lensfind/image/image.h"
#include "lensfind/image/warp.h"

namespace lensfind::dataset {

/// In what a step computes that can do either: in float, or as 8-bit images are treated.
enum class PixelDepth { floats, eight_bits };
constexpr auto enum_names(PixelDepth) { return names_of<PixelDepth>({{PixelDepth::floats, "float"}, {PixelDepth::eight_bits, "uint8"}}); }

/// One step of an augmentation as recipes spell it: `{name = "rotate", probability = .5, range = [30]}`; augmentation_kinds() lists the
/// names.
struct AugmentationStep {
  std::string name;
  double probability = 1;
  std::vector<double> range;  ///< as the name's kind says; empty: its default
  image::Interpolation interpolation = image::Interpolation::bilinear;
  image::Border border = image::Border::reflect;
  PixelDepth depth = PixelDepth::floats;
  std::vector<AugmentationStep> one_of;  ///< of name "one_of": one of these is applied, drawn with their probabilities as weights

  bool operator==(const AugmentationStep&) const = default;

  static void describe(auto& field) {
    field(&AugmentationStep::name, "name", any(), "which augmentation; `one_of` for a group");
    field(&AugmentationStep::probability, "probability", between(0, 1), "of applying it; inside one_of: its weight");
    field(&AugmentationStep::range, "range", any(), "how far it goes; empty: its default");
    field(&AugmentationStep::interpolation, "interpolation", any(), "of rotate, shift, scale");
    field(&AugmentationStep::border, "border", any(),
          "what lies outside of the image: zeros, or the image mirrored about its outermost pixels");
    field(&AugmentationStep::depth, "depth", any(),
          "of hue_saturation_value: uint8 rounds to 1/255 and goes through OpenCV's 8-bit conversion, as albumentations does");
    field(&AugmentationStep::one_of, "one_of", any(), "the group of which one is applied");
  }
};

/// What a step's name means.
struct AugmentationKind {
  std::string name;
  std::string range;  ///< what the numbers of `range` are; empty: it takes none
  std::vector<double> default_range;
  std::string help;
};

/// CutMix of arcs as a recipe asks for it: how often, which pixels, and what they weigh in the label.
struct ArcCutMix {
  double probability = 0;  ///< of a cutout that mixup did not mix; 0: never
  double inner = 4;        ///< radii about the centre of the annulus that another cutout gives, in pixels
  double outer = 20;
  double label_weight = .8;  ///< of the other cutout in the label: the fraction of lenses whose arcs lie in the annulus
};

/// Every name a step may have, in the order of docs/recipes.md.
const std::vector<AugmentationKind>& augmentation_kinds();

/// Gives steps that an older recipe calls turn, quarter_turn or shift_scale_turn their present names: rotate, rotate90, shift_scale_rotate.
void rename_former_steps(std::vector<AugmentationStep>& steps);

/// A chain of augmentations of float images in [0, 1] of any number of bands, scaled but not stretched. Values, not pointers: copies are
/// cheap.
class Augmentation {
 public:
  /// No augmentation.
  Augmentation() = default;
  /// Throws Error where a name is unknown (naming the nearest), a range is impossible, or one_of is empty or out of place.
  explicit Augmentation(const std::vector<AugmentationStep>& steps);

  /// Changes the image in place. From any thread; the random numbers alone decide what happens. Throws Error where a step does not fit the
  /// image: transpose, rotate90 and d4 want a square one, hue_saturation_value three bands.
  void apply(image::MutableImageView image, RandomStream& random) const;

  [[nodiscard]] bool empty() const { return steps_ == nullptr; }
  /// `mixup` mixes two images of a batch with their labels, so the trainer does it, not apply(): the probability of mixing (0: never) ...
  [[nodiscard]] double mixup_probability() const { return mixup_probability_; }
  /// ... and the parameter of its Beta(alpha, alpha).
  [[nodiscard]] double mixup_alpha() const { return mixup_alpha_; }
  /// `arc_cutmix` too is for the trainer to do, on cutouts that mixup left alone.
  [[nodiscard]] const ArcCutMix& arc_cutmix() const { return arc_cutmix_; }

 private:
  struct Step;
  std::shared_ptr<const std::vector<Step>> steps_;
  double mixup_probability_ = 0;
  double mixup_alpha_ = 0;
  ArcCutMix arc_cutmix_;
};

}  // namespace lensfind::dataset
