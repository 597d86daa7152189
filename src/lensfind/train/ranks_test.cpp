#include <cmath>
#include <mutex>

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "lensfind/model/model.h"
#include "lensfind/testing/thread_ranks.h"
#include "lensfind/train/batches.h"
#include "lensfind/train/loss.h"
#include "lensfind/train/test_training.h"

namespace lensfind::train {
namespace {

TEST(BatchPart, PartsShareABatchAndNoneHasOneCutoutAlone) {
  for (const int count : {1, 2, 3, 7}) {
    for (std::size_t size = 1; size < 40; ++size) {
      std::size_t next = 0;
      for (int index = 0; index < count; ++index) {
        const auto [first, last] = places_of({index, count}, size);
        EXPECT_EQ(first, next);
        EXPECT_TRUE(last - first != 1 || size == 1) << size << " in " << count;
        next = last;
      }
      EXPECT_EQ(next, size);
    }
  }
}

TEST(LossWeight, TheLossOfABatchIsTheMeanOfItsPartsByIt) {
  const std::vector<float> lens{1, 0, 0, .3F, 1, 0, 0};
  const at::Tensor logits = at::linspace(-2, 3, 14).reshape({7, 2});
  for (const LossKind kind : {LossKind::softmax, LossKind::bce, LossKind::focal}) {
    const LossSettings settings{.kind = kind, .positive_weight = 3.5, .label_smoothing = .1};
    const auto part = [&](std::size_t first, std::size_t last) {
      std::vector<float> some(lens.begin() + static_cast<std::ptrdiff_t>(first), lens.begin() + static_cast<std::ptrdiff_t>(last));
      const at::Tensor target = at::from_blob(some.data(), {static_cast<std::int64_t>(some.size())}, at::kFloat);
      const at::Tensor of = logits.slice(0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last));
      return std::pair{loss(of, target, settings).item<double>(), loss_weight(some, settings)};
    };
    const auto [whole, all] = part(0, 7);
    const auto [left, left_weight] = part(0, 3);
    const auto [right, right_weight] = part(3, 7);
    EXPECT_NEAR(left_weight + right_weight, all, 1e-12);
    EXPECT_NEAR((left * left_weight + right * right_weight) / all, whole, 1e-6);
  }
}

/// Asks to stop as soon as the first epoch begins.
class StopAtTraining final : public Progress {
 public:
  void start(const std::string& task, std::int64_t, const std::string&) override { stop = stop || task.starts_with("epoch"); }
  void advance(std::int64_t) override {}
  void line(const std::string&) override {}
  void warn(const std::string&) override {}
  void finish() override {}

  StopFlag stop{false};
};

class RanksTraining : public Training {
 protected:
  /// Trains in so many ranks. Returns how many messages they sent together.
  int train_in(int ranks, TrainOptions options, std::vector<TrainResult>* results = nullptr) const {
    std::mutex mutex;
    return test::run_ranks(ranks, [&](Ranks& rank) {
      TrainOptions own = options;
      own.ranks = &rank;
      const TrainResult result = train(own);
      const std::scoped_lock lock{mutex};
      if (results) results->push_back(result);
    });
  }
};

TEST_F(RanksTraining, TakeTheStepsOfOneProcessWhereBatchNormsAreFixed) {
  // A batch norm's statistics are of a rank's own part. Where all are fixed, gradients are those of the whole batch to rounding.
  const std::vector<std::string> set{all_but_the_classifier, "rate=0.05",         "ema_decay=0.9",
                                     "loss=softmax",         "positive_weight=2", R"(imbalance=["weight"])"};
  const TrainResult one = train(options("one", set));
  std::vector<TrainResult> results;
  const int messages = train_in(3, options("three", set), &results);
  ASSERT_EQ(results.size(), 3u);
  const std::int64_t steps = 2 * 3;              // two epochs of 24 cutouts in batches of 8
  EXPECT_EQ(messages, steps + 2 + 2 * (2 + 1));  // the beginning; validation of each epoch and of the end
  for (const TrainResult& result : results) {
    ASSERT_EQ(result.history.size(), one.history.size());
    for (std::size_t e = 0; e < one.history.size(); ++e) {
      EXPECT_NEAR(result.history[e].train_loss, one.history[e].train_loss, 1e-5);
      EXPECT_NEAR(result.history[e].validation_loss, one.history[e].validation_loss, 1e-5);
      EXPECT_EQ(result.history[e].images, one.history[e].images);
    }
  }
  const network::Weights expected = model::load_model(root_ / "one").weights, found = model::load_model(root_ / "three").weights;
  double largest = 0;
  for (const auto& [name, array] : expected) {
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      largest = std::max(largest, static_cast<double>(std::abs(array.values[i] - found.at(name).values[i])));
    }
  }
  EXPECT_LT(largest, 1e-5);
  EXPECT_NE(one.history[0].train_loss, one.history[1].train_loss);  // it did learn
}

