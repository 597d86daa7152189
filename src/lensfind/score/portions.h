#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/model/cascade.h"
#include "lensfind/score/engine.h"

namespace lensfind::score {

/// Inputs that go through the engine together; they all lie in one chunk.
struct Portion {
  std::int64_t chunk = 0;
  std::vector<cutouts::Input> inputs;
};

/// What became of one input.
struct Outcome {
  std::string name;  ///< id of a scored input, name of a rejected one
  bool scored = false;
  float logit = 0;
  std::optional<float> student_logit = {};  ///< of one that a cascade's student cut off
  std::string reason;                       ///< of a rejected one
  std::string columns;                      ///< further fields of the row
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
  Portions(const cutouts::InputOptions& inputs, std::int64_t chunk_size, std::size_t size, std::function<bool(std::int64_t chunk)> wanted);

  std::optional<Portion> next();
  /// Whether the inputs have come to their end.
  [[nodiscard]] bool ended() const { return ended_; }
  /// How many inputs were handed out or passed over.
  [[nodiscard]] std::int64_t position() const { return position_; }
  /// cutouts::InputStream::check_arguments().
  void check_arguments() const { stream_.check_arguments(); }

 private:
  cutouts::InputStream stream_;
  std::int64_t chunk_size_, size_, position_ = 0;
  std::function<bool(std::int64_t)> wanted_;
  bool ended_ = false;
};

/// What computes logits: the model's engine, and in a cascade the student's before it.
struct Stages {
  Engine& model;
  Engine* student = nullptr;
  model::Cascade cascade = {};

  /// How many cutouts are read at once and go to the first engine together.
  [[nodiscard]] std::size_t batch() const { return (student ? *student : model).batch(); }
  /// How many inputs a portion should have: a student's few survivors are to fill the model's batches.
  [[nodiscard]] std::size_t portion() const { return student ? 64 * batch() : batch(); }
};

/// Scores portions one after the other. Its memory is kept for the next, for memory that is new each time costs more than reading the
/// files.
class PortionScorer {
 public:
  explicit PortionScorer(const Stages& stages) : stages_{stages} {}

  /// Reads the inputs and runs those that can be read through the engines. In a cascade a column says which stage a logit is of: `student`
  /// or `teacher`.
  ScoredPortion operator()(const Portion& portion);

 private:
  [[nodiscard]] std::size_t read(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes);
  [[nodiscard]] std::size_t read_together(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes);
  void judge(std::span<Outcome> outcomes, std::size_t good);
  void pass_on(Outcome& outcome, std::span<const float> cutout);
  void let_teacher_see();

  Stages stages_;
  std::vector<float> pixels_;         ///< of the cutouts that were read together
  std::vector<float> passed_pixels_;  ///< of those that wait for the teacher
  std::vector<Outcome*> passed_;      ///< theirs
  bool disk_is_needed_ = true;        ///< as it was for what was read last; not known at first
};

}  // namespace lensfind::score
