#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "attended.h"
#include "lensfind/base/parallel.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/measure_survey.h"
#include "lensfind/simulate/truth_csv.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

/// Cutouts of a set: `lenses` lenses and behind them `nonlenses` others, numbered from `first` within their class.
struct SetPart {
  std::int64_t lenses = 0, nonlenses = 0, first = 0;
  simulate::CutoutRequest request;

  [[nodiscard]] std::int64_t size() const { return lenses + nonlenses; }
  [[nodiscard]] simulate::CutoutRequest at(std::int64_t index) const {
    simulate::CutoutRequest one = request;
    one.lens = index < lenses;
    one.number = first + (one.lens ? index : index - lenses);
    return one;
  }
  [[nodiscard]] std::string id(std::int64_t index) const {
    const simulate::CutoutRequest one = at(index);
    return std::string{one.split == simulate::Split::train ? "train_" : "test_"} + (one.lens ? "lenses/" : "nonlenses/") +
           std::to_string(one.number + 1);
  }
};

struct MadeSet {
  std::vector<float> pixels;
  std::vector<std::string> truth;  ///< rows of truth.csv
};

MadeSet make(const simulate::Survey& survey, const SetPart& part, int threads, Progress& progress, const StopFlag& stop) {
  const simulate::CutoutMaker maker{simulate::survey_of_scaling(survey, part.request.scaling)};
  const image::ImageShape shape{static_cast<int>(survey.bands.size()), part.request.size, part.request.size};
  MadeSet made{std::vector<float>(static_cast<std::size_t>(part.size()) * shape.values()),
               std::vector<std::string>(static_cast<std::size_t>(part.size()))};
  progress.start("simulating", part.size(), "images");
  parallel_for(
      part.size(), threads,
      [&](std::int64_t index) {
        thread_local render::Renderer renderer;
        const simulate::SimulatedCutout cutout = maker.make(part.at(index), renderer);
        const auto place = static_cast<std::size_t>(index);
        std::ranges::copy(cutout.image.values(), made.pixels.begin() + static_cast<std::ptrdiff_t>(place * shape.values()));
        made.truth[place] =
            simulate::truth_row({part.id(index), part.request.split, part.request.seed, index}, cutout.truth, survey.bands.size());
      },
      progress, stop);
  progress.finish();
  return made;
}

/// Columns of truth.csv that hold text, whatever it looks like.
std::vector<std::string> columns_of_text() {
  std::vector<std::string> names;
  for (const simulate::TruthColumn& column : simulate::truth_columns())
    if (column.is_text) names.push_back(column.name);
  return names;
}

nb::tuple simulate_set(const simulate::Survey& survey, std::int64_t lenses, std::int64_t nonlenses, std::int64_t first,
                       const std::string& split, int size, const std::string& scaling, std::uint64_t seed, int threads,
                       nb::handle listener) {
  const SetPart part{lenses,
                     nonlenses,
                     first,
                     {.split = split == "train" ? simulate::Split::train : simulate::Split::test,
                      .size = size,
                      .scaling = scaling == "minmax" ? simulate::Scaling::minmax : simulate::Scaling::none,
                      .seed = seed}};
  MadeSet made = attended(listener, [&](Progress& progress, const StopFlag& stop) { return make(survey, part, threads, progress, stop); });
  const auto side = static_cast<std::size_t>(size);
  return nb::make_tuple(array_of(std::move(made.pixels), {static_cast<std::size_t>(part.size()), survey.bands.size(), side, side}),
                        simulate::truth_header(survey.bands), std::move(made.truth), columns_of_text());
}

/// What was measured on images: the survey's file, and what a reader should know of it.
nb::tuple measure(std::vector<std::filesystem::path> inputs, std::vector<std::string> bands, std::vector<double> zero_points,
                  std::optional<double> pixel_scale_arcsec, std::int64_t max_images, const std::string& name, nb::handle listener) {
  const simulate::MeasureOptions options{.inputs = std::move(inputs),
                                         .bands = std::move(bands),
                                         .zero_point = std::move(zero_points),
                                         .pixel_scale_arcsec = pixel_scale_arcsec,
                                         .max_images = max_images};
  const simulate::MeasuredSurvey measured =
      attended(listener, [&](Progress& progress, const StopFlag& stop) { return simulate::measure_survey(options, progress, stop); });
  return nb::make_tuple(simulate::measured_toml(measured, name), measured.notes);
}

}  // namespace

void bind_survey(nb::module_& module) {
  nb::class_<simulate::Survey>(module, "Survey", "How a survey sees.")
      .def_static("find", &simulate::find_survey, nb::arg("path_or_name"), nb::arg("folders"), nb::arg("overrides"),
                  nb::arg("bands") = std::vector<std::string>{})
      .def_static("measure", &measure, nb::arg("inputs"), nb::arg("bands"), nb::arg("zero_points"), nb::arg("pixel_scale_arcsec").none(),
                  nb::arg("max_images"), nb::arg("name"), nb::arg("listener").none())
      .def("settings", [](const simulate::Survey& survey) { return write_fields(survey); })
      .def("simulate", &simulate_set, nb::arg("lenses"), nb::arg("nonlenses"), nb::arg("first"), nb::arg("split"), nb::arg("size"),
           nb::arg("scaling"), nb::arg("seed"), nb::arg("threads"), nb::arg("listener").none());
}

}  // namespace lensfind::python
