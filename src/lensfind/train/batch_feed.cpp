#include "lensfind/train/batch_feed.h"

#include <algorithm>
#include <optional>
#include <thread>

#include "lensfind/base/error.h"
#include "lensfind/train/prepare.h"

namespace lensfind::train {
namespace {

class PreparedFeed final : public BatchFeed {
 public:
  explicit PreparedFeed(Prepared prepared)
      : prepared_{std::move(prepared)},
        validation_{prepared_.split.validation()},
        maker_{prepared_.recipe, prepared_.preprocessing, prepared_.data, prepared_.targets} {}

  [[nodiscard]] const std::vector<std::string>& band_names() const override { return prepared_.band_names; }
  [[nodiscard]] const dataset::Dataset& data() const override { return prepared_.data; }
  [[nodiscard]] const std::vector<std::int64_t>& training() const override { return prepared_.split.train; }
  [[nodiscard]] const std::vector<std::int64_t>& validation() const override { return validation_; }

  std::int64_t begin(int epoch) override {
    stream_.reset();  // it refers to the plan
    plan_ = plan_epoch(prepared_.recipe, prepared_.split.train, prepared_.mined, prepared_.data.samples, epoch);
    left_ = plan_.batches();
    stream_.emplace(maker_, plan_, epoch, 0, std::max(1, prepared_.threads));
    return left_;
  }
  TrainBatch next() override {
    if (!stream_ || left_ == 0) throw Error{"the epoch has no further batch", "begin the next epoch"};
    --left_;
    return stream_->next();
  }
  [[nodiscard]] TrainBatch plain(std::span<const std::int64_t> samples) const override { return maker_.plain(samples); }

 private:
  Prepared prepared_;
  std::vector<std::int64_t> validation_;
  BatchMaker maker_;
  EpochPlan plan_;
  std::int64_t left_ = 0;
  std::optional<BatchStream> stream_;
};

}  // namespace

std::unique_ptr<BatchFeed> open_batch_feed(const TrainOptions& options, Progress& progress, const StopFlag& stop) {
  return std::make_unique<PreparedFeed>(prepare(options, progress, stop));
}

}  // namespace lensfind::train
