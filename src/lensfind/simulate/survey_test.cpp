#include "lensfind/simulate/survey.h"

#include <map>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"
#include "lensfind/simulate/noise.h"

namespace lensfind::simulate {
namespace {

const std::filesystem::path surveys = std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys";

TEST(Survey, DepthsAreThePublishedOnes) {
  // 5-sigma point-source depths in magnitudes; those of LSST follow here from exposures, sky and read noise (Ivezic et al. 2019).
  const std::map<std::string, std::vector<double>> published{{"lsst10", {27.2, 27.2, 26.8}},       {"lsst1", {25.95, 25.95, 25.55}},
                                                             {"des", {25.45, 25.15, 24.55}},       {"hsc", {26.5, 26.5, 26.2}},
                                                             {"legacy", {24.7, 23.9, 23.6, 23.0}}, {"euclid", {26.2}}};
  for (const auto& [name, depths] : published) {
    const Survey survey = find_survey(name, {surveys});
    ASSERT_EQ(survey.bands.size(), depths.size());
    for (std::size_t b = 0; b < depths.size(); ++b) {
      const double depth = point_source_depth(band_noise(survey, b).background_rms, survey.output_zero_point[b],
                                              survey.seeing_fwhm_arcsec[b], survey.pixel_scale_arcsec);
      EXPECT_NEAR(depth, depths[b], 0.15) << name << " " << survey.bands[b];
    }
  }
}

TEST(Survey, UnknownNameListsTheKnown) {
  try {
    find_survey("no-such-survey", {surveys});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("hsc"), std::string::npos);
  }
}

TEST(Survey, OverridesReachThePopulation) {
  const Survey survey = find_survey("hsc", {surveys}, {"pixel_scale_arcsec=0.2", "population.kept_snr=10"});
  EXPECT_EQ(survey.pixel_scale_arcsec, 0.2);
  EXPECT_EQ(survey.population.kept_snr, 10);
  EXPECT_THROW(find_survey("hsc", {surveys}, {"population.no_such_key=1"}), Error);
  EXPECT_THROW(find_survey("hsc", {surveys}, {"seeing_fwhm_arcsec=[0.7]"}), Error);
}

}  // namespace
}  // namespace lensfind::simulate
