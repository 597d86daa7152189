#pragma once

#include <memory>
#include <span>
#include <vector>

#include "lensfind/render/point_kernels.h"
#include "lensfind/render/scene.h"

namespace lensfind::simulate {

/// A square on which light is drawn that no profile describes: arms, rings, tails. Its pixels are samples of the surface brightness; what
/// is narrower than two of them comes out as wide as two.
class Canvas {
 public:
  /// Reaches `half_side_arcsec` on either side of its middle, in pixels of `pixel_arcsec` or a little more; 16 to 400 of them a side.
  Canvas(double half_side_arcsec, double pixel_arcsec);

  /// Adds a brightness, a function of the place, at every pixel's centre.
  void add(const auto& brightness) {
    for (int row = 0; row < side_; ++row) {
      for (int column = 0; column < side_; ++column)
        brightness_[static_cast<std::size_t>(row * side_ + column)] +=
            static_cast<float>(brightness(render::Point{coordinate(column), coordinate(row)}));
    }
  }
  /// The same, row by row: `brightness` writes that of places x0 + k step, y, as many as there are columns or a few more.
  void add_rows(const auto& brightness) {
    std::vector<float> row_brightness(render::padded(static_cast<std::size_t>(side_)));
    for (int row = 0; row < side_; ++row) {
      brightness(coordinate(0), pixel_, coordinate(row), std::span<float>{row_brightness});
      float* to = brightness_.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(side_);
      for (std::size_t column = 0; column < static_cast<std::size_t>(side_); ++column) to[column] += row_brightness[column];
    }
  }
  /// Adds a round Gaussian of a flux about a place.
  void add_spot(render::Point at, double sigma_arcsec, double flux);
  [[nodiscard]] double pixel_arcsec() const { return pixel_; }
  /// The picture as a component of light about `centre`, without its flux; nothing where no light was drawn.
  [[nodiscard]] render::Light light(render::Point centre) const;

 private:
  [[nodiscard]] double coordinate(int index) const { return (index - 0.5 * (side_ - 1)) * pixel_; }

  int side_;
  double pixel_;
  std::vector<float> brightness_;
};

/// Logarithmic spiral arms in a disk seen under an angle: radius = start radius x exp(tan(pitch) x angle).
struct SpiralArms {
  int number = 2;
  double pitch_rad = 0.3;                ///< between the arm and the circle
  double sense = 1;                      ///< 1: outwards with rising angle, -1: with falling
  double start_rad = 0;                  ///< angle of an arm at one scale length
  double width = 0.5;                    ///< an arm's brightness is exp((cos(number x angle off) - 1) / width^2)
  double scale_arcsec = 1;               ///< of the exponential disk that the arms are parts of
  double inner_arcsec = 0.5;             ///< arms begin about there
  double lopsided = 0;                   ///< one side is brighter by this part
  double axis_ratio = 1, angle_rad = 0;  ///< of the disk on the sky

  /// In the disk's frame, where the disk's middle is 1.
  [[nodiscard]] double brightness(double radius_arcsec, double angle_rad) const;
  /// A place on the ridge of an arm, on the sky.
  [[nodiscard]] render::Point ridge(double radius_arcsec, int arm) const;
  void draw(Canvas& canvas) const;
};

/// An elliptical ring of Gaussian section, uneven along its circle.
struct Ring {
  double radius_arcsec = 1.5, width_arcsec = 0.3;  ///< of the major axis; sigma of the section
  double axis_ratio = 1, angle_rad = 0;
  std::vector<double> cosines, sines;  ///< amplitudes of its brightness in 1, 2, 3 ... waves around the circle
  void draw(Canvas& canvas, render::Point centre = {}) const;
};

/// A tidal tail: from `from_arcsec` to `to_arcsec` of its galaxy while it bends by `bend_rad`, fainter and wider outwards (Toomre & Toomre
/// 1972).
struct TidalTail {
  double from_arcsec = 0.5, to_arcsec = 4, start_rad = 0, bend_rad = 1.5, width_arcsec = 0.25;
  void draw(Canvas& canvas, render::Point centre = {}) const;
};

/// Shells of a merger with a small galaxy: parts of circles on either side of an axis by turns, with a sharp edge outside (Hernquist &
/// Quinn 1988).
struct Shells {
  std::vector<double> radii_arcsec;
  double angle_rad = 0, opening_rad = 0.7, depth_arcsec = 0.5;
  void draw(Canvas& canvas) const;
};

}  // namespace lensfind::simulate
