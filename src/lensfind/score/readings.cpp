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
};

constexpr std::array<Count, 7> named_counts{{{"resampled", "NRESAMP", "rows from another pixel scale", &Readings::resampled},
                                             {"no_scale", "NNOSCALE", "rows whose scale was not known", &Readings::no_scale},
                                             {"bands_by_order", "NBYORDER", "rows with bands taken by order", &Readings::bands_by_order},
                                             {"filled", "NFILLED", "rows with missing pixels filled", &Readings::filled},
                                             {"padded", "NPADDED", "rows too small and filled up around", &Readings::padded},
                                             {"other_zero_point", "NOTHERZP", "rows from another zero point", &Readings::other_zero_point},
                                             {"left_out", "NLEFTOUT", "rows with images that are no bands", &Readings::left_out}}};

}  // namespace

void Readings::add(const cutouts::Fitting& fitting) {
  resampled += fitting.resampled;
  no_scale += fitting.no_scale;
  bands_by_order += fitting.bands_by_order;
  filled += fitting.missing > 0;
  padded += fitting.padded;
  other_zero_point += fitting.other_zero_point;
  left_out += fitting.left_out;
}

void Readings::add(const Readings& other) {
  for (const Count& count : named_counts) this->*count.number += other.*count.number;
}

Value to_json_value(const Readings& readings) {
  Value value = empty_object();
  for (const Count& count : named_counts) value.set(count.name, readings.*count.number);
  return value;
}

Readings readings_from(const Value& value) {
  Readings readings;
  for (const Count& count : named_counts) readings.*count.number = value.at(count.name).as_integer();
  return readings;
}

std::vector<sky::TableFact> reading_facts(const Readings& readings) {
  std::vector<sky::TableFact> facts;
  for (const Count& count : named_counts) facts.push_back({count.card, Value{readings.*count.number}, count.comment});
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
  return lines;
}

}  // namespace lensfind::score
