#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "lensfind/base/random.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weights.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

/// A packed model called `mine` in $LENSFIND_DATA/models, and cutouts.
class Models : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    const lensfind::network::Graph graph = lensfind::network::build_network("resnet18_half", 3, 32, 2);
    lensfind::network::write_safetensors(at("w.safetensors"), lensfind::network::initialise(graph, 1));
    const auto made = run({"import", "--network", "resnet18_half", "--size", "32", "--weights", at("w.safetensors"), "--out", at("run")});
    ASSERT_EQ(made.status, 0) << made.err;
    std::ofstream{at("card.toml")}
        << "summary = 'noise, for a test'\nsurvey = 'none'\nlimits = ['finds nothing']\n"
           "figures = [{data = 'ten cutouts', images = 'real', lenses = 5, nonlenses = 5, auc = 0.5, auc_low = 0.2, auc_high = 0.8}]\n";
    fs::create_directories(folder_ / "data/models");
    const auto packed = run({"export", at("run"), "--packed", "--card", at("card.toml"), "--out", at("data/models/mine")});
    ASSERT_EQ(packed.status, 0) << packed.err;
    setenv("LENSFIND_DATA", at("data").c_str(), 1);
    fs::create_directories(folder_ / "cutouts");
    for (std::uint64_t i = 0; i < 4; ++i) {
      lensfind::image::Image image{lensfind::image::ImageShape{3, 32, 32}};
      lensfind::RandomStream random{i, lensfind::Purpose::test};
      for (float& value : image.values()) value = static_cast<float>(random.uniform());
      lensfind::image::write_npy(folder_ / fmt::format("cutouts/{}.npy", i), image.view());
    }
  }
  void TearDown() override {
    unsetenv("LENSFIND_DATA");
    Program::TearDown();
  }
};

TEST_F(Models, AreListedWithTheirFigures) {
  const auto listed = run({"models"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out,
              AllOf(HasSubstr("mine"), HasSubstr("resnet18_half"), HasSubstr("0.500 (0.200-0.800)"), HasSubstr("noise, for a test")));
  const auto card = run({"models", "--card", "mine"});
  EXPECT_THAT(card.out, AllOf(HasSubstr("finds nothing"), HasSubstr("real, ten cutouts: 5 lenses, 5 non-lenses")));
  EXPECT_THAT(run({"models", "--card", "mien"}).err, HasSubstr("did you mean `mine`?"));
}

TEST_F(Models, ScoreByNameGivesWhatThePackedFolderGives) {
  const auto by_name = run({"score", "mine", at("cutouts"), "--precision", "f32", "--out", at("name.csv")});
  ASSERT_EQ(by_name.status, 0) << by_name.err;
  ASSERT_EQ(run({"score", at("data/models/mine"), at("cutouts"), "--precision", "f32", "--out", at("folder.csv")}).status, 0);
  EXPECT_EQ(program::text_of(at("name.csv")), program::text_of(at("folder.csv")));
  // The ONNX file that `export` makes of it gives the same logits.
  ASSERT_EQ(run({"export", "mine", "--out", at("mine.onnx")}).status, 0);
  ASSERT_EQ(run({"score", at("mine.onnx"), at("cutouts"), "--precision", "f32", "--out", at("onnx.csv")}).status, 0);
  EXPECT_EQ(program::text_of(at("onnx.csv")), program::text_of(at("name.csv")));
  EXPECT_FALSE(fs::exists(folder_ / "data/models/mine/model.onnx"));
}

TEST_F(Models, OneThatIsExportedWithTtaScoresSoByItself) {
  const auto score = [&](const std::string& model, const char* out, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"score", model, at("cutouts"), "--precision", "f32", "--out", at(out)};
    words.insert(words.end(), more.begin(), more.end());
    const auto scored = run(words);
    EXPECT_EQ(scored.status, 0) << scored.err;
    return program::text_of(at(out));
  };
  ASSERT_EQ(run({"export", "mine", "--packed", "--tta", "--out", at("mean")}).status, 0);
  const std::string wanted = score("mine", "asked.csv", {"--tta"});
  EXPECT_EQ(score(at("mean"), "mean.csv"), wanted);
  EXPECT_EQ(score(at("mean"), "asked-again.csv", {"--tta"}), wanted) << "once, not twice";
  EXPECT_NE(score("mine", "plain.csv"), wanted);
}

TEST_F(Models, ANameThatIsNoneIsRefusedWithTheNearest) {
  const auto refused = run({"score", "mien", at("cutouts"), "--out", at("s.csv")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("mien: no such model"), HasSubstr("did you mean `mine`?")));
}

}  // namespace
