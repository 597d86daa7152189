#include "lensfind/score/portions.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/score/likeness.h"
#include "lensfind/score/scorer.h"
#include "lensfind/score/seeing.h"

namespace lensfind::score {
namespace {

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

constexpr const char* changed_list_hint =
    "was a list or a stack rewritten or removed? Bring it back and go on with --resume, or begin again with --overwrite";

/// Whether another stack would be opened where few more files can be.
bool opens_too_many(const Portion& portion) {
  const std::size_t count = portion.inputs.size();
  if (count < 2) return false;
  const auto& last = portion.inputs.back().source;
  return last->keeps_open() && last != portion.inputs[count - 2].source && descriptors_are_scarce();
}

/// A table of numbers that cannot be sorted helps nobody.
void set_aside(Outcome& outcome, const cutouts::Input& input, float logit) {
  outcome = {.name = input.name,
             .reason = fmt::format("the network gives {} for it, no score: are some of its pixels extreme?",
                                   std::isnan(logit) ? "no number (NaN)" : "infinity")};
}

}  // namespace

Portions::Portions(const cutouts::InputOptions& inputs, PortionPlan plan) : stream_{inputs}, plan_{std::move(plan)} {}

void Portions::wait_for_files() const {
  while (has_stacks_ && under_way_.use_count() > 1 && descriptors_are_scarce()) std::this_thread::sleep_for(std::chrono::milliseconds{5});
}

void Portions::pass_over() {
  while (!list_ended_ && position_ % plan_.chunk == 0 && !plan_.wanted(position_ / plan_.chunk)) {
    const std::int64_t skipped = stream_.skip(plan_.chunk);
    position_ += skipped;
    list_ended_ = skipped < plan_.chunk;
  }
}

std::optional<cutouts::Input> Portions::next_input() {
  for (auto wait = plan_.patience.begin();; ++wait) {
    try {
      return stream_.next();
    } catch (const MachineFault& fault) {
      if (wait == plan_.patience.end()) throw Error{fault.what(), fault.hint() + "; what is done is kept: go on with --resume"};
    }
    std::this_thread::sleep_for(*wait);  // portions that are under way close their files
  }
}

void Portions::add_next(Portion& portion) {
  const std::int64_t place = position_ % plan_.chunk;
  std::optional<cutouts::Input> input = next_input();
  if (!input) {
    list_ended_ = true;
    if (place > 0) check_chunk(portion.chunk, place);
    return;
  }
  print_.add(*input, place);
  has_stacks_ = has_stacks_ || input->source->keeps_open();
  portion.inputs.push_back(std::move(*input));
  ++position_;
  if (place + 1 == plan_.chunk) check_chunk(portion.chunk, plan_.chunk);
}

void Portions::check_chunk(std::int64_t chunk, std::int64_t count) {
  const std::vector<Hash128>& parts = plan_.counted.parts;
  const auto number = static_cast<std::size_t>(chunk);
  if (parts.empty() || (number < parts.size() && print_.take(count) == parts[number])) return;
  throw Error{fmt::format("the inputs are no longer the {} that were counted: they differ between numbers {} and {}", plan_.counted.count,
                          chunk * plan_.chunk, chunk * plan_.chunk + count),
              changed_list_hint};
}

std::optional<Portion> Portions::next() {
  wait_for_files();
  pass_over();
  Portion portion{position_ / plan_.chunk, {}, under_way_, position_};
  const auto max = static_cast<std::size_t>(std::min(static_cast<std::int64_t>(plan_.size), plan_.chunk - position_ % plan_.chunk));
  while (!list_ended_ && portion.inputs.size() < max && !opens_too_many(portion)) add_next(portion);
  if (!portion.inputs.empty()) return portion;
  ended_ = true;
  if (!plan_.counted.parts.empty() && position_ != plan_.counted.count)
    throw Error{fmt::format("there were {} inputs when they were counted, now there are {}", plan_.counted.count, position_),
                changed_list_hint};
  return {};
}

std::size_t PortionScorer::read(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes) {
  const image::ImageShape shape = stages_.model.shape();
  pixels_.resize(std::max(pixels_.size(), inputs.size() * shape.values()));
  const std::size_t bands = stages_.take_seeing() ? static_cast<std::size_t>(shape.bands) : 0;
  seeing_.resize(inputs.size() * bands);
  std::size_t good = 0;
  for (const cutouts::Input& input : inputs) {
    const bool is_measured = measuring_.step > 0 && place_++ % measuring_.step == 0;
    PatientReader::Reading reading = reader_.read(input, {shape, pixels_.data() + good * shape.values()});
    if (!reading.fitting) {
      outcomes.push_back({.name = input.name, .reason = std::move(reading.reason)});
      continue;
    }
    outcomes.push_back({.name = input.id, .scored = true, .columns = std::move(reading.columns), .fitting = *reading.fitting});
    if (bands > 0) take_seeing(input, outcomes.back().fitting, std::span{seeing_}.subspan(good * bands, bands));
    if (is_measured) outcomes.back().measured = measured_text(input, {shape, pixels_.data() + good * shape.values()}, measuring_.scaling);
    ++good;
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

void PortionScorer::run_stages(std::span<const cutouts::Input> inputs, std::span<Outcome> outcomes, std::size_t good) {
  const std::size_t values = stages_.model.shape().values();
  const std::size_t bands = stages_.take_seeing() ? static_cast<std::size_t>(stages_.model.shape().bands) : 0;
  const std::vector<float> logits = logits_of(stages_.student ? *stages_.student : stages_.model, std::span{pixels_}.first(good * values),
                                              good, std::span{seeing_}.first(good * bands));
  std::size_t row = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    Outcome& outcome = outcomes[i];
    if (!outcome.scored) continue;
    const float logit = logits[row];
    const auto cutout = std::span{pixels_}.subspan(values * row, values);
    const auto seeing = std::span{seeing_}.subspan(bands * row++, bands);
    if (!std::isfinite(logit)) {
      set_aside(outcome, inputs[i], logit);
    } else if (!stages_.student) {
      outcome.logit = logit;
    } else if (stages_.cascade.passes(logit)) {
      pass_on(inputs[i], outcome, cutout, seeing);
    } else {
      outcome.logit = stages_.cascade.cut_off(logit);
      outcome.student_logit = logit;
      outcome.columns += ",student";
    }
  }
}

void PortionScorer::pass_on(const cutouts::Input& input, Outcome& outcome, std::span<const float> cutout, std::span<const float> seeing) {
  passed_.push_back({&input, &outcome});
  passed_pixels_.insert(passed_pixels_.end(), cutout.begin(), cutout.end());
  passed_seeing_.insert(passed_seeing_.end(), seeing.begin(), seeing.end());
  if (passed_.size() == stages_.model.batch()) flush_teacher_batch();
}

void PortionScorer::flush_teacher_batch() {
  if (passed_.empty()) return;
  const std::vector<float> logits = logits_of(stages_.model, passed_pixels_, passed_.size(), passed_seeing_);
  for (std::size_t i = 0; i < passed_.size(); ++i) {
    const auto& [input, outcome] = passed_[i];
    outcome->logit = stages_.cascade.seen(logits[i]);
    outcome->columns += ",teacher";
    if (!std::isfinite(outcome->logit)) set_aside(*outcome, *input, logits[i]);
  }
  passed_.clear();
  passed_pixels_.clear();
  passed_seeing_.clear();
}

ScoredPortion PortionScorer::operator()(const Portion& portion) {
  ScoredPortion scored{portion.chunk, {}};
  place_ = portion.first;
  scored.outcomes.reserve(portion.inputs.size());  // what waits for the teacher is pointed to
  const std::span<const cutouts::Input> inputs = portion.inputs;
  for (std::size_t begin = 0; begin < inputs.size(); begin += stages_.batch()) {
    const std::size_t count = std::min(stages_.batch(), inputs.size() - begin);
    const std::size_t good = read_together(inputs.subspan(begin, count), scored.outcomes);
    if (good > 0) run_stages(inputs.subspan(begin, count), std::span{scored.outcomes}.last(count), good);
  }
  flush_teacher_batch();
  return scored;
}

}  // namespace lensfind::score
