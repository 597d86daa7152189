#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/cutouts/list_print.h"
#include "lensfind/model/cascade.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/patient_reader.h"

namespace lensfind::score {

/// Inputs that go through the engine together. They all lie in one chunk.
struct Portion {
  std::int64_t chunk = 0;
  std::vector<cutouts::Input> inputs;
  std::shared_ptr<const void> under_way = {};  ///< exists as long as the portion does
  std::int64_t first = 0;                      ///< place of the first one among all inputs of the run
};

/// Which inputs are measured, so that scoring can say whether they look like what the model was trained on.
struct Measuring {
  std::int64_t step = 0;                         ///< every n-th of all inputs, whatever thread or run takes them; 0: none
  network::Preprocessing::Scaling scaling = {};  ///< the model's own: scaled pixels are measured
};

/// What became of one input.
struct Outcome {
  std::string name;  ///< id of a scored input, name of a rejected one
  bool scored = false;
  float logit = 0;
  std::optional<float> student_logit = {};  ///< of one that a cascade's student cut off
  std::string reason;                       ///< of a rejected one
  std::string columns;                      ///< further fields of the row
  cutouts::Fitting fitting = {};            ///< how its pixels came to fit
  std::string measured = {};                ///< what it looks like (likeness.h); empty: it was not measured
};
struct ScoredPortion {
  std::int64_t chunk = 0;
  std::vector<Outcome> outcomes;
};

/// How a list of inputs is handed out.
struct PortionPlan {
  std::int64_t chunk = 0;  ///< inputs of a chunk
  std::size_t size = 0;    ///< at most, of a portion
  /// Whether a chunk is wanted; others are passed over. It is asked for each chunk in turn, sometimes twice.
  std::function<bool(std::int64_t chunk)> wanted;
  cutouts::InputCount counted = {};  ///< the list as it was counted, in parts as large as chunks
  Patience patience = usual_patience();
};

/// Hands out the inputs of the chunks that are wanted, in order. Stacks keep their files open. Where few more can be opened, portions are
/// smaller and come later.
class Portions {
 public:
  Portions(const cutouts::InputOptions& inputs, PortionPlan plan);

  /// Nothing at the end. Throws Error where the list is not the one that was counted. So a chunk of other inputs is never finished.
  std::optional<Portion> next();
  /// Whether the inputs have come to their end.
  [[nodiscard]] bool ended() const { return ended_; }
  /// How many inputs were handed out or passed over.
  [[nodiscard]] std::int64_t position() const { return position_; }
  /// cutouts::InputStream::check_arguments().
  void check_arguments() const { stream_.check_arguments(); }

 private:
  void wait_for_files() const;
  void pass_over();
  std::optional<cutouts::Input> next_input();
  void add_next(Portion& portion);
  void check_chunk(std::int64_t chunk, std::int64_t count);

  cutouts::InputStream stream_;
  PortionPlan plan_;
  cutouts::ListPrint print_;
  std::int64_t position_ = 0;
  bool ended_ = false, list_ended_ = false;
  bool has_stacks_ = false;                                           ///< whose files stay open
  std::shared_ptr<const void> under_way_ = std::make_shared<int>(0);  ///< shared with portions that live
};

/// What computes logits: the model's engine, and in a cascade the student's before it.
struct Stages {
  Engine& model;
  Engine* student = nullptr;
  model::Cascade cascade = {};

  /// How many cutouts are read at once and go to the first engine together.
  [[nodiscard]] std::size_t batch() const { return (student ? *student : model).batch(); }
  [[nodiscard]] bool take_seeing() const { return model.takes_seeing() || (student && student->takes_seeing()); }
  /// How many inputs a portion should have. In a cascade it has many, so that the few that pass the student fill the model's batches.
  [[nodiscard]] std::size_t portion() const { return student ? 64 * batch() : batch(); }
};

/// Scores portions one after the other. It keeps its memory for the next portion, because new memory each time costs more than reading the
/// files.
class PortionScorer {
 public:
  explicit PortionScorer(const Stages& stages, PatientReader reader = PatientReader{}, const Measuring& measuring = {})
      : stages_{stages}, reader_{std::move(reader)}, measuring_{measuring} {}

  /// Reads the inputs and runs those that can be read through the engines. In a cascade a column says which stage a logit is of: `student`
  /// or `teacher`.
  ScoredPortion operator()(const Portion& portion);

 private:
  [[nodiscard]] std::size_t read(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes);
  [[nodiscard]] std::size_t read_together(std::span<const cutouts::Input> inputs, std::vector<Outcome>& outcomes);
  void run_stages(std::span<const cutouts::Input> inputs, std::span<Outcome> outcomes, std::size_t good);
  void pass_on(const cutouts::Input& input, Outcome& outcome, std::span<const float> cutout, std::span<const float> seeing);
  void flush_teacher_batch();

  /// A cutout that waits for the teacher.
  struct Passed {
    const cutouts::Input* input;
    Outcome* outcome;
  };

  Stages stages_;
  PatientReader reader_;
  Measuring measuring_;
  std::int64_t place_ = 0;            ///< of the next input among all
  std::vector<float> pixels_;         ///< of the cutouts that were read together
  std::vector<float> seeing_;         ///< theirs, (n, bands); empty: no network is told it
  std::vector<float> passed_pixels_;  ///< of those that wait for the teacher
  std::vector<float> passed_seeing_;
  std::vector<Passed> passed_;
  bool disk_is_needed_ = true;  ///< as it was for what was read last; not known at first
};

}  // namespace lensfind::score
