#include <map>

#include "lensfind/base/fields.h"
#include "lensfind/base/value.h"
#include "lensfind/model/training_images.h"
#include "program.h"

#ifdef LENSFIND_WITH_TRAIN

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class Likeness : public Program {};

TEST_F(Likeness, OfScoredImagesIsJudgedByWhatTrainingKept) {
  const auto made = run({"simulate", at("set"), "--survey", "hsc", "--scaling", "minmax", "--lenses", "60", "--nonlenses", "140",
                         "--test-lenses", "20", "--test-nonlenses", "40"});
  ASSERT_EQ(made.status, 0) << made.err;
  const auto trained = run({"train", "--recipe", "demo", "--data", at("set"), "--out", at("model"), "--set", "epochs=1"});
  ASSERT_EQ(trained.status, 0) << trained.err;
  lensfind::model::TrainingImages kept;
  lensfind::read_fields(lensfind::read_json(folder_ / "model/model.json").at("training_images"), kept, "model.json");
  EXPECT_EQ(kept.cutouts, 170);  // the demo's recipe holds 15% out
  for (const lensfind::model::StatisticQuantiles& entry : kept.statistics) {
    if (entry.statistic == "lowest") {
      EXPECT_NEAR(entry.quantiles.back(), 0, 1e-6);  // min-max scaled
    }
    if (entry.statistic == "highest") {
      EXPECT_NEAR(entry.quantiles.front(), 1, 1e-6);
    }
    if (entry.statistic == "pixel_scale_arcsec") {
      EXPECT_NEAR(entry.quantiles[5], .168, 1e-9);  // HSC's
    }
  }
  const auto own = run({"score", at("model"), at("set/test_lenses"), at("set/test_nonlenses"), "--out", at("own.csv")});
  ASSERT_EQ(own.status, 0) << own.err;
  EXPECT_THAT(own.out, HasSubstr("these look like the images the model was trained on (60 measured)"));

  // Another survey's: genuine ones where they are.
  fs::path lenses = program::shared_folder() / "data/ps1-lenses";
  if (program::shared_folder().empty() || !fs::exists(lenses)) {
    lenses = folder_ / "ps1-set";
    const auto simulated = run({"simulate", lenses.string(), "--survey", "ps1", "--test-lenses", "24", "--format", "fits"});
    ASSERT_EQ(simulated.status, 0) << simulated.err;
  }
  const auto scored = run({"score", at("model"), lenses.string(), "--out", at("ps1.csv"), "--top", "3"});
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_THAT(scored.out, HasSubstr("warning: these look like another survey's images, not like those the model was trained on; scores of "
                                    "such images were never tried"));
  EXPECT_THAT(scored.out, HasSubstr("the width of the sharpest sources is"));
  EXPECT_THAT(scored.out, HasSubstr("the width of a pixel in arcsec is 1.5 times that of the training images (0.25 against 0.168)"));
  EXPECT_THAT(program::text_of(folder_ / "ps1.top.html"), HasSubstr("another survey&#39;s images"));
}

}  // namespace

#endif
