#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include <gtest/gtest.h>

#include "lensfind/simulate/lens_sample.h"
#include "lensfind/testing/shared_files.h"

namespace lensfind::simulate {
namespace {

/// What LensPop (Collett 2015) forecasts for a survey: rows of numbers, a lens each.
std::vector<std::vector<double>> forecast(const std::filesystem::path& file) {
  std::vector<std::vector<double>> out;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words{line};
    std::vector<double> row;
    for (double value; words >> value;) row.push_back(value);
    out.push_back(std::move(row));
  }
  return out;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

struct Forecast {
  const char *survey, *file;
  std::size_t source_magnitude;  ///< its column
  /// The tables keep theta_E^2 > R_s^2 + (seeing / 2)^2 with seeings of their own, 1.64, 1.655 and .17 arcsec: over the survey's.
  const char* resolution;
  std::vector<std::string> more;
};

class Forecasts : public testing::TestWithParam<Forecast> {};

// Not Einstein radii, which the seeing decides on.
TEST_P(Forecasts, LensesAreThoseOfLensPop) {
  const auto [name, file, source_magnitude, resolution, more] = GetParam();
  const auto path = test::shared_file(std::string{"data/lenspop/"} + file);
  if (!path) GTEST_SKIP() << "needs shared/data/lenspop";
  std::vector<std::string> overrides = {std::string{"population.kept_resolution="} + resolution};
  overrides.insert(overrides.end(), more.begin(), more.end());
  const Survey survey = find_survey(name, {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, overrides);
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  RandomStream random{8, Purpose::test};
  render::Renderer renderer;
  const Conditions conditions = draw_conditions(survey, random);
  std::vector<LensSystem> drawn;
  for (int k = 0; k < 1000; ++k) drawn.push_back(lenses.draw_unseen({}, conditions, 48, renderer, random));
  const auto known = forecast(*path);
  const auto ratio = [&](std::size_t column, const std::function<double(const LensSystem&)>& ours) {
    std::vector<double> theirs, mine;
    for (const auto& row : known) theirs.push_back(row[column]);
    for (const LensSystem& lens : drawn) mine.push_back(ours(lens));
    return median(mine) / median(theirs);
  };
  EXPECT_NEAR(ratio(0, [](const LensSystem& lens) { return lens.deflector.z; }), 1, 0.12);
  EXPECT_NEAR(ratio(1, [](const LensSystem& lens) { return lens.source.z; }), 1, 0.1);
  EXPECT_NEAR(ratio(3, [](const LensSystem& lens) { return lens.deflector.sigma_km_s; }), 1, 0.1);
  const std::string band = survey.bands.front() == "VIS" ? "VIS" : "i";
  EXPECT_NEAR(ratio(source_magnitude, [&](const LensSystem& lens) { return magnitude(band, lens.source.i, lens.source.colours); }), 1,
              0.04);
}

INSTANTIATE_TEST_SUITE_P(Collett2015, Forecasts,
                         testing::Values(Forecast{"lsst10", "lenses_LSSTa.txt", 16, "2", {}},
                                         Forecast{"des", "lenses_DESa.txt", 16, "1.8", {}},
                                         Forecast{"euclid", "lenses_Euclid.txt", 12, "1.06", {}}));

}  // namespace
}  // namespace lensfind::simulate
