#include "lensfind/cli/manual.h"

#include <sstream>

#include <fmt/format.h>

namespace lensfind::cli {
namespace {

/// Text as roff prints it: a backslash begins an escape, a dot or quote at a line's beginning a request, a plain minus a hyphen.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`' || c == '\'' || c == '^' || c == '~') {
      out += c == '`' ? "\\(ga" : c == '\'' ? "\\(aq" : c == '^' ? "\\(ha" : "\\(ti";
    } else {
      out += c;
    }
    begins = c == '\n';
  }
  return out;
}

std::string page_name(const std::string& command) {
  std::string name = "lensfind-" + command;
  for (char& c : name)
    if (c == ' ') c = '-';
  return name;
}

std::string heading(const std::string& page, const std::string& summary, const std::string& version) {
  std::string capitals = page;
  for (char& c : capitals) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return fmt::format(".TH \"{}\" 1 \"\" \"lensfind {}\" \"lensfind\"\n.SH NAME\n{} \\- {}\n", roff(capitals), roff(version), roff(page),
                     roff(summary));
}

/// Text with a paragraph wherever it has an empty line.
std::string paragraphs(const std::string& text) {
  std::string out;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) out += line.empty() ? ".PP\n" : roff(line) + "\n";
  return out;
}

/// Lines as they stand, which examples are.
std::string verbatim(const std::string& text) { return text.empty() ? "" : ".SH EXAMPLES\n.nf\n" + roff(text) + "\n.fi\n"; }

std::string option_text(const Value& option) {
  std::string text = ".TP\n\\fB" + roff(option.at("flag").as_string()) + "\\fR";
  if (!option.at("value").as_string().empty()) text += " \\fI" + roff(option.at("value").as_string()) + "\\fR";
  text += "\n" + roff(option.at("help").as_string());
  if (option.find("default") && option.at("help").as_string().find("default") == std::string::npos)
    text += " (default " + roff(option.at("default").as_string()) + ")";
  return text + (option.at("required").as_bool() ? " (required)\n" : "\n");
}

/// "lensfind score [OPTION...] MODEL INPUT...", what must be given and what may be.
std::string synopsis(const std::string& command, const Value& help) {
  std::string text = "\\fBlensfind " + roff(command) + "\\fR";
  for (const Value& option : help.at("options").as_array())
    if (option.at("required").as_bool())
      text += " \\fB" + roff(option.at("flag").as_string()) + "\\fR \\fI" + roff(option.at("value").as_string()) + "\\fR";
  text += " [\\fIOPTION\\fR...]";
  for (const Value& argument : help.at("arguments").as_array()) {
    const std::string name = "\\fI" + roff(argument.at("name").as_string()) + "\\fR" + (argument.at("many").as_bool() ? "..." : "");
    text += argument.at("required").as_bool() ? " " + name : " [" + name + "]";
  }
  return text + "\n";
}

std::string page_of_options(const Described& command) {
  std::string text =
      ".SH SYNOPSIS\n" + synopsis(command.name, command.help) + ".SH DESCRIPTION\n" + paragraphs(command.help.at("about").as_string());
  if (!command.help.at("arguments").as_array().empty()) text += ".SH ARGUMENTS\n";
  for (const Value& argument : command.help.at("arguments").as_array())
    text += ".TP\n\\fI" + roff(argument.at("name").as_string()) + "\\fR\n" + roff(argument.at("help").as_string()) + "\n";
  text += ".SH OPTIONS\n";
  for (const Value& option : command.help.at("options").as_array()) text += option_text(option);
  return text + verbatim(command.help.at("footer").as_string()) +
         ".SH EXIT STATUS\n0 where all was done, 1 where it failed, 2 for a wrong command line, 130 after Ctrl\\-C.\n";
}

std::string page_of_parts(const Described& command) {
  std::string text = ".SH DESCRIPTION\n" + paragraphs(command.help.at("about").as_string()) + ".SH PARTS\n";
  for (const Value& part : command.help.at("parts").as_array())
    text += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(page_name(command.name + " " + part.at("name").as_string())),
                        roff(part.at("summary").as_string()));
  return text;
}

std::string overview(const std::vector<Described>& commands, const std::string& version) {
  std::string text =
      heading("lensfind", "finds strong gravitational lenses in survey images", version) +
      ".SH SYNOPSIS\n\\fBlensfind\\fR \\fICOMMAND\\fR ...\n.SH DESCRIPTION\n"
      "Simulates labelled cutouts, trains networks on them, says how good they are at the prevalence of a real survey, scores "
      "millions of cutouts, and shows the candidates to the people who grade them.\n.SH COMMANDS\n";
  for (const Described& command : commands)
    if (command.name.find(' ') == std::string::npos)
      text += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(page_name(command.name)), roff(command.summary));
  return text +
         ".SH ENVIRONMENT\n.TP\n\\fBLENSFIND_DATA\\fR\nA folder with surveys, recipes, schemes and models of your own, which are found by "
         "their "
         "names before those that are installed.\n";
}

}  // namespace

std::vector<ManualPage> manual_pages(const std::vector<Described>& commands, const std::string& version) {
  std::vector<ManualPage> pages{{"lensfind.1", overview(commands, version)}};
  for (const Described& command : commands) {
    const std::string name = page_name(command.name);
    const std::string body = command.help.find("parts") ? page_of_parts(command) : page_of_options(command);
    pages.push_back({name + ".1", heading(name, command.summary, version) + body + ".SH SEE ALSO\n\\fBlensfind\\fR(1)\n"});
  }
  return pages;
}

}  // namespace lensfind::cli
