#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/image/picture.h"
#include "lensfind/score/candidates.h"

namespace lensfind::score {

/// Where the pictures of candidates are.
struct PictureSources {
  std::vector<std::filesystem::path> images;  ///< INPUTs as `score` had them; pictures are found by id
  std::vector<std::filesystem::path> fields;  ///< FITS fields with coordinates; candidates with a position are cut from them
  int size = 64;                              ///< of what is cut from fields, pixels
  std::vector<std::string> bands;             ///< the model's, in its order; empty: unknown
  std::string pattern;                        ///< how files of one band are named (file_list.h)

  static void describe(auto& field) {
    using P = PictureSources;
    field(&P::images, "images", any().taking("INPUT"), "where the pictures are: the inputs of `score`, found by id");
    field(&P::fields, "fields", any().taking("FIELD"), "FITS fields with coordinates: candidates with positions are cut from them");
    field(&P::size, "size", between(8, 1024).in("pixels"), "side of what is cut from fields");
    field(&P::bands, "bands", any().as("--band").taking("NAME"),
          "a band of NAME_<band>.fits, once each from blue to red (default: the model's names)");
    field(&P::pattern, "pattern", any(), "how files of one band are named, as '{band}/cutout-{id}.fits' (default {id}_{band}.fits)");
  }
};

/// A candidate as people look at it.
struct CandidatePicture {
  image::Image image;                             ///< (bands, height, width); where the sky is known, north up and east left
  image::BandFacts facts;                         ///< of its bands, for colours
  std::optional<double> pixel_scale_arcsec = {};  ///< none: not known
  bool north_up = false;                          ///< whether the sky is known
};

/// A picture for each of the best 1,000 candidates, or nothing where there is none. Where a candidate has no position, that of its cutout's
/// middle is filled in if its header has coordinates. Images over 128 pixels a side are cut at their middle. list.notes say what could not
/// be read. Throws Error where an argument does not exist.
std::vector<std::optional<CandidatePicture>> candidate_pictures(CandidateList& list, const PictureSources& sources);

}  // namespace lensfind::score
