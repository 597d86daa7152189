#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attended.h"
#include "network.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

score::EngineOptions engine_options(const std::string& precision, int threads, const std::string& onnx_output, int onnx_size) {
  score::EngineOptions options{.precision = value_named<score::Precision>(precision), .threads = threads};
  options.cache_folder = score::default_cache_folder();
  options.choice = {.output = onnx_output, .size = onnx_size};
  return options;
}

template <typename T>
Value value_or_null(const std::optional<T>& value) {
  return value ? Value{*value} : Value{};
}

Value list_of_texts(const std::vector<std::string>& texts) {
  Value list{Value::Array{}};
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

/// What the model says of itself.
Value description(const Network& network) {
  const score::Scorer& scorer = network.scorer();
  return empty_object()
      .set("bands", list_of_texts(scorer.band_names))
      .set("band_count", network.shape().bands)
      .set("size", network.shape().height)
      .set("pixel_scale_arcsec", value_or_null(scorer.pixel_scale_arcsec))
      .set("zero_point", value_or_null(scorer.zero_point))
      .set("calibration", scorer.calibration ? write_fields(*scorer.calibration) : Value{})
      .set("thresholds", model::to_json_value(scorer.thresholds))
      .set("survey_prevalence", scorer.survey_prevalence)
      .set("fingerprint", scorer.fingerprint)
      .set("is_cascade", scorer.cascade.has_value())
      .set("minmax", scorer.scaling == network::Preprocessing::Scaling::minmax)
      .set("onnx", scorer.onnx.string())
      .set("notes", list_of_texts(scorer.notes))
      .set("engine", network.engine())
      .set("precision_reason", network.precision_reason());
}

nb::tuple score_array(Network& network, const Pixels& pixels, bool may_miss, std::optional<double> pixel_scale_arcsec,
                      std::vector<double> zero_points, double max_missing, double max_oversize, bool pad, nb::handle listener) {
  const image::ImageShape shape{static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(2)), static_cast<int>(pixels.shape(3))};
  ArrayReading reading{.facts = {.pixel_scale_arcsec = pixel_scale_arcsec}, .may_miss = may_miss};
  reading.rules.max_missing = max_missing;
  reading.rules.max_oversize = max_oversize;
  reading.rules.pad = pad;
  reading.rules.input_zero_points = std::move(zero_points);
  const std::span<const float> values{pixels.data(), pixels.size()};
  ArrayScores scores = attended(listener, [&](Progress& progress, const StopFlag& stop) {
    return network.score(values, static_cast<std::int64_t>(pixels.shape(0)), shape, reading, progress, stop);
  });
  return nb::make_tuple(array_of(std::move(scores.logits)), std::move(scores.rejected), array_of(std::move(scores.by_student)));
}

}  // namespace

void bind_network(nb::module_& module) {
  nb::class_<Network>(module, "Network", "A model that scores cutouts in memory.")
      .def(
          "__init__",
          [](Network* self, const std::filesystem::path& model, const std::string& precision, int threads, bool average_symmetries,
             const std::string& onnx_output, int onnx_size) {
            new (self) Network{model, engine_options(precision, threads, onnx_output, onnx_size), average_symmetries};
          },
          nb::arg("model"), nb::arg("precision"), nb::arg("threads"), nb::arg("average_symmetries"), nb::arg("onnx_output"),
          nb::arg("onnx_size"))
      .def("description", &description)
      .def("score", &score_array, nb::arg("pixels"), nb::arg("may_miss"), nb::arg("pixel_scale_arcsec").none(), nb::arg("zero_points"),
           nb::arg("max_missing"), nb::arg("max_oversize"), nb::arg("pad"), nb::arg("listener").none());
}

}  // namespace lensfind::python
