#include "lensfind/report/gnuplot.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/temporary_folder.h"
#include "lensfind/base/utf8.h"
#include "lensfind/base/value.h"

namespace lensfind::report {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view panel_style = R"(
reset
set encoding utf8
set border 3 lc rgb 'black' lw 1
set tics nomirror out
set grid lc rgb '#d9d9d9' lw 0.8 lt 1
set style fill transparent solid 0.18 noborder
set bars 0.6
set key above left Left reverse samplen 1.6 spacing 1.15 width 1
)";

// gnuplot repeats the line it did not like, points at it, and says why on the last line.
std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.empty() ? "no message" : text.substr(text.rfind('\n') + 1);
}

constexpr const char* script_name = "chart.gp";
constexpr const char* log_name = "log";

/// Runs `folder`/chart.gp in that folder, so that no path stands in the script.
void run_gnuplot(const fs::path& folder) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log_name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  std::string program = "gnuplot", option = "-d", file = script_name;
  const std::array<char*, 4> arguments = {program.data(), option.data(), file.data(), nullptr};
  pid_t process = 0;
  const int failure = posix_spawnp(&process, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0)
    throw Error{fmt::format("gnuplot does not start: {}", std::strerror(failure)), "install gnuplot-nox (apt-get install gnuplot-nox)"};
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error{"gnuplot could not draw a figure: " + last_line(read_text(folder / log_name)),
                "gnuplot 5.4 with its cairo terminals is needed: install gnuplot-nox"};
  }
}

std::string multiplot(const Chart& chart) {
  if (chart.panels.size() == 1) return std::string{panel_style} + chart.panels.front().commands;
  const int count = static_cast<int>(chart.panels.size());
  std::string out = fmt::format("set multiplot layout {},{}\n", (count + chart.columns - 1) / chart.columns, chart.columns);
  for (const Panel& panel : chart.panels) out += std::string{panel_style} + panel.commands;
  return out + "unset multiplot\n";
}

std::string script_of(const Chart& chart) {
  const int columns = std::min(chart.columns, static_cast<int>(chart.panels.size()));
  const int rows = (static_cast<int>(chart.panels.size()) + columns - 1) / columns;
  const int width = columns * chart.panels.front().width, height = rows * chart.panels.front().height;
  std::string out = chart.data;
  // The page's panels come first: a terminal's white background, once set, stays.
  for (std::size_t i = 0; i < chart.panels.size(); ++i) {
    const Panel& panel = chart.panels[i];
    out += fmt::format("set terminal svg size {},{} dynamic font 'sans-serif,13' name '{}_{}'\nset output 'panel-{}.svg'\n", panel.width,
                       panel.height, chart.name, i, i);
    out += std::string{panel_style} + panel.commands;
  }
  const std::string all = multiplot(chart);
  out += fmt::format("set terminal svg size {},{} dynamic background 'white' font 'sans-serif,13'\nset output 'all.svg'\n{}", width, height,
                     all);
  out += fmt::format("set terminal pngcairo size {},{} font 'sans-serif,10' fontscale 2 linewidth 2 pointscale 2\nset output 'all.png'\n{}",
                     2 * width, 2 * height, all);
  out +=
      fmt::format("set terminal pdfcairo size {}in,{}in font 'sans-serif,10'\nset output 'all.pdf'\n{}", width / 96.0, height / 96.0, all);
  return out + "set output\n";
}

/// In tags alone: what stands between them are people's words.
void replace_all(std::string& svg, std::string_view from, std::string_view to) {
  for (std::size_t at = svg.find(from); at != std::string::npos;) {
    const bool in_tag = svg.find_first_of("<>", at) != std::string::npos && svg[svg.find_first_of("<>", at)] == '>';
    if (in_tag) svg.replace(at, from.size(), to);
    at = svg.find(from, at + (in_tag ? to.size() : from.size()));
  }
}

