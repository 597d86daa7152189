#include <filesystem>

#include <fmt/format.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/npy.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class CheckAgainst : public Program {
 protected:
  /// A labelled set of white noise, lenses and non-lenses alike.
  void write(const std::string& name, double std_dev, std::uint64_t seed) const {
    for (const char* part : {"train_lenses", "train_nonlenses"}) {
      fs::create_directories(folder_ / name / part);
      for (int i = 1; i <= 40; ++i) {
        lensfind::image::Image image{lensfind::image::ImageShape{2, 24, 24}};
        lensfind::RandomStream random{++seed, lensfind::Purpose::test};
        for (float& value : image.values()) value = static_cast<float>(random.normal(0, std_dev));
        lensfind::image::write_npy(folder_ / name / part / fmt::format("{}.npy", i), image.view());
      }
    }
  }
  [[nodiscard]] static double auc(const program::Result& checked, std::size_t of_class, const char* which = "value") {
    return lensfind::parse_json(checked.out, "stdout").at("against").at("classes").as_array()[of_class].at("auc").at(which).as_number();
  }
};

TEST_F(CheckAgainst, TellsNoisierSetsApartAndOneLawNot) {
  write("a", 1, 1000);
  write("b", 1, 2000);
  write("noisy", 1.5, 3000);
  const auto same = run({"check", at("a"), "--against", at("b"), "--shortcut-sample", "0", "--json"});
  ASSERT_EQ(same.status, 0) << same.err;
  const auto other = run({"check", at("a"), "--against", at("noisy"), "--shortcut-sample", "0", "--json", "--out", at("likeness")});
  ASSERT_EQ(other.status, 0) << other.err;
  for (const std::size_t of_class : {0u, 1u}) {
    EXPECT_LT(auc(same, of_class, "low"), .55);
    EXPECT_GT(auc(other, of_class, "low"), .8);
  }
  for (const char* name : {"against.json", "numbers.csv", "cutouts.png", "numbers.svg"})
    EXPECT_TRUE(fs::exists(folder_ / "likeness" / name)) << name;
  const auto told = run({"check", at("a"), "--against", at("noisy"), "--shortcut-sample", "0"});
  EXPECT_THAT(told.out, HasSubstr("lenses: 40 against 40"));
  EXPECT_THAT(told.out, HasSubstr("noise in "));
}

TEST_F(CheckAgainst, RefusesAnOutWithoutIt) {
  const auto wrong = run({"check", at("a"), "--out", at("b")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("--against"));
}

}  // namespace
