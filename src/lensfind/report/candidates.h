#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/dataset/sample.h"
#include "lensfind/image/image.h"
#include "lensfind/image/picture.h"

namespace lensfind::report {

/// A place on the sky, ICRS, degrees.
struct SkyPlace {
  double ra_deg = 0, dec_deg = 0;
};

/// One of the best-scored cutouts of a survey.
struct Candidate {
  std::int64_t rank = 0;  ///< from 1
  std::string id;
  double logit = 0;
  double probability = 0;  ///< NaN: the model is not calibrated
  image::Image image;      ///< bands from blue to red
  Label label = Label::unknown;
  std::string stage = {};                                         ///< of a cascade: `student` or `teacher`, the network that gave the score
  image::BandFacts bands = {};                                    ///< of the image, for its colours
  std::optional<double> pixel_scale_arcsec = {};                  ///< of the image; none: no scale bar
  bool north_up = false;                                          ///< the image has north up and east left
  std::optional<SkyPlace> place = {};                             ///< where given, links lead to what others know of the place
  std::string known = {};                                         ///< name of the known lens at its place
  std::vector<std::string> also = {};                             ///< ids of further detections at its place
  std::vector<std::pair<std::string, std::string>> columns = {};  ///< further names and values of its row
};

/// Writes a self-contained page that shows the candidates as pictures in their order. Each has its rank, id, logit and probability, and in
/// a cascade the network that gave them. Where the sky is known, a scale bar, the position and plain links to the Legacy Surveys' viewer,
/// Aladin Lite and SIMBAD at that place are added. A click opens a larger view with other stretches and the single bands. `notes` are plain
/// sentences above the pictures: what the probabilities are for, and warnings. Throws Error where the file cannot be written.
void write_candidates_page(const std::filesystem::path& html, const std::string& title, std::span<const Candidate> candidates,
                           const std::vector<std::string>& notes = {});

/// "10:20:30.52 -01:02:03.5".
std::string sexagesimal(const SkyPlace& place);

}  // namespace lensfind::report
