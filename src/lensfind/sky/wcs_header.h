#pragma once

#include <string>

namespace lensfind::sky {

/// A FITS header (cards of 80 letters one behind the other) as WCSLIB understands it, where many programs write it otherwise:
/// - CTYPEi may be in small letters, CUNITi "Degrees", "arcsecs" or blank;
/// - PVi_m of a TAN projection, as SCAMP writes them, are those of TPV; beside SIP coefficients they are passed over (as astropy does).
/// Throws Error, with `origin` before it, where a unit is none of an angle or one of the numbers is not finite.
std::string mended_header(std::string cards, const std::string& origin);

}  // namespace lensfind::sky
