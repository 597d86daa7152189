#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/dataset/layout.h"

namespace lensfind::dataset {

/// What the files of a set say of all its cutouts.
struct HeaderFacts {
  /// Side of a pixel, arcsec: the survey's in the simulation.toml beside them, else what the headers of FITS cutouts say. Nothing where
  /// neither says it, or where headers differ by more than 1%.
  std::optional<double> pixel_scale_arcsec;
  /// Names of the bands in the order of the files: the survey's in simulation.toml, else short names from the headers. Empty where these do
  /// not name each band, name one twice, or differ.
  std::vector<std::string> bands;
  /// AB magnitude of one unit of flux, where simulation.toml or the headers give one for all bands and files.
  std::optional<double> zero_point;
  /// Fraction of lenses in the survey, (0, 1), as the simulation.toml states it.
  std::optional<double> survey_prevalence;
};

/// Reads at most 20 files.
HeaderFacts header_facts(const Listing& listing);

/// How the cutouts of a set are read: with the bands named, else those that simulation.toml or the headers name.
cutouts::PixelRules rules_of(const Listing& listing, const std::vector<std::string>& bands);

}  // namespace lensfind::dataset
