#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/image/image.h"
#include "lensfind/simulate/conditions.h"
#include "lensfind/simulate/simulate.h"
#include "lensfind/sky/field.h"

namespace lensfind::inject {

/// A real cutout of a galaxy, in the survey's flux unit.
struct HostCutout {
  std::string name;
  image::Image image;               ///< (bands, size, size); missing pixels are NaN
  simulate::Conditions conditions;  ///< its PSFs; the noise measured along its edge
  simulate::HostSky sky;            ///< its pixel scale, and where it lies where its file says it
  std::optional<double> z;
  std::vector<std::optional<double>> magnitudes;  ///< a band, where the catalogue gives them
};

/// How many cutouts are no hosts, and why.
struct LeftOut {
  std::int64_t incomplete = 0;  ///< pixels are missing
  std::int64_t copies = 0;      ///< of another cutout: by their pixels, or by their place
  std::int64_t cut_off = 0;     ///< their sky is cut off at its lowest value, or has no noise
};

/// The real cutouts of a folder, or of the fields in a folder at the places of a catalogue. They are listed when this is made and read when
/// asked for: memory does not grow with their number. Immutable. Reads from any thread.
class HostFolder {
 public:
  /// Throws Error where the folder holds no cutouts, or the catalogue fits neither its files nor its fields.
  HostFolder(const simulate::PaintOptions& options, const simulate::Survey& survey);

  [[nodiscard]] const std::filesystem::path& folder() const { return options_.folder; }
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(entries_.size()); }
  /// Side in pixels of the largest square in the middle of the first cutout. Nothing for fields.
  [[nodiscard]] std::optional<int> own_side() const;
  /// Leaves out cutouts that are not fit, cut to `side` pixels: those of which over a tenth of a band's pixels are missing, or one of the
  /// middle 5 x 5, those whose sky is cut off from below, and those with the pixels of one before. Missing is what is masked, NaN in FITS,
  /// or beyond a field's edge. Reads them all. Throws Error where none is left.
  void leave_out_unfit(int side);
  /// How many leave_out_unfit() left out, and rows of the catalogue within 2 arcsec of one before: the same galaxy again.
  [[nodiscard]] const LeftOut& left_out() const { return left_out_; }
  /// Cutout `index` cut to `side` pixels about its middle. Throws Error where it is smaller, has other bands, holds what is no number
  /// (except the missing pixels of FITS files), is min-max scaled, has a sky without noise or cut off from below, or has no zero point.
  [[nodiscard]] HostCutout read(std::int64_t index, int side) const;

 private:
  struct Entry {
    std::string name;
    std::vector<std::filesystem::path> files;  ///< one with all bands, or one a band
    bool from_field = false;
    double ra_deg = 0, dec_deg = 0;
    std::optional<double> z;
    std::vector<std::optional<double>> magnitudes;
  };

  /// The field that was read last, since cutouts of one field come one after the other.
  struct LastField {
    std::mutex mutex;
    std::vector<std::filesystem::path> files;
    std::shared_ptr<const cutouts::Cutout> all;
    std::optional<sky::Field> field;
  };

  void list_cutouts();
  void list_psfs();
  void read_catalogue();
  void keep_one_a_place(std::vector<Entry>& placed);
  [[nodiscard]] simulate::HostSky sky_of(const Entry& entry, const cutouts::Cutout& read, int side) const;
  [[nodiscard]] cutouts::Cutout cut_from_field(const Entry& entry, int side) const;
  [[nodiscard]] cutouts::Cutout read_files(const Entry& entry, int side) const;
  [[nodiscard]] cutouts::Cutout cutout(const Entry& entry, int side) const;
  [[nodiscard]] double zero_point(const Entry& entry, const image::PixelFacts& facts, std::size_t band) const;
  [[nodiscard]] simulate::Conditions conditions(const Entry& entry, const image::Image& image, double pixel_scale_arcsec,
                                                const std::vector<double>& unit) const;

  simulate::PaintOptions options_;
  simulate::Survey survey_;
  std::vector<Entry> entries_;
  LeftOut left_out_;
  std::map<std::string, std::filesystem::path> psfs_;  ///< by the name that they have in common with their cutout
  std::unique_ptr<LastField> last_field_ = std::make_unique<LastField>();
};

}  // namespace lensfind::inject
