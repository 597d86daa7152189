#pragma once

#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/random.h"
#include "lensfind/image/image.h"

namespace lensfind::simulate {

/// Cutouts that were saved as colour pictures, as people see them on web pages, and turned back into flux: what `--scaling display`
/// imitates. The stretch is that of Lupton et al. (2004): with the total I = sum of weight x flux, a colour is weight x flux x asinh(alpha
/// Q I) / (Q I).
struct DisplayLook {
  std::vector<double> weights;  ///< a band, of three; empty: the survey has no such look
  double alpha = 0.1;
  double q = 1;
  double enlarged = 1;
  /// Of the way back, where it was gone with other numbers; empty and 0: the same.
  std::vector<double> back_weights;
  double back_alpha = 0, back_q = 0;
  /// Where the way back begins, in pixels from their own grid: x and y. Empty: anywhere within half a pixel, anew for each cutout; of
  /// enlarged pictures alone.
  std::vector<double> back_shift_pixels;

  static void describe(auto& field) {
    field(&DisplayLook::weights, "weights", positive(), "a band's factor before the stretch; three bands; empty: no --scaling display");
    field(&DisplayLook::alpha, "alpha", positive(),
          "brightness: colours are weight x flux x asinh(alpha Q I) / (Q I), I the sum of weight x flux");
    field(&DisplayLook::q, "q", positive(), "Q of the stretch: how early it becomes logarithmic");
    field(&DisplayLook::enlarged, "enlarged", between(1, 16),
          "the picture was enlarged so many times, bilinearly, and brought back to its size");
    field(&DisplayLook::back_weights, "back_weights", positive(),
          "the same of whoever turned the pictures back into flux; empty: `weights`");
    field(&DisplayLook::back_alpha, "back_alpha", between(0, 1000), "the same; 0: `alpha`");
    field(&DisplayLook::back_q, "back_q", between(0, 1000), "the same; 0: `q`");
    field(&DisplayLook::back_shift_pixels, "back_shift_pixels", between(-0.5, 0.5),
          "how far from the pixels' own grid the way back begins, in x and y; empty: anywhere within half a pixel, anew for each cutout; "
          "of enlarged pictures alone");
  }
};

/// Puts three bands of flux through the stretch, 8 bits (rounded down, as HumVI saves pictures), enlargement and back, and undoes the
/// stretch: negative sky is cut off, faint flux comes in steps, bright cores are saturated. `shift`: how far, in pixels and in x and y
/// alike, the way back begins from the pixels' own grid: such cutouts are cut at any place of the enlarged picture, which makes
/// neighbouring pixels more alike the farther they lie off the grid.
struct PixelShift {
  double x = 0, y = 0;
};
void apply_display_look(const DisplayLook& look, image::MutableImageView image, PixelShift shift = {});

/// The look's own, or within half a pixel to either side where it enlarges, so that nothing moves on the whole; else none.
PixelShift draw_pixel_shift(const DisplayLook& look, RandomStream& random);

}  // namespace lensfind::simulate
