#include "lensfind/score/portions.h"

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lensfind/cutouts/test_folder.h"
#include "lensfind/score/fake_engine.h"

namespace lensfind::score {
namespace {

constexpr image::ImageShape one_pixel{1, 1, 1};

/// Writes down what it is asked for.
class NotedSource final : public cutouts::Source {
 public:
  NotedSource(std::vector<std::string>& notes, bool waits) : notes_{notes}, waits_{waits} {}
  cutouts::Cutout read(std::int64_t) const override {
    if (waits_) std::this_thread::sleep_for(std::chrono::microseconds{50});
    notes_.emplace_back("read");
    return {image::Image{one_pixel}};
  }
  void prefetch(std::int64_t) const override { notes_.emplace_back("prefetch"); }

 private:
  std::vector<std::string>& notes_;
  bool waits_;
};

class Reading : public cutouts::TestFolder {
 protected:
  static Portion portion(const std::shared_ptr<const cutouts::Source>& source) {
    return {0, std::vector<cutouts::Input>(8, cutouts::Input{.source = source})};
  }
  /// What reading a portion asks for.
  std::vector<std::string> noted(bool waits) {
    notes_.clear();
    scorer_(portion(std::make_shared<NotedSource>(notes_, waits)));
    return notes_;
  }

  FakeEngine engine_{one_pixel};
  PortionScorer scorer_{Stages{engine_}};
  std::vector<std::string> notes_;
  const std::vector<std::string> reads_ = std::vector<std::string>(8, "read");
  std::vector<std::string> ahead_ = std::vector<std::string>(8, "prefetch");

  Reading() { ahead_.insert(ahead_.end(), reads_.begin(), reads_.end()); }
};

TEST_F(Reading, AsksForAllCutoutsAheadWhereTheLastOnesHadToBeWaitedFor) {
  noted(true);
  EXPECT_EQ(noted(false), ahead_);
}

TEST_F(Reading, AsksForNothingAheadWhereTheLastOnesWereThere) {
  noted(false);
  EXPECT_EQ(noted(true), reads_);
  EXPECT_EQ(noted(true), ahead_);
}

TEST_F(Reading, AsksForTheFirstCutoutsAhead) { EXPECT_EQ(noted(false), ahead_); }

TEST_F(Reading, AsksForCutoutsAheadWhereTheLastOnesCameFromADisk) {
  noted(false);
  cutout("a.npy", 1, one_pixel);
  const int descriptor = ::open((folder_ / "a.npy").c_str(), O_RDONLY);
  ::fsync(descriptor);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
  rusage before{}, after{};
  ::getrusage(RUSAGE_THREAD, &before);
  scorer_(portion(cutouts::cutout_source(folder_ / "a.npy", cutouts::FileKind::npy, {})));
  ::getrusage(RUSAGE_THREAD, &after);
  if (after.ru_inblock == before.ru_inblock) GTEST_SKIP() << "files in " << ::testing::TempDir() << " come from no disk that counts";
  EXPECT_EQ(noted(false), ahead_);
}

}  // namespace
}  // namespace lensfind::score
