#include "lensfind/inspect/same_look.h"

#include <cmath>

#include <fmt/format.h>

namespace lensfind::inspect {
namespace {

constexpr double same_scale = .01;  // relative

}  // namespace

SameLook::SameLook(const Drawn& candidate, const Drawn& control)
    : pixel_scale_arcsec_{candidate.pixel_scale_arcsec},
      north_up_{candidate.north_up && control.north_up},
      bands_{candidate.bands},
      colours_{candidate.colours} {
  if (candidate.north_up && !control.north_up)
    warnings_.emplace_back("the controls' files do not say where north is: no picture shows a compass");
  if (candidate.picture.width != control.picture.width)
    warnings_.push_back(fmt::format("controls are {} pixels wide and candidates {}: graders may see which are which", control.picture.width,
                                    candidate.picture.width));
  if (candidate.bands.size() != control.bands.size())
    warnings_.push_back(fmt::format("controls have {} bands and candidates {}: graders may see which are which", control.bands.size(),
                                    candidate.bands.size()));
  const double scale = control.pixel_scale_arcsec;
  if (scale > 0 && pixel_scale_arcsec_ > 0 && std::abs(scale / pixel_scale_arcsec_ - 1) > same_scale)
    warnings_.push_back(fmt::format("controls have pixels of {:.3g} arcsec and candidates of {:.3g}: graders may see which are which",
                                    scale, pixel_scale_arcsec_));
}

Drawn SameLook::of_candidate(Drawn drawn) const {
  drawn.north_up = drawn.north_up && north_up_;
  return drawn;
}

Drawn SameLook::of_control(Drawn drawn) const {
  const bool is_other =
      drawn.pixel_scale_arcsec > 0 && pixel_scale_arcsec_ > 0 && std::abs(drawn.pixel_scale_arcsec / pixel_scale_arcsec_ - 1) > same_scale;
  if (!is_other) drawn.pixel_scale_arcsec = pixel_scale_arcsec_;
  drawn.north_up = north_up_;
  if (drawn.bands.size() == bands_.size()) drawn.bands = bands_;
  drawn.colours = colours_;
  return drawn;
}

}  // namespace lensfind::inspect
