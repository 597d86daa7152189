#pragma once

#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"

namespace lensfind {

/// Adds what the header of a band's own HDU says; where it says nothing the first HDU's is asked.
void add_band_facts(PixelFacts& facts, const FitsCards& first, const FitsCards& own);

/// Sets what the header of a cube says of its bands, which are BAND0, BAND1, ... (Legacy Survey).
void set_cube_facts(PixelFacts& facts, const FitsCards& cards, int bands);

}  // namespace lensfind
