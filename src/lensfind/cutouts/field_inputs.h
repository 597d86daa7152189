#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/seeing_columns.h"

namespace lensfind::cutouts {

class FieldPixels;

/// The objects of a catalogue, each cut from the first of the fields that it lies in.
class FieldInputs {
 public:
  /// Fields are the FITS files that the arguments stand for. Throws Error where there is none, one has other bands than wanted, or one
  /// cannot be read.
  explicit FieldInputs(const InputOptions& options);

  /// Columns behind id, logit and probability: the catalogue's, and `missing`, the largest fraction of pixels of a band that are not there.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  std::optional<Input> next();

 private:
  std::shared_ptr<FieldPixels> fields_;
  sky::Catalogue catalogue_;
  std::vector<std::string> columns_;
  sky::SeeingColumns seeing_;
  InputOptions options_;
};

/// The same place of the sky `times` as wide as the source's own cutout, NaN beyond the field's edges; nothing where the source was not cut
/// from a field. Throws Error where the field cannot be read.
std::optional<Cutout> read_wider(const Source& source, int times);

}  // namespace lensfind::cutouts
