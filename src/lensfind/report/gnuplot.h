#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/report/chart.h"

namespace lensfind::report {

/// Draws a chart with the gnuplot of the PATH and writes folder/NAME.{svg,png,pdf,csv}, each atomically. Returns each panel as an SVG
/// element for a page. Its colours are the page's (black is the text's colour, the palette the variables --blue, --vermilion, ...), and its
/// ids are its own. Throws Error where gnuplot is missing or refuses.
std::vector<std::string> draw(const Chart& chart, const std::filesystem::path& folder);

}  // namespace lensfind::report
