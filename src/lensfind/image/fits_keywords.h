#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

/// The keywords of FITS headers that say what pixels are: what is read (fits_facts.h) and what is written (simulate) come from here.
namespace lensfind::image::keywords {

/// Which band an image is; the first whose value names a filter counts. HST's cameras have two filter wheels, FILTER1 and FILTER2.
inline constexpr std::array band{"BAND", "FILTER", "FPA.FILTER", "FILTNAM", "FILTER1", "FILTER2", "BAND0", "BAND1"};

/// With a number behind: the bands of a cube, counted from 0 where there is a number 0 (Legacy Surveys), else from 1 (as we write them).
inline constexpr std::array bands_of_cube{"BAND", "FILTER"};

/// All bands of a cube in one text: 'grz' or 'g,r,z'.
inline constexpr std::array list_of_bands{"BANDS", "FILTERS"};

/// AB magnitude of one unit of flux. In a cube each may have the number of its band behind (MAGZP1), or its name (MAGZP_G).
inline constexpr std::array zero_point{"MAGZERO", "MAGZPT",   "MAGZP", "ZEROPT",   "ZEROPOINT", "ZEROPNT", "PHOTZP",
                                       "MZP_AB",  "MAGZP_AB", "ABZP",  "SEXMGZPT", "MAG_ZP",    "ZPT",     "ZP"};

/// Side of a pixel in arcsec, for headers without world coordinates.
inline constexpr std::array pixel_scale{"PIXSCALE", "PIXSCAL1", "SECPIX", "SECPIX1"};

/// FWHM of the seeing or the point-spread function in arcsec. In a cube each may have the number or name of its band behind, as above.
inline constexpr std::array seeing{"SEEING", "PSF_FWHM", "PSFSIZE"};

/// Electrons in one unit of flux.
inline constexpr const char* gain = "GAIN";

/// Bits of a mask: MP_<NAME> is the number of a bit (HSC and LSST pipelines).
inline constexpr std::string_view mask_plane = "MP_";

/// The pixels are asinh counts x of a flux BOFFSET + 2 BSOFTEN sinh(x / 2.5 log10(e)) (Pan-STARRS' stacks).
inline constexpr const char* asinh_softening = "BSOFTEN";
inline constexpr const char* asinh_offset = "BOFFSET";

/// As they are written for a band, counted from 0: BAND1, MAGZP1, SEEING1.
inline std::string written_band(std::size_t number) { return fmt::format("BAND{}", number + 1); }
inline std::string written_zero_point(std::size_t number) { return fmt::format("MAGZP{}", number + 1); }
inline std::string written_seeing(std::size_t number) { return fmt::format("SEEING{}", number + 1); }

}  // namespace lensfind::image::keywords
