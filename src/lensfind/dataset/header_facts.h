#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lensfind/dataset/layout.h"

namespace lensfind {

/// What the files of a set say of all its cutouts.
struct HeaderFacts {
  /// Side of a pixel, arcsec: the survey's in the simulation.toml beside them, else what the headers of FITS cutouts say. Nothing where
  /// neither says it, or where headers differ by more than 1%.
  std::optional<double> pixel_scale_arcsec;
  /// Short names of the bands in the order of the files; empty where headers do not name each, twice the same, or differ.
  std::vector<std::string> bands;
};

/// Reads at most 20 files.
HeaderFacts header_facts(const Listing& listing);

/// How the cutouts of a set are read: with the bands named, else those that the headers name.
cutouts::PixelRules rules_of(const Listing& listing, const std::vector<std::string>& bands);

}  // namespace lensfind
