#include "lensfind/score/seeing.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/network/film.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/onnx.h"
#include "lensfind/score/test_run.h"

namespace lensfind::score {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

TEST(ParseSeeing, TakesANumberForAllOrOneABand) {
  EXPECT_THAT(parse_seeing({}, {"g", "r"}, 2), IsEmpty());
  EXPECT_THAT(parse_seeing({"0.8"}, {"g", "r"}, 2), ElementsAre(.8F, .8F));
  EXPECT_THAT(parse_seeing({"R=0.7,g=1"}, {"g", "r"}, 2), ElementsAre(1, .7F));
  EXPECT_TRUE(std::isnan(parse_seeing({"r=0.7"}, {"g", "r"}, 2)[0]));
  for (const char* wrong : {"z=1", "g=", "g=wide", "g=0", "g=100", "g=1,,r=1"})
    EXPECT_THROW(parse_seeing({wrong}, {"g", "r"}, 2), Error) << wrong;
}

TEST(ParseSeeing, OfAModelThatNamesNoBandsTakesOneNumberForAll) {
  EXPECT_THAT(parse_seeing({"0.8"}, {}, 3), ElementsAre(.8F, .8F, .8F));
  try {
    static_cast<void>(parse_seeing({"g=0.8"}, {}, 3));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), HasSubstr("one number for all"));
  }
}

TEST(TakeSeeing, AsksTheTableThenTheHeaderThenTheOption) {
  using From = cutouts::Fitting::SeeingFrom;
  const auto rules = std::make_shared<cutouts::PixelRules>(cutouts::PixelRules{.input_seeing = {3, 3, 3, unknown}});
  cutouts::Fitting fitting{.seeing_fwhm_arcsec = {2, 2, std::nullopt, std::nullopt}};
  std::vector<float> out(4);
  take_seeing({.rules = rules, .seeing = {1, unknown, unknown, unknown}}, fitting, out);
  EXPECT_THAT(std::vector<float>(out.begin(), out.begin() + 3), ElementsAre(1, 2, 3));
  EXPECT_TRUE(std::isnan(out[3]));
  EXPECT_EQ(fitting.seeing_from, From::table);
  take_seeing({.rules = rules}, fitting, out);
  EXPECT_EQ(fitting.seeing_from, From::header);
  cutouts::Fitting silent;
  take_seeing({.rules = rules}, silent, out);
  EXPECT_EQ(silent.seeing_from, From::given);
  take_seeing({}, silent, out);
  EXPECT_EQ(silent.seeing_from, From::unknown);
}

/// The logit of a cutout is its seeing in the first band, or -1.
class SeeingEngine final : public Engine {
 public:
  image::ImageShape shape() const override { return {1, 2, 2}; }
  int outputs() const override { return 1; }
  std::string description() const override { return "fake"; }
  bool takes_seeing() const override { return true; }
  std::vector<float> run(std::span<const float>, std::size_t count) override { return std::vector<float>(count, -1); }
  std::vector<float> run_with_seeing(std::span<const float>, std::size_t count, std::span<const float> seeing) override {
    std::vector<float> logits(count);
    for (std::size_t i = 0; i < count; ++i) logits[i] = std::isnan(seeing[i]) ? -1 : seeing[i];
    return logits;
  }
};

class RunWithSeeing : public Run {
 protected:
  void SetUp() override {
    Run::SetUp();
    image::Image image{shape};
    for (std::size_t i = 0; i < 4; ++i) image.values()[i] = static_cast<float>(i);
    image::write_fits(folder_ / "header.fits", image.view(), {{"SEEING", 0.5, "arcsec"}});
    image::write_fits(folder_ / "silent.fits", image.view(), {});
    text("list.csv", "path,id,psfsize_g\nheader.fits,row,0.25\nheader.fits,header,\nsilent.fits,silent,\n");
    scorer_.band_names = {"g"};
  }
  RunOptions listed(const std::vector<std::string>& seeing = {}) const {
    RunOptions chosen = options({folder_ / "list.csv"});
    chosen.seeing = seeing;
    return chosen;
  }
};

