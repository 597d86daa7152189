#pragma once

#include <filesystem>
#include <vector>

namespace lensfind::train {

/// Makes the model folder of the mean logit of runs that were trained here. Calibration and thresholds come from the validation samples
/// that no member was trained on and that every member would calibrate on. These are all of them where the members' seeds and validation
/// fractions agree. validation.csv holds them.
void ensemble_of_runs(const std::vector<std::filesystem::path>& members, const std::filesystem::path& out);

}  // namespace lensfind::train
