#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind::image {

/// A header card: keyword (up to 8 letters), value, comment.
struct FitsCard {
  std::string keyword;
  std::variant<bool, std::int64_t, double, std::string> value;
  std::string comment;
};

/// Whether a file's name says that it is FITS: .fits, .fit or .fts in any case of letters, also with .gz or .fz behind.
bool is_fits_name(const std::filesystem::path& path);
/// The same of a name as text, without making a path of it: folders may hold millions.
bool has_fits_suffix(std::string_view name);
/// The suffix of a file's name with its dot, as path::extension() has it.
std::string_view suffix_of(std::string_view name);

/// A cutout from a FITS file as float32. BSCALE and BZERO are applied, asinh counts made linear, blank pixels NaN; row 0 is the first in
/// the file.
/// It is the cube (bands, height, width) in the first HDU of science, or one band an HDU: that HDU and all further 2-D images of science of
/// its size. Science is what plane_names.h knows as such by EXTNAME, but no image of integers beside one of real numbers. The only image of
/// a file may have any name but a mask's or weight's. Axes of length 1 do not count. Gzipped and tile-compressed files are read too.
/// Throws Error for anything else, for more than 64 bands or 65,536 pixels a side, and where the file is cut short. From any thread.
Image read_fits(const std::filesystem::path& path);

/// What headers say about a cutout's pixels; empty where they say nothing.
struct PixelFacts {
  std::vector<std::string> filters;                ///< a band's short name ("g"), "" where it is not known
  std::vector<std::optional<double>> zero_points;  ///< AB magnitude of one unit of flux, a band
  std::optional<double> pixel_scale_arcsec;        ///< side of a pixel
  std::string scale_fault = {};                    ///< why the scale that the headers state cannot be believed; then it is not given
  std::vector<std::string> left_out = {};          ///< names of the image HDUs that are no bands ("MSK"; "HDU 3" where it has no name)
  std::vector<std::optional<double>> seeing_fwhm_arcsec = {};  ///< a band; empty: no header says it
};

/// A cutout with what its headers say.
struct FitsCutout {
  Image image;
  PixelFacts facts;
};

/// read_fits() with what the headers say (fits_keywords.h, fits_facts.h): the filter of each HDU, or of a cube's bands; zero points and
/// pixel scale. Where an HDU says nothing, the first one's header is asked. Where a mask HDU behind the pixels names its planes (MP_<NAME>
/// is the number of a bit, as the HSC pipeline writes), pixels with one of `mask_planes` become NaN.
FitsCutout read_fits_cutout(const std::filesystem::path& path, const std::vector<std::string>& mask_planes = {"BAD", "NO_DATA"});

/// The shape that read_fits() would give, from the headers alone.
ImageShape read_fits_shape(const std::filesystem::path& path);

/// Every image of a FITS file by itself, whatever their sizes; a cube is one. Throws Error where there is none.
std::vector<Image> read_fits_images(const std::filesystem::path& path);

/// A number in the header of the first HDU that has the keyword; nothing where none has.
std::optional<double> read_fits_number(const std::filesystem::path& path, const std::string& keyword);

/// Writes float32 pixels as the primary HDU, atomically: 2-D for one band, a cube for several. `cards` stand behind the required ones.
void write_fits(const std::filesystem::path& path, ImageView image, const std::vector<FitsCard>& cards = {});

}  // namespace lensfind::image
