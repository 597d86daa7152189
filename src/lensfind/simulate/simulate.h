#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/image/image.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// Files a cutout (.npy), a stack (train.npy and test.npy), or FITS with WCS a cutout.
enum class Format { npy, stack, fits };
constexpr auto enum_names(Format) { return names_of<Format>({{Format::npy, "npy"}, {Format::stack, "stack"}, {Format::fits, "fits"}}); }
enum class Split { train, test };

/// Real cutouts on which sources are painted.
struct PaintOptions {
  /// FITS cutouts (NAME.fits with all bands, or NAME_<band>.fits), .npy cutouts, or with `catalogue` fields NAME_<band>.fits; empty: no
  /// painting. PSFs beside them are found by name.
  std::filesystem::path folder;
  /// CSV with id and what is known of z, mag_<band>, and for fields ra, dec in degrees; empty: nothing is known.
  std::filesystem::path catalogue;
  std::vector<double> zero_point;  ///< AB magnitude of one unit, a band or one for all, where the files do not say it

  static void describe(auto& field) {
    field(&PaintOptions::folder, "folder", any().as("--paint").taking("DIR"),
          "paint lensed sources on the real cutouts of this folder: FITS in flux units, .npy with --zero-point; PSFs beside them");
    field(&PaintOptions::catalogue, "catalogue", any().taking("C.csv"),
          "with --paint: what is known of them (id,z,mag_<band>), or where to cut them out of the folder's fields (id,ra,dec,...)");
    field(&PaintOptions::zero_point, "zero_point", any().taking("M,..."),
          "with --paint: AB magnitude of one unit of flux, a band or one for all");
  }
};

/// What `simulate` makes.
struct SimulateOptions {
  std::filesystem::path out;
  Survey survey;
  std::int64_t lenses = 0, nonlenses = 0;  ///< of the training split
  std::int64_t test_lenses = 0, test_nonlenses = 0;
  int size = 64;  ///< pixels a side, 16 to 1024
  Scaling scaling = Scaling::none;
  Format format = Format::npy;
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0: all cores
  PaintOptions paint;
  std::optional<std::int64_t> only;  ///< make only this image of the set (truth.csv's column index)
  bool resume = false;               ///< complete a set that was begun with the same options
  bool overwrite = false;            ///< replace what stands at `out`

  static void describe(auto& field) {
    field(&SimulateOptions::lenses, "lenses", at_least(0).taking("N"), "training lenses");
    field(&SimulateOptions::nonlenses, "nonlenses", at_least(0).taking("M"), "training non-lenses");
    field(&SimulateOptions::test_lenses, "test_lenses", at_least(0).taking("N"), "test lenses");
    field(&SimulateOptions::test_nonlenses, "test_nonlenses", at_least(0).taking("M"), "test non-lenses");
    field(&SimulateOptions::scaling, "scaling", any(),
          "minmax: each band of each cutout to [0, 1], the look of the DeepLense set; display: saved as a colour picture of 8 bits and "
          "turned back into flux, as cutouts from web pages are (the survey's table [display])");
    field(&SimulateOptions::format, "format", any(), "a .npy a cutout, one .npy stack a split, or a FITS file a cutout");
    field(&SimulateOptions::only, "only", at_least(0).taking("INDEX"), "make only this cutout again (truth.csv's column index)");
    field(&SimulateOptions::paint, "paint", any(), "on real cutouts");
    field(&SimulateOptions::resume, "resume", any(), "complete a set that was begun with the same options");
    field(&SimulateOptions::overwrite, "overwrite", any(), "replace OUT");
  }
};

/// What a finished set holds.
struct SimulateSummary {
  std::int64_t lenses = 0, nonlenses = 0;  ///< images of each class, both splits
  std::int64_t made = 0;                   ///< images made now; less than all after resume
  double seconds = 0;
};