TEST_F(RunWithSeeing, TellsTheNetworkAndSaysHowManyHadItFromWhere) {
  SeeingEngine engine;
  const RunSummary summary = run_score(engine, scorer_, listed());
  EXPECT_THAT(table(), AllOf(HasSubstr("row,0.25,"), HasSubstr("header,0.5,"), HasSubstr("silent,-1,")));
  EXPECT_THAT(summary.reading_lines, ::testing::Contains(HasSubstr("1 from a table's columns, 1 from their headers, 1 not known")));
  EXPECT_THAT(table("s.csv.run.json"), HasSubstr("\"seeing_by_table\": 1"));
}

TEST_F(RunWithSeeing, TakesTheOptionWhereNothingElseSaysIt) {
  SeeingEngine engine;
  const RunSummary summary = run_score(engine, scorer_, listed({"g=2"}));
  EXPECT_THAT(table(), AllOf(HasSubstr("row,0.25,"), HasSubstr("header,0.5,"), HasSubstr("silent,2,")));
  EXPECT_EQ(summary.readings.seeing_given, 1);
  EXPECT_EQ(summary.readings.seeing_unknown, 0);
}

TEST_F(RunWithSeeing, TakesTheOptionOfAModelThatNamesNoBands) {
  SeeingEngine engine;
  scorer_.band_names.clear();
  RunOptions chosen = options({folder_ / "silent.fits"});
  chosen.seeing = {"2"};
  EXPECT_EQ(run_score(engine, scorer_, chosen).readings.seeing_given, 1);
  EXPECT_THAT(table(), HasSubstr(",2,"));
}

TEST_F(RunWithSeeing, ARunGoesOnWithTheSameSeeingOnly) {
  SeeingEngine engine;
  run_score(engine, scorer_, listed({"g=2"}));
  RunOptions again = listed({"g=1"});
  again.resume = true;
  EXPECT_THROW(run_score(engine, scorer_, again), Error);
}

TEST_F(RunWithSeeing, OfAModelThatIsNotToldItIsRefusedAndOtherwiseOfNoAccount) {
  FakeEngine engine{shape};
  EXPECT_THROW(run_score(engine, scorer_, listed({"g=2"})), Error);
  const RunSummary summary = run_score(engine, scorer_, listed());
  EXPECT_THAT(table("s.csv.run.json"), ::testing::Not(HasSubstr("seeing")));
  EXPECT_EQ(summary.readings.seeing_unknown, 0);
}

/// Two bands of 16 x 16 pixels, of which the first band's mean, scaled and shifted, is the logit.
class FilmEngine : public cutouts::TestFolder {
 protected:
  static network::Graph graph() {
    network::GraphBuilder net;
    const network::Tensor x = net.conv(net.input({2, 16, 16}), 1, {}, "conv");
    return network::with_film(std::move(net).finish(net.linear(net.flatten(net.global_average(x)), 1, "fc")));
  }
  static network::Weights weights() {
    return {{"conv.weight", {{1, 2, 1, 1}, {1, 0}}},
            {"film.0.scale.weight", {{1, 4}, {.5F, 0, 0, 0}}},
            {"film.0.scale.bias", {{1}, {1}}},
            {"film.0.shift.weight", {{1, 4}, {0, 10, 0, 100}}},
            {"film.0.shift.bias", {{1}, {.25F}}},
            {"fc.weight", {{1, 1}, {1}}},
            {"fc.bias", {{1}, {0}}}};
  }
  static network::QualityScale scale() {
    return {.seeing_mean = {.8, 1}, .seeing_std = {.1, .2}, .log_noise_mean = {0, -1}, .log_noise_std = {1, 2}};
  }
  std::filesystem::path write() const {
    text("film.onnx", network::to_onnx(graph(), weights(), {.quality = scale()}));
    return folder_ / "film.onnx";
  }
  /// Rows of a, a + 2, a, ...: the mean is a + 1, and of each difference along a row 2, between rows none.
  static std::vector<float> stripes(float a) {
    std::vector<float> pixels(2 * 256);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = a + static_cast<float>(i % 2 * 2);
    return pixels;
  }
  /// By hand: scale and shift of the first band's mean; z are deviations of the seeing.
  static float wanted(float a, float z_first, float z_second) {
    const float noise = (std::log(2 / .8581343F) + 1) / 2;
    return (a + 1) * (1 + .5F * z_first) + .25F + 10 * z_second + 100 * noise;
  }
};

