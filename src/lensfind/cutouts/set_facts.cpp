#include "lensfind/cutouts/set_facts.h"

#include <algorithm>
#include <string_view>

#include "lensfind/base/value.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

const Value* member(const Value* table, std::string_view key) { return table && table->is_object() ? table->find(key) : nullptr; }

image::PixelFacts facts_in(const Value& record) {
  image::PixelFacts facts;
  const Value* survey = member(&record, "survey");
  if (const Value* scale = member(survey, "pixel_scale_arcsec"); scale && scale->is_number() && scale->as_number() > 0)
    facts.pixel_scale_arcsec = scale->as_number();
  const Value* bands = member(survey, "bands");
  if (!bands || !bands->is_array()) return facts;
  for (const Value& band : bands->as_array()) {
    if (!band.is_string()) return {};
    facts.filters.push_back(band.as_string());
  }
  facts.zero_points.resize(facts.filters.size());
  const Value* scaling = member(&record, "scaling");
  const Value* zero_points = member(survey, "output_zero_point");
  if (!scaling || !scaling->is_string() || scaling->as_string() != "none" || !zero_points || !zero_points->is_array()) return facts;
  for (std::size_t b = 0; b < std::min(facts.zero_points.size(), zero_points->as_array().size()); ++b) {
    if (const Value& value = zero_points->as_array()[b]; value.is_number()) facts.zero_points[b] = value.as_number();
  }
  return facts;
}

}  // namespace

image::PixelFacts facts_of_set(const fs::path& place) {
  std::error_code unknown;
  fs::path folder = fs::is_directory(place, unknown) ? place : place.parent_path();
  if (folder.empty()) folder = ".";
  for (const fs::path& at : {folder, folder / ".."}) {
    if (const fs::path record = at / "simulation.toml"; fs::is_regular_file(record, unknown)) return facts_in(read_toml(record));
  }
  return {};
}

}  // namespace lensfind::cutouts
