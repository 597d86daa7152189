#include "lensfind/model/history.h"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"

namespace lensfind::model {
namespace {

using ::testing::HasSubstr;

TEST(ReadHistory, ReadsColumnsByName) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "history.csv"}
      << "epoch,train_loss,validation_loss,validation_auc,validation_average_precision,learning_rate,images,seconds\n"
         "1,0.5,0.25,0.9,,0.001,30000,12.5\n";
  const std::vector<EpochRecord> rows = read_history(folder.path() / "history.csv");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].epoch, 1);
  EXPECT_EQ(rows[0].validation_loss, .25);
  EXPECT_TRUE(std::isnan(rows[0].validation_average_precision));
  EXPECT_EQ(rows[0].images, 30000);
}

TEST(ReadHistory, NamesTheCellThatIsNoNumber) {
  const TemporaryFolder folder;
  std::ofstream{folder.path() / "history.csv"}
      << "epoch,train_loss,validation_loss,validation_auc,validation_average_precision,learning_rate,images,seconds\n"
         "1,high,0.25,0.9,0.1,0.001,30000,12.5\n";
  EXPECT_THAT([&] { read_history(folder.path() / "history.csv"); }, ::testing::ThrowsMessage<Error>(HasSubstr("'high'")));
}

TEST(WriteHistory, ReadsBackToTheLastDigitButForMilliseconds) {
  const TemporaryFolder folder;
  const std::vector<EpochRecord> history{{1, 1. / 3, .1, .9, .8, 1e-4, 30000, 12.5}, {2, 2. / 3, .05, .95, .85, 1e-5, 30000, 11.25}};
  write_history(folder.path() / "history.csv", history);
  EXPECT_EQ(read_history(folder.path() / "history.csv"), history);
}

}  // namespace
}  // namespace lensfind::model
