#include "lensfind/score/portions.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {
namespace {

/// The reason of an Error without the file's name, which stands in the table already.
std::string reason_of(const Error& error, const Input& input) {
  const std::string text = error.what();
  const std::string name = input.name + ": ";
  const auto at = text.find(name);
  return at == std::string::npos ? text : text.substr(at + name.size());
}

}  // namespace

Portions::Portions(const InputOptions& inputs, std::int64_t chunk_size, std::size_t size, std::function<bool(std::int64_t)> wanted)
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
    std::optional<Input> input = stream_.next();
    if (!input) break;
    portion.inputs.push_back(std::move(*input));
    ++position_;
  }
  if (!portion.inputs.empty()) return portion;
  ended_ = true;
  return {};
}

ScoredPortion score_portion(Engine& engine, const Portion& portion, std::vector<float>& pixels) {
  const ImageShape shape = engine.shape();
  pixels.resize(std::max(pixels.size(), portion.inputs.size() * shape.values()));
  ScoredPortion scored{portion.chunk, {}};
  std::size_t good = 0;
  for (const Input& input : portion.inputs) {
    try {
      const double missing = read_input(input, {shape, pixels.data() + good * shape.values()});
      scored.outcomes.push_back({.name = input.id, .scored = true, .columns = input.columns});
      if (input.reports_missing) scored.outcomes.back().columns += fmt::format(",{:.3g}", missing);
      ++good;
    } catch (const Error& error) {
      scored.outcomes.push_back({.name = input.name, .reason = reason_of(error, input)});
    }
  }
  if (good == 0) return scored;
  const std::vector<float> outputs = engine.run(std::span{pixels}.first(good * shape.values()), good);
  const auto width = static_cast<std::size_t>(engine.outputs());
  std::size_t row = 0;
  for (Outcome& outcome : scored.outcomes) {
    if (outcome.scored) outcome.logit = static_cast<float>(logit_of(std::span{outputs}.subspan(width * row++, width)));
  }
  return scored;
}

}  // namespace lensfind::score