TEST_F(RanksTraining, LearnTheWholeNetworkToTheSameLossAlike) {
  const std::vector<std::string> set{"epochs=6", "batch=12", "keep=last"};
  const TrainResult one = train(options("one", set));
  std::vector<TrainResult> results;
  train_in(2, options("two", set), &results);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].history.back().train_loss, results[1].history.back().train_loss);
  EXPECT_EQ(results[0].history.back().validation_loss, results[1].history.back().validation_loss);
  EXPECT_LT(results[0].history.back().train_loss, .5 * results[0].history.front().train_loss);
  for (std::size_t e = 0; e < one.history.size(); ++e) EXPECT_NEAR(results[0].history[e].train_loss, one.history[e].train_loss, .15);
  // Twice the same: nothing hangs on which rank comes first.
  const std::string weights = bytes("two");
  TrainOptions again = options("again", set);
  train_in(2, again);
  EXPECT_EQ(bytes("again"), weights);
}

TEST_F(RanksTraining, OneThatIsToldToStopStopsAllAndTheyGoOnToTheSameEnd) {
  const std::vector<std::string> set{"epochs=3"};
  train_in(2, options("whole", set));
  std::atomic<int> stopped{0};
  test::run_ranks(2, [&](Ranks& rank) {
    TrainOptions own = options("broken", set);
    own.ranks = &rank;
    StopAtTraining progress;
    try {
      train(own, progress, rank.rank() == 1 ? progress.stop : never_stop());
    } catch (const Stopped& stop) {
      EXPECT_THAT(stop.what(), ::testing::HasSubstr("after 1 of 3 batches"));
      ++stopped;
    }
  });
  ASSERT_EQ(stopped, 2);
  TrainOptions rest = options("broken", set);
  rest.resume = true;
  train_in(2, rest);
  EXPECT_EQ(bytes("broken"), bytes("whole"));
}

TEST_F(RanksTraining, OneThatIsToldToStopBeforeTrainingStopsAll) {
  std::atomic<int> stopped{0};
  test::run_ranks(2, [&](Ranks& rank) {
    TrainOptions own = options("run");
    own.ranks = &rank;
    const StopFlag told{rank.rank() == 1};
    try {
      train(own, no_progress(), told);
    } catch (const Stopped&) {
      ++stopped;
    }
  });
  EXPECT_EQ(stopped, 2);
  EXPECT_FALSE(fs::exists(root_ / "run"));
}

TEST_F(RanksTraining, RefuseDataThatDiffer) {
  fs::copy(root_ / "set", root_ / "other", fs::copy_options::recursive);
  write("other/train_lenses", 1, false, 7);  // one cutout is another
  std::atomic<int> refused{0};
  test::run_ranks(2, [&](Ranks& rank) {
    TrainOptions own = options("run");
    own.ranks = &rank;
    if (rank.rank() == 1) own.data = root_ / "other";
    try {
      train(own);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("given different data"));
      ++refused;
    }
  });
  EXPECT_GE(refused, 1);
}

}  // namespace
}  // namespace lensfind::train
