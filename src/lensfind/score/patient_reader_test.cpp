#include "lensfind/score/patient_reader.h"

#include <new>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"

namespace lensfind::score {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Fails in some way a number of times, then is read.
class FailingSource final : public cutouts::Source {
 public:
  FailingSource(std::function<void()> fail, int times) : fail_{std::move(fail)}, times_{times} {}
  cutouts::Cutout read(std::int64_t) const override {
    if (tries_++ < times_) fail_();
    return {image::Image{{1, 1, 1}, 7}};
  }
  [[nodiscard]] int tries() const { return tries_; }

 private:
  std::function<void()> fail_;
  int times_;
  mutable int tries_ = 0;
};

constexpr int always = 1000;

class Patience3 : public ::testing::Test {
 protected:
  PatientReader::Reading read(std::function<void()> fail, int times) {
    source_ = std::make_shared<FailingSource>(std::move(fail), times);
    return PatientReader{Patience(3)}.read({.id = "a", .name = "a.npy", .source = source_}, image_.view());
  }
  image::Image image_{image::ImageShape{1, 1, 1}};
  std::shared_ptr<FailingSource> source_;
};

TEST_F(Patience3, OutlastsAFaultOfTheMachine) {
  const auto reading = read([] { throw_file_error("a.npy", EMFILE); }, 3);
  EXPECT_TRUE(reading.fitting);
  EXPECT_EQ(image_.at(0, 0, 0), 7);
  EXPECT_EQ(source_->tries(), 4);
}

TEST_F(Patience3, DoesNotSetAsideWhatTheMachineCannotRead) {
  for (const int error : {EMFILE, ENFILE, ENOMEM, EIO, ESTALE}) {
    EXPECT_THROW(read([&] { throw_file_error("a.npy", error); }, always), Error) << error;
    EXPECT_THROW(read([&] { throw std::filesystem::filesystem_error{"stat", {error, std::generic_category()}}; }, always), Error) << error;
    EXPECT_EQ(source_->tries(), 4);
  }
}

TEST_F(Patience3, SetsAsideWhatIsTheInputsOwnFaultAtOnce) {
  EXPECT_EQ(read([] { throw Error{"/in/a.npy: is cut short", "copy it again"}; }, always).reason, "is cut short");
  EXPECT_EQ(source_->tries(), 1);
  EXPECT_THAT(read([] { throw_file_error("/in/a.npy", EACCES); }, always).reason, HasSubstr("Permission denied"));
  EXPECT_THAT(read([] { std::vector<int>().reserve(std::size_t{1} << 62); }, always).reason, HasSubstr("cannot be read"));
  EXPECT_THAT(read([] { throw 7; }, always).reason, HasSubstr("cannot be read"));
  EXPECT_EQ(source_->tries(), 1);
}

TEST_F(Patience3, SetsAsideWhatNeedsMoreMemoryThanThereIs) {
  EXPECT_THAT(read([] { throw std::bad_alloc{}; }, always).reason, HasSubstr("more memory"));
  EXPECT_TRUE(read([] { throw std::bad_alloc{}; }, 1).fitting);  // others had it
}

TEST_F(Patience3, BelievesNoFaultOfAFileWhereFewMoreCanBeOpened) {
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const int lowest = ::open("/dev/null", O_RDONLY);
  ::close(lowest);
  const rlimit few{static_cast<rlim_t>(lowest) + 1, before.rlim_max};
  EXPECT_FALSE(descriptors_are_scarce());
  ::setrlimit(RLIMIT_NOFILE, &few);
  EXPECT_TRUE(descriptors_are_scarce());
  const auto fail = [&] { throw Error{"does not begin as FITS do", "check it"}; };  // a library that could not open it
  EXPECT_TRUE(read(fail, 2).fitting);
  EXPECT_THROW(read(fail, always), Error);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace lensfind::score
