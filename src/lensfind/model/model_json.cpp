#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/model/model.h"
#include "lensfind/network/film.h"
#include "lensfind/network/networks.h"

namespace lensfind::model {
namespace {

constexpr std::int64_t newest_format = 1;
constexpr auto on_quality = "quality";  ///< what `condition` says of a network with FiLM

/// The plain members of model.json, in its order.
struct Description {
  std::int64_t format = newest_format;
  std::string network;
  std::vector<std::string> bands;
  int size = 0;
  int outputs = 0;
  network::Preprocessing preprocessing;
  std::vector<std::string> members;
  network::Combine combine = network::Combine::logit;

  static void describe(auto& field) {
    field(&Description::format, "format", between(1, newest_format), "of this file");
    field(&Description::network, "network", any(), "its name, `ensemble`, or `onnx` for somebody's file");
    field(&Description::bands, "bands", any(), "names, in the order of the pixels");
    field(&Description::size, "size", between(1, 65536), "of a cutout's side, pixels");
    field(&Description::outputs, "outputs", between(1, 2), "2: non-lens and lens; 1: lens");
    field(&Description::preprocessing, "preprocessing", any(), "what is done to raw pixels inside model.onnx");
    field(&Description::members, "members", any(), "of an ensemble: model folders, relative to this one");
    field(&Description::combine, "combine", any(), "of an ensemble: what its mean is taken of");
  }
};

network::Graph graph_of(const Description& said, const std::string& origin) {
  const int bands = static_cast<int>(said.bands.size());
  if (said.network != "ensemble" && said.network != "onnx") return network::build_network(said.network, bands, said.size, said.outputs);
  if (bands < 1 || bands > 5) throw Error{fmt::format("{}: {} bands", origin, bands), "the file is damaged"};
  return {.name = said.network, .bands = bands, .size = said.size, .outputs = said.outputs};
}

}  // namespace

Value to_json_value(const std::vector<evaluate::OperatingPoint>& thresholds) {
  Value list{Value::Array{}};
  for (const evaluate::OperatingPoint& point : thresholds) {
    Value entry = empty_object();
    list.push_back(entry.set("name", point.name)
                       .set("threshold", std::isfinite(point.threshold) ? Value{point.threshold} : Value{})
                       .set("chosen_on", point.chosen_on));
  }
  return list;
}

std::vector<evaluate::OperatingPoint> operating_points(const Value& list) {
  std::vector<evaluate::OperatingPoint> thresholds;
  for (const Value& entry : list.as_array()) {
    // JSON has no infinity; null stands for it.
    const Value& threshold = entry.at("threshold");
    thresholds.push_back({entry.at("name").as_string(),
                          threshold.is_null() ? std::numeric_limits<double>::infinity() : threshold.as_number(),
                          entry.at("chosen_on").as_string()});
  }
  return thresholds;
}

Value to_json_value(const Model& model, const std::filesystem::path& folder) {
  Description said{.network = model.graph.name,
                   .bands = model.band_names,
                   .size = model.graph.size,
                   .outputs = model.graph.outputs,
                   .preprocessing = model.preprocessing,
                   .combine = model.combine};
  for (const std::filesystem::path& member : model.members) {
    said.members.push_back(member.lexically_proximate(std::filesystem::absolute(folder)).generic_string());
  }
  Value value = write_fields(said);
  // Only where known, so that a file without them stays as it was.
  if (model.pixel_scale_arcsec) value.set("pixel_scale_arcsec", *model.pixel_scale_arcsec);
  if (model.zero_point) value.set("zero_point", *model.zero_point);
  if (model.packed) value.set("packed", true);
  if (model.average_symmetries) value.set("average_symmetries", true);
  if (model.preprocessing.quality) {
    value.set("condition", on_quality);
    value.set("quality_scale", write_fields(*model.preprocessing.quality));
  }
  value.set("calibration", model.calibration ? write_fields(*model.calibration) : Value{});
  value.set("thresholds", to_json_value(model.thresholds));
  value.set("survey_prevalence", model.survey_prevalence);
  if (model.training_images) value.set("training_images", write_fields(*model.training_images));
  if (model.int8_ranges) value.set("int8_ranges", write_fields(*model.int8_ranges));
  if (model.cascade) value.set("cascade", write_fields(*model.cascade));
  value.set("provenance", model.provenance);
  return value;
}

Model from_json_value(const Value& value, const std::filesystem::path& folder, const std::string& origin) {
  Model model;
  Value plain = empty_object();
  for (const auto& [key, member] : value.as_object()) {
    constexpr std::array apart{"calibration",       "thresholds",      "provenance", "pixel_scale_arcsec", "zero_point",  "cascade",
                               "survey_prevalence", "training_images", "packed",     "average_symmetries", "int8_ranges", "condition",
                               "quality_scale"};
    if (std::ranges::find(apart, key) == apart.end()) plain.set(key, member);
  }
  Description said;
  read_fields(plain, said, origin);
  model.graph = graph_of(said, origin);
  model.band_names = said.bands;
  model.preprocessing = said.preprocessing;
  if (const Value* condition = value.find("condition")) {
    if (condition->as_string() != on_quality)
      throw Error{fmt::format("{}: condition is `{}`, which this version does not know", origin, condition->as_string()),
                  "take a newer version of lensfind"};
    model.graph = network::with_film(model.graph);
    read_fields(value.at("quality_scale"), model.preprocessing.quality.emplace(), origin + ": quality_scale");
  }
  network::check_preprocessing(model.preprocessing, model.graph.bands, origin);
  for (const std::string& member : said.members) model.members.push_back((std::filesystem::absolute(folder) / member).lexically_normal());
  model.combine = said.combine;
  if (const Value* scale = value.find("pixel_scale_arcsec")) {
    if (!(scale->as_number() > 0)) throw Error{origin + ": pixel_scale_arcsec is not above 0", "the file is damaged"};
    model.pixel_scale_arcsec = scale->as_number();
  }
  if (const Value* packed = value.find("packed")) model.packed = packed->as_bool();
  if (const Value* average = value.find("average_symmetries")) model.average_symmetries = average->as_bool();
  if (const Value* zero_point = value.find("zero_point")) model.zero_point = zero_point->as_number();
  if (const Value& calibration = value.at("calibration"); !calibration.is_null()) {
    read_fields(calibration, model.calibration.emplace(), origin + ": calibration");
    if (!(model.calibration->slope > 0))
      throw Error{
          fmt::format("{}: calibration: `slope` is {}, so that higher scores would mean fewer lenses", origin, model.calibration->slope),
          "the file was changed or damaged: calibrate the model again"};
  }
  model.thresholds = operating_points(value.at("thresholds"));
  if (const Value* fraction = value.find("survey_prevalence")) {
    model.survey_prevalence = fraction->as_number();
    if (!(model.survey_prevalence > 0 && model.survey_prevalence < 1))
      throw Error{origin + ": survey_prevalence does not lie between 0 and 1",
                  "it is the fraction of lenses among a survey's galaxies, as 0.001"};
  }
  if (const Value* images = value.find("training_images")) {
    read_fields(*images, model.training_images.emplace(), origin + ": training_images");
    check_training_images(*model.training_images, origin + ": training_images");
  }
  if (const Value* ranges = value.find("int8_ranges")) read_fields(*ranges, model.int8_ranges.emplace(), origin + ": int8_ranges");
  if (const Value* cascade = value.find("cascade")) read_fields(*cascade, model.cascade.emplace(), origin + ": cascade");
  model.provenance = value.at("provenance");
  return model;
}

}  // namespace lensfind::model