/// An SVG file of gnuplot as an element of a page that may be light or dark and holds others like it.
std::string for_page(std::string svg, const std::string& id, const std::string& title) {
  svg.erase(0, svg.find("<svg"));
  svg.insert(4, " role=\"img\"");
  replace_all(svg, "id='gp", "id='" + id + "_gp");
  replace_all(svg, "href='#gp", "href='#" + id + "_gp");
  replace_all(svg, "id=\"gnuplot_canvas\"", "id=\"" + id + "_canvas\"");
  replace_all(svg, "id='textbox'", "id='" + id + "_textbox'");
  replace_all(svg, "id='greybox'", "id='" + id + "_greybox'");
  replace_all(svg, "color=\"black\"", "color=\"currentColor\"");
  for (const std::string_view black : {"'black'", "\"black\"", "'rgb(  0,   0,   0)'", "\"rgb(  0,   0,   0)\"", "\"rgb(0,0,0)\""})
    replace_all(svg, black, "\"currentColor\"");
  const std::array<std::array<std::string_view, 2>, 8> colours = {{{"rgb(  0, 114, 178)", "var(--blue)"},
                                                                   {"rgb(213,  94,   0)", "var(--vermilion)"},
                                                                   {"rgb(  0, 158, 115)", "var(--green)"},
                                                                   {"rgb(204, 121, 167)", "var(--purple)"},
                                                                   {"rgb(230, 159,   0)", "var(--orange)"},
                                                                   {"rgb( 86, 180, 233)", "var(--sky)"},
                                                                   {"rgb(217, 217, 217)", "var(--grid)"},
                                                                   {"#ffffff", "var(--paper)"}}};
  for (const auto& [fixed, variable] : colours) replace_all(svg, fixed, variable);
  // gnuplot names every plot in a <title>, which browsers show as a tooltip; the panel's own is enough.
  for (std::size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at))
    svg.erase(at, svg.find("</title>", at) + 8 - at);
  svg.insert(svg.find("<desc>"), "<title>" + title + "</title>\n");
  return svg;
}

}  // namespace

std::string gnuplot_text(std::string_view text) {
  std::string out = "\"";
  for (const char letter : valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(letter);
    // Digits too: gnuplot takes a digit behind an octal number for its fourth.
    const bool plain = byte >= 0x80 || std::isalpha(byte) != 0;
    if (plain)
      out += letter;
    else
      out += byte < 0x20 || byte == 0x7f ? " " : fmt::format("\\{:03o}", byte);
  }
  return out + "\"";
}

std::string gnuplot_tic(std::string_view text) {
  std::string doubled;
  for (const char letter : text) doubled.append(letter == '%' ? 2 : 1, letter);
  return gnuplot_text(doubled);
}

std::string data_block(std::string_view name, std::span<const std::vector<double>> rows) {
  std::string out = fmt::format("${} << END_OF_DATA\n", name);
  for (const std::vector<double>& row : rows) {
    for (const double number : row) out += std::isfinite(number) ? fmt::format("{} ", number) : "NaN ";
    out += '\n';
  }
  return out + "END_OF_DATA\n";
}

std::vector<std::string> draw(const Chart& chart, const fs::path& folder) {
  const TemporaryFolder scratch;
  write_file(scratch.path() / script_name, script_of(chart));
  run_gnuplot(scratch.path());
  for (const char* kind : {"svg", "png", "pdf"}) {
    write_file(folder / (chart.name + "." + kind), read_text(scratch.path() / (std::string{"all."} + kind)));
  }
  write_file(folder / (chart.name + ".csv"), chart.csv);
  std::vector<std::string> panels;
  for (std::size_t i = 0; i < chart.panels.size(); ++i) {
    const std::string name = chart.name + "_" + std::to_string(i);
    panels.push_back(for_page(read_text(scratch.path() / fmt::format("panel-{}.svg", i)), name, chart.title));
  }
  return panels;
}

}  // namespace lensfind::report
