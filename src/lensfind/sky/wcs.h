#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "lensfind/image/orientation.h"
#include "lensfind/sky/position.h"

namespace lensfind::sky {

/// A place in an image: column x and row y of pixels, the centre of the first pixel at (0, 0) (FITS counts it as (1, 1)).
struct Pixel {
  double x = 0;
  double y = 0;
};

/// The world coordinates of an image (Greisen & Calabretta 2002), with SIP and TPV distortions, by WCSLIB. Positions are ICRS, whatever
/// system the header is in (frame.h). For one thread at a time.
class Wcs {
 public:
  /// Of the first image in a FITS file that has celestial axes, mended as wcs_header.h says. Throws Error where there is none, where its
  /// header contradicts itself, or where it names a system or unit that is not known.
  explicit Wcs(const std::filesystem::path& fits);
  ~Wcs();
  Wcs(Wcs&&) noexcept;
  Wcs& operator=(Wcs&&) noexcept;

  /// Where a position lies. Nothing where the projection does not reach it.
  [[nodiscard]] std::optional<Pixel> pixel(const Position& position) const;
  [[nodiscard]] std::optional<Position> position(const Pixel& pixel) const;
  /// Side of a pixel at `where`, the geometric mean of both directions, in arcsec. Throws Error outside the projection.
  [[nodiscard]] double pixel_scale_arcsec(const Pixel& where) const;

 private:
  struct Parameters;
  std::unique_ptr<Parameters> parameters_;
};

/// The steps on the sky that pixels make about a place. Nothing where the projection does not reach so far.
std::optional<image::SkyAxes> axes_at(const Wcs& wcs, const Pixel& place);

}  // namespace lensfind::sky
