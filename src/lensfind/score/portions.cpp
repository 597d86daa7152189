#include "lensfind/score/portions.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/resource.h>

#include "lensfind/base/error.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {
namespace {

/// The reason of an Error without the file's name, which stands in the table already.
std::string reason_of(const Error& error, const cutouts::Input& input) {
  const std::string text = error.what();
  const std::string name = input.name + ": ";
  const auto at = text.find(name);
  return at == std::string::npos ? text : text.substr(at + name.size());
}

/// What this thread has had from disks, and how often it gave the processor away, as it does to wait for one.
struct DiskUse {
  long blocks, waits;
};
DiskUse disk_use() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return {usage.ru_inblock, usage.ru_nvcsw};
}

/// Whether reading `files` files needed a disk. Not every file system counts blocks; a wait now and then is another thread's doing.
bool needed_disk(const DiskUse& before, std::size_t files) {
  const DiskUse now = disk_use();
  return now.blocks > before.blocks || static_cast<std::size_t>(now.waits - before.waits) > files / 4;
}

}  // namespace

Portions::Portions(const cutouts::InputOptions& inputs, std::int64_t chunk_size, std::size_t size, std::function<bool(std::int64_t)> wanted)
    : stream_{inputs}, chunk_size_{chunk_size}, size_{static_cast<std::int64_t>(size)}, wanted_{std::move(wanted)} {}

std::optional<Portion> Portions::next() {
  std::int64_t place = position_ % chunk_size_;
  while (place == 0 && !wanted_(position_ / chunk_size_)) {
    const std::int64_t skipped = stream_.skip(chunk_size_);
    position_ += skipped;
    place = position_ % chunk_size_;
    if (skipped < chunk_size_) break;
  }
  Portion portion{position_ / chunk_size_, {}};
  for (std::int64_t left = std::min(size_, chunk_size_ - place); left > 0; --left) {
    std::optional<cutouts::Input> input = stream_.next();
    if (!input) break;
    portion.inputs.push_back(std::move(*input));
    ++position_;
  }
  if (!portion.inputs.empty()) return portion;
  ended_ = true;
  return {};
}

std::size_t PortionScorer::read(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes) {
  const ImageShape shape = stages_.model.shape();
  pixels_.resize(std::max(pixels_.size(), inputs.size() * shape.values()));
  std::size_t good = 0;
  for (const cutouts::Input& input : inputs) {
    try {
      const double missing = cutouts::read_input(input, {shape, pixels_.data() + good * shape.values()});
      outcomes.push_back({.name = input.id, .scored = true, .columns = input.columns});
      if (input.reports_missing) outcomes.back().columns += fmt::format(",{:.3g}", missing);
      ++good;
    } catch (const Error& error) {
      outcomes.push_back({.name = input.name, .reason = reason_of(error, input)});
    }
  }
  return good;
}

std::size_t PortionScorer::read_together(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes) {
  const DiskUse before = disk_use();
  // What is in the system's cache is read sooner than asked for.
  if (disk_is_needed_) {
    for (const cutouts::Input& input : inputs) input.source->prefetch(input.index);
  }
  const std::size_t good = read(inputs, outcomes);
  disk_is_needed_ = needed_disk(before, inputs.size());
  return good;
}

void PortionScorer::judge(std::span<Outcome> outcomes, std::size_t good) {
  const std::size_t values = stages_.model.shape().values();
  const std::vector<float> logits =
      logits_of(stages_.student ? *stages_.student : stages_.model, std::span{pixels_}.first(good * values), good);
  std::size_t row = 0;
  for (Outcome& outcome : outcomes) {
    if (!outcome.scored) continue;
    const float logit = logits[row];
    const auto cutout = std::span{pixels_}.subspan(values * row++, values);
    if (!stages_.student) {
      outcome.logit = logit;
    } else if (stages_.cascade.passes(logit)) {
      pass_on(outcome, cutout);
    } else {
      outcome.logit = stages_.cascade.cut_off(logit);
      outcome.student_logit = logit;
      outcome.columns += ",student";
    }
  }
}

void PortionScorer::pass_on(Outcome& outcome, std::span<const float> cutout) {
  passed_.push_back(&outcome);
  passed_pixels_.insert(passed_pixels_.end(), cutout.begin(), cutout.end());
  if (passed_.size() == stages_.model.batch()) let_teacher_see();
}

void PortionScorer::let_teacher_see() {
  if (passed_.empty()) return;
  const std::vector<float> logits = logits_of(stages_.model, passed_pixels_, passed_.size());
  for (std::size_t i = 0; i < passed_.size(); ++i) {
    passed_[i]->logit = stages_.cascade.seen(logits[i]);
    passed_[i]->columns += ",teacher";
  }
  passed_.clear();
  passed_pixels_.clear();
}

ScoredPortion PortionScorer::operator()(const Portion& portion) {
  ScoredPortion scored{portion.chunk, {}};
  scored.outcomes.reserve(portion.inputs.size());  // what waits for the teacher is pointed to
  const std::span<const cutouts::Input> inputs = portion.inputs;
  for (std::size_t begin = 0; begin < inputs.size(); begin += stages_.batch()) {
    const std::size_t count = std::min(stages_.batch(), inputs.size() - begin);
    const std::size_t good = read_together(inputs.subspan(begin, count), scored.outcomes);
    if (good > 0) judge(std::span{scored.outcomes}.last(count), good);
  }
  let_teacher_see();
  return scored;
}

}  // namespace lensfind::score
