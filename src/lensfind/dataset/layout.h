#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/dataset/dataset.h"

namespace lensfind::dataset {

/// A sample before its pixels are read.
struct ListedSample {
  Sample sample;
  PixelSource source;
  std::string name;                ///< as it is called where it is set aside: "train_lenses/12.npy", "train.npy#3"
  std::vector<float> seeing = {};  ///< FWHM in arcsec of Listing::seeing_bands, as a table says it, NaN where it does not; empty: no table
};

/// The samples of a set as its folders, tables and names tell; see load_dataset() for the layouts.
struct Listing {
  std::filesystem::path root;  ///< the folder that ids are relative to
  Split split = Split::all;    ///< what is listed
  std::vector<ListedSample> samples;
  std::vector<std::string> notes;
  std::vector<std::string> seeing_bands = {};  ///< of a table's columns (sky/seeing_columns.h)
};

/// Lists a set without reading pixels. FITS files {id}_{band}.fits with a band of `bands` are one object. Throws Error where the path does
/// not exist, is of no known layout or holds no cutouts.
Listing list_samples(const std::filesystem::path& path, Split split, const std::vector<std::string>& bands = {});

}  // namespace lensfind::dataset
