#pragma once

#include <filesystem>

#include "lensfind/report/report.h"

namespace lensfind::report {

/// Writes the report of a sample of one class, that of the first model of `input`, into an existing folder: report.html, and the curve as
/// recall.csv or false_positive_rate.csv (`threshold,selected,NAME,low,high`).
void write_one_class(const ReportInput& input, const std::filesystem::path& folder);

}  // namespace lensfind::report