/// Everything known about one cutout, as truth.csv holds it; absent values do not apply (a plain galaxy has no source).
struct Truth {
  bool lens = false;
  std::string kind;   ///< "lens", "elliptical", "spiral", "ring", ...; "painted" and "real" where arcs are painted on real cutouts
  std::string group;  ///< the real galaxy's name; empty: the cutout is the only one of its object
  std::optional<double> z_lens, z_source, sigma_v, theta_e_arcsec, axis_ratio, angle_rad, shear1, shear2, source_x_arcsec, source_y_arcsec;
  /// A value a band, or empty: AB magnitudes of the deflector (or plain galaxy) and of the source before lensing; lensed flux over source
  /// flux; the arcs' best cumulative S/N over pixels ordered by S/N (Collett 2015).
  std::vector<double> lens_mag, source_mag, magnification, arc_snr;
  std::vector<double> background_rms;  ///< a band, in the survey's flux unit, before scaling
  std::optional<double> effective_radius_arcsec, slope, source_radius_arcsec;
  std::optional<double> lens_x_arcsec, lens_y_arcsec;  ///< of the deflector or plain galaxy, from the cutout's middle
  std::optional<double> lens_sersic_index, lens_light_axis_ratio, lens_light_angle_rad, source_sersic_index, source_axis_ratio,
      source_angle_rad;
  std::optional<std::int64_t> source_knots;      ///< knots on the source's body
  std::vector<double> seeing_fwhm_arcsec, gain;  ///< a band; electrons a unit of flux
  int neighbours = 0;
  double rotated_rad = 0;  ///< by how much the finished image was turned (train_rotated)
  int broken_band = -1;
  /// Of a group's brightest galaxy: the halo's velocity dispersion; the Einstein radii of galaxy and halo as isothermal spheres, the halo's
  /// core and the ellipticity of its potential, along the galaxy's mass.
  std::optional<double> group_sigma_v, galaxy_theta_e_arcsec, halo_theta_e_arcsec, halo_core_arcsec, halo_ellipticity;
  int members = 0;                             ///< red galaxies of the target's group about it
  std::optional<double> quasar_i, z_source_2;  ///< magnitude of a quasar in the source before lensing; redshift of a second source
  std::string source_image;                    ///< file name of the picture that the source is; empty: none
  std::string artefact;                        ///< the faults that were put in (image_faults.h), with a + between; empty: none
};

/// One simulated cutout in memory.
struct SimulatedCutout {
  image::Image image;  ///< (bands, size, size)
  Truth truth;
};

/// Which cutout of the endless set of a seed.
struct CutoutRequest {
  Split split = Split::test;
  bool lens = true;
  std::int64_t number = 0;  ///< 0-based within its split and class: train_lenses/1.npy is number 0
  int size = 64;
  Scaling scaling = Scaling::none;
  std::uint64_t seed = 0;
  bool hide_source = false;  ///< a lens scene without its source's light: what a non-lens of the same kind must be indistinguishable from
};

/// Makes a labelled set: OUT/{train,test}_{lenses,nonlenses}/1.npy... float32 (bands, size, size), or as stack OUT/{train,test}.npy, lenses
/// first, with OUT/{train,test}.csv (id,label); always OUT/truth.csv and OUT/simulation.toml (all options). The same bytes for any number
/// of threads. Throws Error where `out` exists without resume or overwrite, where resume meets other options, and where nothing is asked
/// for, and where real cutouts are named: those are painted on by inject::paint_set.
SimulateSummary simulate_set(const SimulateOptions& options, Progress& progress = no_progress(), const StopFlag& stop = never_stop());

/// Makes one cutout; called from any thread, with a renderer of its own.
using MakeCutout = std::function<SimulatedCutout(const CutoutRequest&, render::Renderer&)>;
/// Gives what makes a set's cutouts; called once, when the set's folder is open.
using CutoutSource = std::function<MakeCutout(const SimulateOptions&, Progress&)>;

/// simulate_set() with cutouts from `source`.
SimulateSummary make_set(const SimulateOptions& options, const CutoutSource& source, Progress& progress = no_progress(),
                         const StopFlag& stop = never_stop());

/// The same bytes as simulate_set writes for it. Prepares the survey's laws anew each time, half a second for the first non-lens: for many
/// cutouts keep a CutoutMaker.
SimulatedCutout simulate_cutout(const Survey& survey, const CutoutRequest& request);

}  // namespace lensfind::simulate
