#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "lensfind/dataset/sample.h"
#include "lensfind/image/image.h"

namespace lensfind::report {

/// One of the best-scored cutouts of a survey.
struct Candidate {
  std::int64_t rank = 0;  ///< from 1
  std::string id;
  double logit = 0;
  double probability = 0;  ///< NaN: the model is not calibrated
  Image image;             ///< bands from blue to red
  Label label = Label::unknown;
  std::string stage = {};  ///< of a cascade: `student` or `teacher`, whose score it is
};

/// Writes a self-contained page that shows the candidates as pictures in their order, each with rank, id, logit and probability, and in a
/// cascade the network that gave them; a click opens a larger view with other stretches and the single bands. Throws Error where the file
/// cannot be written.
void write_candidates_page(const std::filesystem::path& html, const std::string& title, std::span<const Candidate> candidates);

}  // namespace lensfind::report
