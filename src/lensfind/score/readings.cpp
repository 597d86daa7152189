#include "lensfind/score/readings.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::score {
namespace {

/// One of the counts, by its name in run.json and by its card in a FITS header.
struct Count {
  const char* name;
  const char* card;
  const char* comment;
  std::int64_t Readings::*number;
  bool may_lack = false;  ///< it is written where it is not 0
};

constexpr std::array<Count, 11> named_counts{
    {{"resampled", "NRESAMP", "rows from another pixel scale", &Readings::resampled},
     {"no_scale", "NNOSCALE", "rows whose scale was not known", &Readings::no_scale},
     {"bands_by_order", "NBYORDER", "rows with bands taken by order", &Readings::bands_by_order},
     {"filled", "NFILLED", "rows with missing pixels filled", &Readings::filled},
     {"padded", "NPADDED", "rows too small and filled up around", &Readings::padded},
     {"other_zero_point", "NOTHERZP", "rows from another zero point", &Readings::other_zero_point},
     {"left_out", "NLEFTOUT", "rows with images that are no bands", &Readings::left_out},
     {"seeing_by_table", "NSEETAB", "rows with seeing from a table", &Readings::seeing_by_table, true},
     {"seeing_by_header", "NSEEHEAD", "rows with seeing from headers", &Readings::seeing_by_header, true},
     {"seeing_given", "NSEEGIVN", "rows with the seeing of --seeing", &Readings::seeing_given, true},
     {"seeing_unknown", "NSEEUNKN", "rows whose seeing was not known", &Readings::seeing_unknown, true}}};

/// How many had their seeing from where; empty where the model is not told it.
std::string seeing_text(const Readings& readings) {
  std::vector<std::string> parts;
  const auto part = [&](std::int64_t count, const char* text) {
    if (count > 0) parts.push_back(fmt::format("{} {}", count, text));
  };
  part(readings.seeing_by_table, "from a table's columns");
  part(readings.seeing_by_header, "from their headers");
  part(readings.seeing_given, "as --seeing gives it");
  part(readings.seeing_unknown, "not known, for which the mean of the training set stands (--seeing gives it)");
  if (parts.empty()) return "";
  return fmt::format("seeing, which the model is told: {}; the noise was measured in each cutout", fmt::join(parts, ", "));
}

}  // namespace

void Readings::add(const cutouts::Fitting& fitting) {
  resampled += fitting.resampled;
  no_scale += fitting.no_scale;
  bands_by_order += fitting.bands_by_order;
  filled += fitting.missing > 0;
  padded += fitting.padded;
  other_zero_point += fitting.other_zero_point;
  left_out += fitting.left_out;
  using From = cutouts::Fitting::SeeingFrom;
  seeing_by_table += fitting.seeing_from == From::table;
  seeing_by_header += fitting.seeing_from == From::header;
  seeing_given += fitting.seeing_from == From::given;
  seeing_unknown += fitting.seeing_from == From::unknown;
}

void Readings::add(const Readings& other) {
  for (const Count& count : named_counts) this->*count.number += other.*count.number;
}

Value to_json_value(const Readings& readings) {
  Value value = empty_object();
  for (const Count& count : named_counts)
    if (!count.may_lack || readings.*count.number != 0) value.set(count.name, readings.*count.number);
  return value;
}

Readings readings_from(const Value& value) {
  Readings readings;
  for (const Count& count : named_counts) {
    if (count.may_lack && value.find(count.name) == nullptr) continue;
    readings.*count.number = value.at(count.name).as_integer();
  }
  return readings;
}

std::vector<sky::TableFact> reading_facts(const Readings& readings) {
  std::vector<sky::TableFact> facts;
  for (const Count& count : named_counts)
    if (!count.may_lack || readings.*count.number != 0) facts.push_back({count.card, Value{readings.*count.number}, count.comment});
  return facts;
}

std::vector<std::string> reading_lines(const Readings& readings, std::int64_t scored, const cutouts::PixelRules& rules) {
  std::vector<std::string> lines;
  const auto line = [&](std::int64_t count, const std::string& text) {
    if (count > 0) lines.push_back(fmt::format("{} of {} {}", count, scored, text));
  };
  const std::string scale = rules.pixel_scale_arcsec ? fmt::format("{:.4g} arcsec", *rules.pixel_scale_arcsec) : "pixel scale";
  line(readings.resampled, fmt::format("were resampled from another pixel scale to the model's {}", scale));
  line(readings.no_scale, fmt::format("do not say their pixel scale, which was taken as the model's {}", scale));
  line(readings.bands_by_order,
       fmt::format("do not name their bands, which were taken in the model's order ({})", fmt::join(rules.bands, ", ")));
  line(readings.filled, "had missing pixels, which were filled with their band's median");
  line(readings.padded, "were too small and filled up around with their band's median");
  line(readings.other_zero_point,
       fmt::format("had another zero point, and their flux was brought to the model's {:g}", rules.zero_point.value_or(0)));
  line(readings.left_out, "hold images that are no bands (masks, weights and the like), which were left out");
  if (const std::string seeing = seeing_text(readings); !seeing.empty()) lines.push_back(seeing);
  return lines;
}

}  // namespace lensfind::score
