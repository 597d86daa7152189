#pragma once

#include <memory>

#include "lensfind/render/render.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/simulate.h"

namespace lensfind::simulate {

/// Writes down what a source looks like: its body and its components.
void note_source(const render::Sersic& body, const std::vector<render::Light>& components, SourceTruth& source);
/// Likewise seeing, gain and rms of the background.
void note_conditions(const Conditions& conditions, ConditionsTruth& truth);

/// The streams' item of a cutout: the same whatever else the set holds.
std::uint64_t stream_item(const CutoutRequest& request);

/// Makes cutouts of one survey: holds what all of them share. Immutable; makes from any thread.
class CutoutMaker {
 public:
  /// Throws Error where the survey's population cannot be drawn from.
  explicit CutoutMaker(Survey survey);
  ~CutoutMaker();
  CutoutMaker(CutoutMaker&&) noexcept;

  [[nodiscard]] SimulatedCutout make(const CutoutRequest& request, render::Renderer& renderer) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

/// Cuts a square out of the middle of larger square images, turned by `angle_rad` with nearest-neighbour sampling, as the DeepLense
/// training images were.
class TurnedSquare {
 public:
  TurnedSquare(int side, double angle_rad, int from_side);

  /// The columns of each row of the larger images that it takes pixels from.
  [[nodiscard]] const std::vector<render::ColumnSpan>& taken() const { return taken_; }
  /// Every band of an image.
  [[nodiscard]] image::Image of(image::ImageView image) const;

 private:
  int side_;
  std::vector<std::size_t> from_;  ///< a pixel: which of a band's
  std::vector<render::ColumnSpan> taken_;
};

}  // namespace lensfind::simulate
