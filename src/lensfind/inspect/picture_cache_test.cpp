#include "lensfind/inspect/picture_cache.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

/// Draws 10 x 10 pixels whose grey is the object's number, and counts.
struct Drawing {
  std::atomic<int> count = 0;
  Drawn operator()(std::size_t object, const View&) {
    ++count;
    return {.picture = {10, 10, 1, std::vector<std::uint8_t>(100, static_cast<std::uint8_t>(object))}};
  }
};

TEST(PictureCache, DrawsEachViewOnce) {
  Drawing drawing;
  PictureCache cache{std::ref(drawing)};
  const auto first = cache.get(3, {});
  EXPECT_EQ(cache.get(3, {})->png, first->png);
  EXPECT_EQ(drawing.count, 1);
  EXPECT_EQ(first->facts.at("width").as_integer(), 10);
  for (const View& view : {View{.scaling = View::Scaling::sqrt}, View{.band = 0}, View{.residual = View::Residual::smooth},
                           View{.residual = View::Residual::fit}, View{.field = 2}})
    (void)cache.get(3, view);
  EXPECT_EQ(drawing.count, 6) << "another view is another picture";
  EXPECT_NE(cache.get(4, {})->png, first->png);
}

TEST(PictureCache, ForgetsWhatWasUsedLongestAgo) {
  Drawing drawing;
  const std::size_t one = rendered(Drawing{}(0, {})).png.size() + 500;
  PictureCache cache{std::ref(drawing), 3 * one + one / 2};
  for (const std::size_t object : {0U, 1U, 2U, 0U, 3U}) (void)cache.get(object, {});
  EXPECT_EQ(drawing.count, 4);
  EXPECT_LE(cache.bytes(), 3 * one + one / 2);
  (void)cache.get(0, {});
  EXPECT_EQ(drawing.count, 4) << "it was used last but one";
  (void)cache.get(1, {});
  EXPECT_EQ(drawing.count, 5);
}

TEST(PictureCache, AFailureIsSaidToAllWhoWaitAndTriedAgain) {
  std::atomic<int> tries = 0;
  PictureCache cache{[&](std::size_t, const View&) -> Drawn {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    if (++tries == 1) throw Error{"the disk is away", "bring it back"};
    return {.picture = {1, 1, 1, {7}}};
  }};
  std::atomic<int> failed = 0;
  {
    std::vector<std::jthread> waiting;
    for (int i = 0; i < 4; ++i)
      waiting.emplace_back([&] {
        try {
          (void)cache.get(0, {});
        } catch (const Error&) {
          ++failed;
        }
      });
  }
  EXPECT_GE(failed, 1);
  EXPECT_FALSE(cache.get(0, {})->png.empty());
}

}  // namespace
}  // namespace lensfind::inspect
