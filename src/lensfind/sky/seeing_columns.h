#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::sky {

/// The columns of a table that say the seeing of a band, FWHM in arcsec: seeing_fwhm_arcsec_<band> (truth.csv), seeing_<band>,
/// psf_fwhm_<band> or psfsize_<band> (Legacy Surveys), in any case of letters. Of several for one band the first of these counts.
class SeeingColumns {
 public:
  explicit SeeingColumns(const std::vector<std::string>& columns);

  /// Of each column that was found its band, as the column writes it. Empty: there is none.
  [[nodiscard]] const std::vector<std::string>& bands() const { return bands_; }
  /// The columns' places in the table.
  [[nodiscard]] const std::vector<std::size_t>& places() const { return places_; }

 private:
  std::vector<std::string> bands_;
  std::vector<std::size_t> places_;
};

/// A field of such a column: NaN where it is empty, no number, or no FWHM in arcsec (0.01 to 20).
float seeing_in(std::string_view field);

/// Values of `from` bands as those of `bands`, by name in any case of letters; NaN for what is not there.
std::vector<float> seeing_by_band(std::span<const float> values, const std::vector<std::string>& from,
                                  const std::vector<std::string>& bands);

}  // namespace lensfind::sky
