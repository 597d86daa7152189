#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_set>
#include <vector>

#include "lensfind/base/hash128.h"
#include "lensfind/base/progress.h"
#include "lensfind/inspect/pictures.h"
#include "lensfind/score/scorer.h"

namespace lensfind::inspect {

/// What a model says of cutouts: a row each, in the order in which they were read.
struct ModelView {
  std::vector<std::string> ids;
  std::vector<double> logits;         ///< as `score` gives them
  std::vector<double> probabilities;  ///< in a survey, at the prevalence that the model states; NaN without calibration
  std::vector<double> disagreement;   ///< standard deviation of the logits of an ensemble's members, of a single network's over the eight
                                      ///< turns and reflections of the cutout; NaN where it was not asked for
  std::vector<float> features;        ///< (n, width): what goes into the last layer
  std::size_t width = 0;
  std::vector<Hash128> pixels;  ///< hash_of_any_rotation() of what the network sees: finds copies
  std::int64_t unreadable = 0;  ///< wanted ones that cannot be read or do not fit the model
  std::string by;               ///< "members" or "orientations": between what `disagreement` is
};

struct ModelViewOptions {
  PictureOptions images;      ///< bands and pattern are the model's where they are empty; size is the model's
  bool disagreement = false;  ///< of a single network it takes eight times as long
  int threads = 0;            ///< 0: all cores
};

/// Runs a model on the images whose ids are `wanted` (all where it is null), read as `score` reads them. Throws Error; Stopped.
ModelView view_by_model(const score::Scorer& scorer, const ModelViewOptions& options, const std::unordered_set<std::string>* wanted,
                        Progress& progress = no_progress(), const StopFlag& stop = never_stop());

}  // namespace lensfind::inspect
