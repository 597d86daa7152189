#pragma once

#include <cstdint>
#include <optional>

#include "lensfind/score/chunks.h"
#include "lensfind/score/portions.h"
#include "lensfind/score/scorer.h"

namespace lensfind::score {

/// Gathers outcomes into chunks and writes each to disk when it is whole.
class ChunkWriter {
 public:
  ChunkWriter(ChunkFolder& folder, const Portions& portions, const Scorer& scorer, std::optional<double> prevalence)
      : folder_{folder}, portions_{portions}, scorer_{scorer}, prevalence_{prevalence} {}

  /// Portions come in order. One of a further chunk ends the chunk before.
  void add(const ScoredPortion& portion);
  /// Writes the last chunk. Throws Error where inputs were rejected and an INPUT argument has gone.
  void finish();
  /// How many were scored in the chunks that were written.
  [[nodiscard]] std::int64_t scored() const { return scored_; }

 private:
  ChunkFolder& folder_;
  const Portions& portions_;
  const Scorer& scorer_;
  std::optional<double> prevalence_;
  Chunk chunk_;
  std::int64_t number_ = 0, scored_ = 0;
};

}  // namespace lensfind::score
