#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/hash128.h"
#include "lensfind/base/progress.h"
#include "lensfind/dataset/pixel_store.h"
#include "lensfind/dataset/rejected.h"
#include "lensfind/dataset/sample.h"

namespace lensfind::dataset {

struct LoadOptions {
  Split split = Split::all;
  /// Bands, height and width of the samples; a member that is 0 is taken from the most common shape. Larger cutouts are cut at their
  /// centre.
  image::ImageShape wanted;
  /// Sets aside cutouts with a constant or broken band too, and refuses a set of over 100 of which more than 1% was set aside.
  bool for_training = false;
  std::vector<std::string> bands = {};  ///< names of the bands, in order; empty: as headers name them, else the order of the files
  bool allow_bad = false;               ///< do not refuse such a set
  /// A larger set is read from its files whenever it is asked for; 0: half of this machine's memory.
  std::uint64_t max_bytes_in_memory = 0;
  int threads = 0;  ///< 0: all cores
};

/// A set of cutouts of one shape, with what is known about them.
struct Dataset {
  std::filesystem::path root;
  Split split = Split::all;  ///< what was loaded; may differ from what was asked for, then `notes` says so
  image::ImageShape shape;
  std::vector<Sample> samples;               ///< in the order of folders and natural order of names (2 before 10), or in the order of rows
  std::vector<std::string> bands;            ///< their names in order, as asked for or as headers say them; empty: not known
  std::optional<double> pixel_scale_arcsec;  ///< side of a pixel, where simulation.toml or FITS headers say it
  std::optional<double> zero_point;          ///< AB magnitude of one unit of flux, where these say one for all
  std::optional<double> survey_prevalence;   ///< fraction of lenses in the survey that the set stands for, where simulation.toml says it
  /// (samples, bands): FWHM in arcsec, as a table's columns (sky/seeing_columns.h) or FITS headers say it, NaN where not known; empty: of
  /// none.
  std::vector<float> seeing;
  PixelStore pixels;                  ///< as in the files: neither scaled nor stretched
  std::vector<Rejected> rejected;     ///< set aside, each with its reason, in the same order
  std::vector<Hash128> hashes;        ///< xxh3() of each sample's pixels as they stand in `pixels`
  std::vector<Hash128> any_rotation;  ///< the same for their flips and quarter turns: hash_of_any_rotation()
  std::string fingerprint;            ///< "xxh3:" and 32 hexadecimal digits of ids, labels and pixels; see earlier_hashes.h
  std::vector<std::string> notes;     ///< what the user should be told: duplicates, shapes, parts

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(samples.size()); }
  [[nodiscard]] std::int64_t count(Label label) const;
  /// Raw pixels of a sample, and its seeing: shape.bands values, NaN where not known. As PixelStore::read().
  void read(std::int64_t index, std::span<float> pixels, std::span<float> seeing, int round = 0) const;
};

/// Loads a set of cutouts. `path` may be
/// - a folder in the DeepLense layout, `{train,test}_{lenses,nonlenses}/<id>.npy` (any of the four may be missing; also
///   lenses and nonlenses alone), with its truth.csv for
/// groups;
/// - a folder as `simulate --format stack` leaves it: train.npy and test.npy with train.csv and test.csv (id,label);
/// - a CSV file with the columns path, label (1, 0 or empty) and optionally group; paths are relative to the CSV;
/// - any other folder with .npy files, cutouts or stacks, at any depth: unlabelled;
/// - one .npy file: a cutout or a stack.
/// Wherever a cutout's .npy file may stand, a FITS or .npz file may too, and where `bands` are named FITS files {id}_{band}.fits, which are
/// one object. Bands that headers name are taken by name; pixels of FITS files that are NaN or masked get the median of their band, as in
/// scoring (pixel_rules.h).
/// Every file is read once, in parallel. Copies of an image, flipped and quarter-turned ones too, get one group, so that no split parts
/// them. Throws Error where nothing is found, nothing is left, or too much is bad.
Dataset load_dataset(const std::filesystem::path& path, const LoadOptions& options, Progress& progress = no_progress(),
                     const StopFlag& stop = never_stop());

}  // namespace lensfind::dataset
