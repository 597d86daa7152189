#include <fstream>
#include <set>

#include "inspecting.h"
#include "lensfind/image/fits.h"

namespace {

using lensfind::Value;
using program::Inspect;
using program::Inspecting;
using ::testing::HasSubstr;

// A lens fit leaves images of the same names; where some are missing, blind pages with controls show none.
TEST_F(Inspect, ShowsWhatALensFitLeaves) {
  program::fs::create_directory(folder_ / "left");
  for (int i = 0; i < 39; ++i) {
    lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
    for (std::size_t k = 0; k < image.values().size(); ++k) image.values()[k] = static_cast<float>(k % 7);
    lensfind::image::write_npy(folder_ / "left" / (i == 7 ? "<img src=x onerror=alert(1)>.npy" : fmt::format("{}.npy", i)), image.view());
  }
  std::vector<std::string> with_fit = arguments();
  with_fit.insert(with_fit.end(), {"--residuals", at("left"), "--repeats", "0"});
  {
    const Inspecting inspecting{with_fit};
    const Value state = inspecting.state("anna");
    EXPECT_TRUE(state.at("has_fit").as_bool());
    std::set<int> statuses;
    std::set<std::string> pictures;
    for (int slot = 0; slot < 40; ++slot) {
      const auto answer = inspecting.get(fmt::format("picture?order={}&slot={}&residual=fit", state.at("order").as_string(), slot));
      statuses.insert(answer->status);
      if (answer->status == 200) pictures.insert(answer->body);
    }
    EXPECT_EQ(statuses, (std::set{200, 404})) << "one has no fit";
    EXPECT_EQ(pictures.size(), 1u) << "the residuals are all alike, the images are not";
  }
  std::ofstream{folder_ / "known.csv"} << "id\n3\n";
  with_fit.insert(with_fit.end(), {"--known", at("known.csv")});
  const Inspecting blind{with_fit};
  const Value state = blind.state("anna");
  EXPECT_FALSE(state.at("has_fit").as_bool());
  EXPECT_EQ(blind.get(fmt::format("picture?order={}&slot=0&residual=fit", state.at("order").as_string()))->status, 404);
}

/// What all pictures of a page say of themselves.
std::set<std::string> facts_of_pictures(const Inspecting& inspecting) {
  const Value state = inspecting.state("anna");
  std::set<std::string> facts;
  for (std::int64_t slot = 0; slot < state.at("count").as_integer(); ++slot) {
    const auto picture = inspecting.get(fmt::format("picture?order={}&slot={}", state.at("order").as_string(), slot));
    EXPECT_EQ(picture->status, 200) << picture->body;
    facts.insert(picture->get_header_value("X-Lensfind-View"));
  }
  return facts;
}

// Candidates with all headers, controls without any: a scale bar, a compass or a band's name must not tell them apart.
TEST_F(Inspect, PicturesOfControlsSayNoMoreAndNoLessThanThoseOfCandidates) {
  program::fs::create_directories(folder_ / "fits");
  program::fs::create_directories(folder_ / "painted");
  std::ofstream truth{folder_ / "painted" / "truth.csv"};
  truth << "id,label,theta_e_arcsec,arc_snr\n";
  const double degrees = .2 / 3600;
  for (int i = 0; i < 12; ++i) {
    lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
    for (std::size_t k = 0; k < image.values().size(); ++k)
      image.values()[k] = static_cast<float>((k * 7919 + static_cast<std::size_t>(i)) % 101);
    lensfind::image::write_fits(folder_ / "fits" / fmt::format("{}.fits", i), image.view(),
                                {{"MAGZERO", 30.0, ""},
                                 {"BAND0", std::string{"g"}, ""},
                                 {"BAND1", std::string{"r"}, ""},
                                 {"BAND2", std::string{"i"}, ""},
                                 {"CTYPE1", std::string{"RA---TAN"}, ""},
                                 {"CTYPE2", std::string{"DEC--TAN"}, ""},
                                 {"CRPIX1", 16.5, ""},
                                 {"CRPIX2", 16.5, ""},
                                 {"CRVAL1", 30.0, ""},
                                 {"CRVAL2", 0.0, ""},
                                 {"CD1_1", -degrees, ""},
                                 {"CD2_2", degrees, ""}});
    lensfind::image::write_npy(folder_ / "painted" / fmt::format("c{}.npy", i), image.view());
    truth << fmt::format("c{},{},{},{}\n", i, i % 2, i % 2 == 1 ? "1.5" : "", i % 2 == 1 ? "20" : "");
  }
  truth.close();
  const std::vector<std::string> arguments{at("fits"), "--grades", at("f.sqlite"), "--grader", "anna"};
  {
    const auto alone = facts_of_pictures(Inspecting{arguments});
    ASSERT_EQ(alone.size(), 1u);
    EXPECT_THAT(*alone.begin(), HasSubstr(R"("north_up":true)"));
  }
  std::vector<std::string> with_controls = arguments;
  with_controls.insert(with_controls.end(), {"--controls", at("painted"), "--control-fraction", "0.5"});
  EXPECT_EQ(facts_of_pictures(Inspecting{with_controls}).size(), 1u);
}

}  // namespace
