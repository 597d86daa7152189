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
#include "lensfind/image/orientation.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/survey.h"
#include "lensfind/simulate/truth.h"
#include "lensfind/sky/position.h"

namespace lensfind::simulate {

/// Files a cutout (.npy), a stack (train.npy and test.npy), or FITS a cutout: with the world coordinates of the real cutout that was
/// painted on, where its file has them; of simulated galaxies with made-up ones.
enum class Format { npy, stack, fits };
constexpr auto enum_names(Format) { return names_of<Format>({{Format::npy, "npy"}, {Format::stack, "stack"}, {Format::fits, "fits"}}); }

/// Real cutouts on which sources are painted.
struct PaintOptions {
  /// FITS cutouts (NAME.fits with all bands, or NAME_<band>.fits), .npy cutouts, or with `catalogue` fields NAME_<band>.fits; empty: no
  /// painting. PSFs beside them are found by name.
  std::filesystem::path folder;
  /// CSV with id and what is known of z, mag_<band>, and for fields ra, dec in degrees; empty: nothing is known.
  std::filesystem::path catalogue;
  std::vector<double> zero_point;  ///< AB magnitude of one unit, a band or one for all, where the files do not say it
  /// Edges of ranges of Einstein radius (arcsec) and of the arcs' S/N, over which lenses are spread evenly; empty: as the survey has them.
  std::vector<double> grid_radius, grid_snr;

  static void describe(auto& field) {
    field(&PaintOptions::folder, "paint", any().taking("DIR"),
          "paint lensed sources on the real cutouts of this folder: FITS in flux units, .npy with --zero-point; PSFs beside them");
    field(&PaintOptions::catalogue, "catalogue", any().taking("C.csv"),
          "with --paint: what is known of them (id,z,mag_<band>), or where to cut them out of the folder's fields (id,ra,dec,...)");
    field(&PaintOptions::zero_point, "zero_point", any().taking("M,..."),
          "with --paint: AB magnitude of one unit of flux, a band or one for all");
    field(&PaintOptions::grid_radius, "grid_radius", any().taking("R,R,..."),
          "with --paint and --grid-snr: as many lenses between each two of these Einstein radii in arcsec, to measure completeness");
    field(&PaintOptions::grid_snr, "grid_snr", any().taking("S,S,..."),
          "with --paint and --grid-radius: as many lenses between each two of these signal-to-noise ratios of the arcs");
  }
};

/// What `simulate` makes. simulation.toml holds what is described here, but for the options of one run (only, resume, overwrite).
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
    // The command line takes its default from the real cutouts where there are some.
    field(&SimulateOptions::size, "size", between(16, 1024).in("pixels").without_option(), "side of a cutout");
    field(&SimulateOptions::scaling, "scaling", any(),
          "minmax: each band of each cutout to [0, 1], the look of the DeepLense set; display: saved as a colour picture of 8 bits and "
          "turned back into flux, as cutouts from web pages are (the survey's table [display])");
    field(&SimulateOptions::format, "format", any(), "a .npy a cutout, one .npy stack a split, or a FITS file a cutout");
    field(&SimulateOptions::seed, "seed", any().without_option(), "of all random numbers");
    field(&SimulateOptions::only, "only", at_least(0).taking("INDEX"), "make only this cutout again (truth.csv's column index)");
    field(&SimulateOptions::paint, "paint", any(), "on real cutouts");
    field(&SimulateOptions::survey, "survey", any().without_option(), "the survey with everything that was set");
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

/// How a real cutout that was painted on lies on the sky.
struct HostSky {
  double pixel_scale_arcsec = 0;
  std::optional<sky::Position> middle = {};  ///< of the image; nothing: its file does not say it
  image::SkyAxes axes = {};                  ///< the steps of its pixels, where the middle is known
};

/// One simulated cutout in memory.
struct SimulatedCutout {
  image::Image image;  ///< (bands, size, size)
  Truth truth;
  std::optional<HostSky> host = {};  ///< of painted sets
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
  /// The same galaxies, masses and neighbours seen once more: other seeing and depth as the survey's scatter has it, other noise, and
  /// behind a lens another source of the same magnitude at the same place (no quasar, no second source). `truth` tells of the first view,
  /// but for its conditions and faults.
  bool seen_again = false;
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
