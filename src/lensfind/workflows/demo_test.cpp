#include "lensfind/workflows/demo.h"

#include <gmock/gmock.h>

namespace lensfind::workflows {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DemoCommands, BeginWithTheInstalledModelWhereThereIsOne) {
  DemoOptions options{.out = "d", .threads = 2};
  EXPECT_THAT(demo_commands(options).at(1), HasSubstr("train --recipe demo --data d/cutouts --out d/model --seed 0"));
  EXPECT_THAT(demo_commands(options).at(1), Not(HasSubstr("initial_weights")));
  options.model_folders = {LENSFIND_SOURCE_DIR "/models"};
  EXPECT_THAT(demo_commands(options).at(1),
              HasSubstr("--out d/model --set network=equivariant_d4 --set initial_weights=deeplense --set epochs=1 --seed 0"));
}

}  // namespace
}  // namespace lensfind::workflows
