#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::report {

/// One set of axes, in gnuplot's words. Its data stand in the chart's `data`.
struct Panel {
  int width = 460, height = 340;  ///< in CSS pixels: about the width of a phone, so that text stays readable there
  std::string commands;
};

/// A figure of the report: one file of each kind, and a panel each in the page.
struct Chart {
  std::string name;     ///< of the files: "roc"
  std::string title;    ///< "Receiver operating characteristic"
  std::string caption;  ///< plain text: what is drawn, what bars and bands mean
  std::string csv;      ///< the numbers that are drawn
  std::string data;     ///< the same as gnuplot's named data blocks
  std::vector<Panel> panels;
  int columns = 1;  ///< of panels in the files
};

/// Colours that people with any colour vision tell apart (Okabe & Ito 2008), without the yellow that paper loses.
inline constexpr std::array<std::string_view, 6> palette = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
/// Point types to go with them, so that a black-and-white print tells series apart too: disc, square, triangle, diamond, ...
inline constexpr std::array<int, 6> point_types = {7, 5, 9, 13, 11, 15};

/// The colour of a series, counted from 0.
inline std::string_view colour_of(std::size_t series) { return palette[series % palette.size()]; }
/// Each round of the colours meets other points. So 36 series differ.
inline int point_type_of(std::size_t series) { return point_types[(series + series / palette.size()) % point_types.size()]; }

/// A text as gnuplot's quoted string that shows it letter by letter. All but letters go as octal numbers, so that there is nothing
/// for gnuplot or a shell to act on. Control characters become blanks. Needs `noenhanced` where it is shown.
std::string gnuplot_text(std::string_view text);

/// The same for the label of a tic, where gnuplot takes % as a format.
std::string gnuplot_tic(std::string_view text);

/// A named data block; `name` is without the `$`. Numbers that are not finite become gnuplot's NaN (nothing is drawn there).
std::string data_block(std::string_view name, std::span<const std::vector<double>> rows);

}  // namespace lensfind::report