TEST_F(FilmEngine, IsToldSeeingAndMeasuresTheNoise) {
  const auto engine = open_engine(write(), {.threads = 1});
  EXPECT_TRUE(engine->takes_seeing());
  std::vector<float> cutouts = stripes(0);
  for (const float a : {3.F, 5.F}) {
    const std::vector<float> more = stripes(a);
    cutouts.insert(cutouts.end(), more.begin(), more.end());
  }
  const std::vector<float> logits =
      engine->run_with_seeing(cutouts, 3, std::vector<float>{.9F, 1, .75F, unknown, 9, .8F});  // 9 arcsec are 82 scatters from the mean
  EXPECT_NEAR(logits[0], wanted(0, 1, 0), 1e-3);
  EXPECT_NEAR(logits[1], wanted(3, -.5F, 0), 1e-3);
  EXPECT_NEAR(logits[2], wanted(5, 0, -1), 1e-3);
  EXPECT_NEAR(engine->run(cutouts, 3)[1], wanted(3, 0, 0), 1e-3);
}

TEST_F(FilmEngine, AveragesOverTheSymmetriesWithTheSameSeeing) {
  const std::vector<float> seeing{1, 1.2F};
  const auto averaging = average_over_symmetries(open_engine(write(), {.threads = 1}));
  EXPECT_TRUE(averaging->takes_seeing());
  EXPECT_NEAR(averaging->run_with_seeing(stripes(3), 1, seeing)[0], wanted(3, 2, 1), 1e-3);
  text("mean.onnx", network::to_onnx(graph(), weights(), {.quality = scale()}, {}, true));
  EXPECT_NEAR(open_engine(folder_ / "mean.onnx", {.threads = 1})->run_with_seeing(stripes(3), 1, seeing)[0], wanted(3, 2, 1), 1e-3);
}

TEST_F(FilmEngine, StandsInAnEnsembleBesideNetworksThatAreNotTold) {
  const network::Graph film = graph();
  const network::Weights film_weights = weights();
  network::GraphBuilder net;
  const network::Tensor x = net.conv(net.input({2, 16, 16}), 1, {}, "conv");
  const network::Graph plain = std::move(net).finish(net.linear(net.flatten(net.global_average(x)), 1, "fc"));
  const network::Weights plain_weights{{"conv.weight", {{1, 2, 1, 1}, {0, 1}}}, {"fc.weight", {{1, 1}, {1}}}, {"fc.bias", {{1}, {0}}}};
  const network::Preprocessing told{.quality = scale()}, not_told;
  const std::vector<network::EnsembleMember> members{{film, film_weights, told}, {plain, plain_weights, not_told}};
  text("both.onnx", network::ensemble_to_onnx(members, network::Combine::logit));
  const auto engine = open_engine(folder_ / "both.onnx", {.threads = 1});
  EXPECT_NEAR(engine->run_with_seeing(stripes(3), 1, std::vector<float>{.9F, 1})[0], (wanted(3, 1, 0) + 4) / 2, 1e-3);
}

TEST_F(FilmEngine, ComputesInBf16AboutTheSame) {
  const auto exact = open_engine(write(), {.threads = 1}), rounded = open_engine(write(), {.precision = Precision::bf16, .threads = 1});
  const std::vector<float> seeing{.9F, 1.1F};
  const float logit = exact->run_with_seeing(stripes(3), 1, seeing)[0];
  EXPECT_NEAR(rounded->run_with_seeing(stripes(3), 1, seeing)[0], logit, .02 * logit);
}

}  // namespace
}  // namespace lensfind::score
