#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/cutouts/pixel_rules.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {

/// How many of the scored inputs were changed to fit the model, or where something was assumed of them.
struct Readings {
  std::int64_t resampled = 0, no_scale = 0, bands_by_order = 0, filled = 0, padded = 0, other_zero_point = 0, left_out = 0;
  /// Of models that are told the seeing: what said it.
  std::int64_t seeing_by_table = 0, seeing_by_header = 0, seeing_given = 0, seeing_unknown = 0;

  void add(const cutouts::Fitting& fitting);
  void add(const Readings& other);
  bool operator==(const Readings&) const = default;
};

/// As OUT.run.json has them under `readings`, and back; those of the seeing where they are not 0.
Value to_json_value(const Readings& readings);
/// Throws Error where a count is missing.
Readings readings_from(const Value& value);

/// The same for a FITS header or Parquet's metadata: NRESAMP, NNOSCALE, NBYORDER, NFILLED, NPADDED, NOTHERZP, NLEFTOUT, and where they are
/// not 0 NSEETAB, NSEEHEAD, NSEEGIVN, NSEEUNKN.
std::vector<sky::TableFact> reading_facts(const Readings& readings);

/// A line for each that is not 0: "12 of 345 were resampled: ...".
std::vector<std::string> reading_lines(const Readings& readings, std::int64_t scored, const cutouts::PixelRules& rules);

}  // namespace lensfind::score
