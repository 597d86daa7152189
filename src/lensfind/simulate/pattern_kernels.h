#pragma once

#include <span>

namespace lensfind::simulate {

/// SpiralArms as single precision takes them: what its brightness is made of, on the sky.
struct PreparedArms {
  int number;                              ///< of arms
  float cosine, sine, inverse_axis_ratio;  ///< of the disk
  float inverse_scale, least_radius;       ///< 1 / arcsec, arcsec
  float start_turns, turns_an_octave;      ///< number x an arm's angle at one scale length, and as it changes where the radius doubles
  float inverse_inner, inverse_square_width, lopsided;
};

/// Brightness of arms at places x0 + k step, y for each k of `out`, whose length is a whole number of render::kernel_block; to 1e-5 of
/// itself.
void arms_brightness(const PreparedArms& arms, float x0, float step, float y, std::span<float> out);

}  // namespace lensfind::simulate
