#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/cutouts/test_folder.h"
#include "lensfind/score/fake_engine.h"
#include "lensfind/score/run.h"

namespace lensfind::score {

/// Whole runs of a fake engine on cutouts of 2 x 2 pixels, in chunks of 20.
class Run : public cutouts::TestFolder {
 protected:
  static constexpr image::ImageShape shape{1, 2, 2};

  RunOptions options(std::vector<std::filesystem::path> inputs) const {
    RunOptions chosen{.out = folder_ / "s.csv", .inputs = std::move(inputs), .precision = Precision::f32, .chunk = 20};
    return chosen;
  }
  RunSummary run(const RunOptions& chosen) {
    FakeEngine engine{shape};
    return run_score(engine, scorer_, chosen);
  }
  std::string table(const char* name = "s.csv") const { return read_text(folder_ / name); }

  Scorer scorer_{.fingerprint = "a model"};
};

}  // namespace lensfind::score
