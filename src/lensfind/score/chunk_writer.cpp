#include "lensfind/score/chunk_writer.h"

#include "lensfind/score/table.h"

namespace lensfind::score {

void ChunkWriter::add(const ScoredPortion& portion) {
  if (portion.chunk != number_) finish();
  number_ = portion.chunk;
  for (const Outcome& outcome : portion.outcomes) {
    if (!outcome.measured.empty()) chunk_.measured += outcome.measured + "\n";
    if (outcome.scored) {
      const double probability = outcome.student_logit ? scorer_.student_probability(*outcome.student_logit, prevalence_)
                                                       : scorer_.probability(outcome.logit, prevalence_);
      append_row(chunk_.scores, {outcome.name, outcome.logit, probability, outcome.columns});
      ++chunk_.scored_count;
      chunk_.readings.add(outcome.fitting);
    } else {
      append_rejected(chunk_.rejected, outcome.name, outcome.reason);
      ++chunk_.rejected_count;
    }
  }
}

void ChunkWriter::finish() {
  if (chunk_.scored_count + chunk_.rejected_count == 0) return;
  // Where a mount has gone every file looks bad: that chunk must not count as done.
  if (chunk_.rejected_count > 0) portions_.check_arguments();
  folder_.write(number_, chunk_);
  scored_ += chunk_.scored_count;
  chunk_ = {};
}

}  // namespace lensfind::score
