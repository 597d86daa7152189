#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "attended.h"
#include "lensfind/base/csv.h"
#include "lensfind/score/run_json.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

namespace fs = std::filesystem;

/// What `lensfind score` is told, as a dictionary says it; a key that is missing leaves the default.
struct ScoreSettings {
  std::vector<std::string> bands, mask_planes;
  std::vector<double> zero_points;
  std::string pattern, precision = "auto", other_scale = "resample", id_column, ra_column, dec_column, onnx_output;
  double prevalence = 0, pixel_scale_arcsec = 0, max_missing = .1, max_oversize = 3, model_zero_point = 0;
  std::int64_t top = 0, threads = 0, readers = 0, onnx_size = 0;
  bool tta = false, pad = false, resume = false, overwrite = false, has_model_zero_point = false;

  static void describe(auto& field) {
    field(&ScoreSettings::bands, "bands", any(), "as NAME_<band>.fits has them, in the model's order");
    field(&ScoreSettings::mask_planes, "mask_planes", any(), "planes of a mask that make pixels missing");
    field(&ScoreSettings::zero_points, "zero_points", any(), "of inputs whose headers give none");
    field(&ScoreSettings::pattern, "pattern", any(), "how files of one band are named");
    field(&ScoreSettings::precision, "precision", any(), "auto, f32, bf16 or int8");
    field(&ScoreSettings::other_scale, "other_scale", choices({"resample", "refuse", "ignore"}), "cutouts of another pixel scale");
    field(&ScoreSettings::id_column, "id_column", any(), "of the catalogue's ids");
    field(&ScoreSettings::ra_column, "ra_column", any(), "of its right ascensions");
    field(&ScoreSettings::dec_column, "dec_column", any(), "of its declinations");
    field(&ScoreSettings::onnx_output, "onnx_output", any(), "of somebody's .onnx");
    field(&ScoreSettings::prevalence, "prevalence", between(0, 1), "of lenses; 0: what the model states");
    field(&ScoreSettings::pixel_scale_arcsec, "pixel_scale_arcsec", at_least(0), "the model's; 0: what it knows");
    field(&ScoreSettings::max_missing, "max_missing", between(0, 1), "fraction of a band's pixels that may be missing");
    field(&ScoreSettings::max_oversize, "max_oversize", at_least(0), "sides over so many times the model's are fields; 0: any");
    field(&ScoreSettings::model_zero_point, "model_zero_point", any(), "of the model's flux");
    field(&ScoreSettings::top, "top", at_least(0), "how many of the best to list");
    field(&ScoreSettings::threads, "threads", at_least(0), "0: all cores");
    field(&ScoreSettings::readers, "readers", at_least(0), "threads that read");
    field(&ScoreSettings::onnx_size, "onnx_size", at_least(0), "where an .onnx takes any size");
    field(&ScoreSettings::tta, "tta", any(), "average over the eight orientations");
    field(&ScoreSettings::pad, "pad", any(), "fill up around small cutouts");
    field(&ScoreSettings::resume, "resume", any(), "go on with a run");
    field(&ScoreSettings::overwrite, "overwrite", any(), "replace OUT");
    field(&ScoreSettings::has_model_zero_point, "has_model_zero_point", any(), "model_zero_point counts");
  }
};

cutouts::PixelRules rules_of(const ScoreSettings& settings) {
  using OtherScale = cutouts::PixelRules::OtherScale;
  cutouts::PixelRules rules;
  rules.max_missing = settings.max_missing;
  rules.max_oversize = settings.max_oversize;
  rules.pad = settings.pad;
  rules.input_zero_points = settings.zero_points;
  if (!settings.mask_planes.empty()) rules.mask_planes = settings.mask_planes;
  if (settings.pixel_scale_arcsec > 0) rules.pixel_scale_arcsec = settings.pixel_scale_arcsec;
  if (settings.has_model_zero_point) rules.zero_point = settings.model_zero_point;
  rules.other_scale = settings.other_scale == "refuse"   ? OtherScale::refuse
                      : settings.other_scale == "ignore" ? OtherScale::ignore
                                                         : OtherScale::resample;
  return rules;
}

score::RunOptions options_of(const Value& given) {
  ScoreSettings settings;
  read_fields(given, settings, "score");
  score::RunOptions options{.columns = {settings.id_column, settings.ra_column, settings.dec_column},
                            .bands = settings.bands,
                            .pattern = settings.pattern,
                            .rules = rules_of(settings),
                            .precision = value_named<score::Precision>(settings.precision),
                            .onnx = {.output = settings.onnx_output, .size = static_cast<int>(settings.onnx_size)},
                            .top = static_cast<int>(settings.top),
                            .average_symmetries = settings.tta,
                            .threads = static_cast<int>(settings.threads),
                            .readers = static_cast<int>(settings.readers),
                            .resume = settings.resume,
                            .overwrite = settings.overwrite};
  if (settings.prevalence > 0) options.prevalence = settings.prevalence;
  return options;
}

Value texts(const std::vector<std::string>& lines) {
  Value list{Value::Array{}};
  for (const std::string& line : lines) list.push_back(line);
  return list;
}

Value value_of_summary(const score::RunSummary& summary) {
  return score::to_json_value(summary)
      .set("top_table", summary.top_table ? Value{summary.top_table->string()} : Value{})
      .set("precision", name_of(summary.precision))
      .set("reading_lines", texts(summary.reading_lines))
      .set("images", texts(summary.images.text()))
      .set("like_training", summary.images.like_training ? Value{*summary.images.like_training} : Value{})
      .set("notes", texts(summary.notes));
}

Value score_files(const fs::path& model, std::vector<fs::path> inputs, const std::optional<fs::path>& catalogue, const fs::path& out,
                  const Value& settings, nb::handle listener) {
  score::RunOptions options = options_of(settings);
  options.inputs = std::move(inputs);
  options.catalogue = catalogue;
  options.out = out;
  const score::RunSummary summary =
      attended(listener, [&](Progress& progress, const StopFlag& stop) { return score::run_score(model, options, progress, stop); });
  return value_of_summary(summary);
}

}  // namespace

void bind_score_run(nb::module_& module) {
  module.def("score_files", &score_files, nb::arg("model"), nb::arg("inputs"), nb::arg("catalogue").none(), nb::arg("out"),
             nb::arg("settings"), nb::arg("listener").none());
}

}  // namespace lensfind::python
