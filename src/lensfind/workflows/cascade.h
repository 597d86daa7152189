#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/evaluate/cascade_cut.h"
#include "lensfind/train/train.h"

namespace lensfind::workflows {

/// What `cascade` is told.
struct CascadeOptions {
  std::filesystem::path teacher;  ///< a model folder or an .onnx file
  std::filesystem::path out;
  train::TrainOptions student;  ///< its folders are set from these
  bool own_scaling = false;     ///< the recipe's scaling and stretch are meant, not the teacher's
  double max_lost = .01;        ///< fraction of the lenses that the teacher finds at FPR 1e-3

  static void describe(auto& field) {
    field(&CascadeOptions::out, "out", any().taking("MODEL"), "model folder to make");
    field(&CascadeOptions::max_lost, "max_lost", inside(0, 1).taking("FRACTION"),
          "of the lenses that the teacher finds at a false-positive rate of 1e-3, the student may lose so many");
  }
};

/// Trains a student on a teacher's logits, chooses its cut on lenses that it did not train on, and leaves a model folder: the teacher's
/// with the cascade in its model.json, student/ (a model folder too), teacher.csv (the teacher's scores of the data) and evaluation.json
/// (what is lost). Where it was stopped, `student.resume` goes on. Throws Error for a teacher that is a cascade, or too few lenses for the
/// cut.
evaluate::CascadeCut make_cascade(const CascadeOptions& options, Progress& progress, const StopFlag& stop);

}  // namespace lensfind::workflows
