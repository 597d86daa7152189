#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/score/engine.h"
#include "lensfind/score/inputs.h"

namespace lensfind::score {

/// Inputs that go through the engine together; they all lie in one chunk.
struct Portion {
  std::int64_t chunk = 0;
  std::vector<Input> inputs;
};

/// What became of one input.
struct Outcome {
  std::string name;  ///< id of a scored input, name of a rejected one
  bool scored = false;
  float logit = 0;
  std::string reason;   ///< of a rejected one
  std::string columns;  ///< further fields of the row
};
struct ScoredPortion {
  std::int64_t chunk = 0;
  std::vector<Outcome> outcomes;
};

/// Hands out the inputs of the chunks that are wanted, in order.
class Portions {
 public:
  /// Chunks of `chunk_size` inputs, portions of at most `size`; a chunk is passed over where `wanted` says no. It is asked for each chunk
  /// in turn, sometimes twice.
  Portions(const InputOptions& inputs, std::int64_t chunk_size, std::size_t size, std::function<bool(std::int64_t chunk)> wanted);

  std::optional<Portion> next();
  /// Whether the inputs have come to their end.
  [[nodiscard]] bool ended() const { return ended_; }
  /// How many inputs were handed out or passed over.
  [[nodiscard]] std::int64_t position() const { return position_; }
  /// InputStream::check_arguments().
  void check_arguments() const { stream_.check_arguments(); }

 private:
  InputStream stream_;
  std::int64_t chunk_size_, size_, position_ = 0;
  std::function<bool(std::int64_t)> wanted_;
  bool ended_ = false;
};

/// Reads the inputs and runs those that can be read through the engine. `pixels` is grown to what a portion takes: give the same again, for
/// memory that is new each time costs more than reading the files.
ScoredPortion score_portion(Engine& engine, const Portion& portion, std::vector<float>& pixels);

}  // namespace lensfind::score
