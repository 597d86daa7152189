#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/model/model.h"
#include "lensfind/score/likeness.h"
#include "lensfind/score/scorer.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {

/// What a table of scores says of itself, so that its probabilities can be understood, and can be computed again for another fraction of
/// lenses.
struct About {
  std::string model;                                 ///< fingerprint of the networks and their calibration
  std::vector<std::string> bands;                    ///< that the model takes, in order; empty: unknown
  std::optional<double> prevalence;                  ///< the fraction of lenses that the probabilities are for; none: there are no
                                                     ///< probabilities
  std::optional<evaluate::Calibration> calibration;  ///< of the logits
  std::vector<evaluate::OperatingPoint> thresholds;  ///< on the logits
  std::int64_t inputs = 0, scored = 0, rejected = 0;
  ImageLikeness images;  ///< whether they look like what the model was trained on
};

/// What a run that is about to begin will say. Nothing is counted yet.
About about_run(const Scorer& scorer, std::optional<double> prevalence);

/// As OUT.run.json has it under `about`, and back.
Value to_json_value(const About& about);
/// Throws Error that names `origin` where `value` is no such record.
About about_from_json_value(const Value& value, const std::string& origin);

/// The same for a FITS header or Parquet's metadata: PREVAL, the fraction of lenses, and LENSRUN, all of it as JSON in ASCII.
std::vector<sky::TableFact> table_facts(const About& about);

/// The file beside a table that says this under `about`: TABLE.run.json. FITS and Parquet tables hold it themselves too.
std::filesystem::path about_file(std::filesystem::path table);

/// What a table says of itself, in it or beside it. Nothing where it says nothing. Throws Error where that is damaged.
std::optional<About> read_about(const std::filesystem::path& table);

}  // namespace lensfind::score
