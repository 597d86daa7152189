#pragma once

#include <optional>
#include <string>

#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"

namespace lensfind::image {

/// AB magnitude of one unit of flux, from the first of these that the header has: one of keywords::zero_point; FLUXMAG0 (HSC: the flux of
/// magnitude 0); FPA.ZP and EXPTIME (Pan-STARRS stacks: of one count a second); the unit BUNIT where it is nanomaggies or Jansky (also
/// MJy/sr with PIXAR_SR, JWST); PHOTFLAM and PHOTPLAM of counts or electrons (HST).
std::optional<double> zero_point(const FitsCards& cards);

/// Side of a pixel in arcsec at the reference pixel.
struct PixelScale {
  std::optional<double> arcsec;
  std::string fault;  ///< why the header's scale cannot be believed; then there is no `arcsec`
};

/// From CDi_j, or CDELTi with PCi_j (also PC00i00j), in the unit of CUNITi (degrees where there is none), where the axes are celestial.
/// Else from one of keywords::pixel_scale.
PixelScale pixel_scale(const FitsCards& cards);

/// Degrees in a unit of angle as headers write it: "deg", "Degrees", "arcsec", "rad", "" (degrees). Nothing for what is no such unit.
std::optional<double> degrees_of_unit(std::string unit);

/// Adds what the header of a band's own HDU says. Where it says nothing, the first HDU's is asked.
void add_band_facts(PixelFacts& facts, const FitsCards& first, const FitsCards& own);

/// Sets what the header of a cube says of its bands.
void set_cube_facts(PixelFacts& facts, const FitsCards& cards, int bands);

}  // namespace lensfind::image
