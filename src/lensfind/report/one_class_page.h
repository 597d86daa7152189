#pragma once

#include <filesystem>

#include "lensfind/report/report.h"

namespace lensfind::report {

/// report.html and the curve as recall.csv or false_positive_rate.csv (`threshold,selected,NAME,low,high`) of a sample of one class, that
/// of the first model of `input`, in an existing folder.
void write_one_class(const ReportInput& input, const std::filesystem::path& folder);

}  // namespace lensfind::report
