#include "lensfind/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::cli {
namespace {

std::vector<std::string> choices_of(const Value& taken) {
  std::vector<std::string> choices;
  for (const Value& choice : taken.at("choices").as_array()) choices.push_back(choice.as_string());
  return choices;
}

const Value::Array& list_of(const Value& help, const char* key) {
  static const Value::Array none;
  const Value* list = help.find(key);
  return list ? list->as_array() : none;
}

std::string kind_of(const Value& taken) { return taken.at("kind").as_string(); }

/// As one word of the shell, whatever stands in it.
std::string shell_word(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

/// The command whose own words begin where `name`'s end: "grades" of "grades merge", "" of "grades".
std::string command_of(const std::string& name) {
  const std::size_t blank = name.find(' ');
  return blank == std::string::npos ? "" : name.substr(0, blank);
}

std::vector<std::string> names_in(const std::vector<Described>& commands, const std::string& command) {
  std::vector<std::string> names;
  for (const Described& one : commands)
    if (command_of(one.name) == command) names.push_back(command.empty() ? one.name : one.name.substr(command.size() + 1));
  return names;
}

// ---- bash

/// What follows an option, as a line of `case`.
std::string bash_value(const Value& option) {
  const std::string flag = option.at("flag").as_string();
  if (const std::string names = kind_of_names(option); !names.empty()) return fmt::format("      {}) _lensfind_names {} ;;\n", flag, names);
  if (const auto choices = choices_of(option); !choices.empty())
    return fmt::format("      {}) COMPREPLY=($(compgen -W {} -- \"$word\")) ;;\n", flag,
                       shell_word(fmt::format("{}", fmt::join(choices, " "))));
  if (kind_of(option) == "path") return fmt::format("      {}) compopt -o default ;;\n", flag);
  if (kind_of(option) == "flag") return "";
  return fmt::format("      {}) ;;\n", flag);
}

std::string bash_command(const Described& command, const std::vector<Described>& all) {
  const auto parts = names_in(all, command.name);
  std::string flags, values;
  for (const Value& option : list_of(command.help, "options")) {
    flags += (flags.empty() ? "" : " ") + option.at("flag").as_string();
    values += bash_value(option);
  }
  std::string free = "compopt -o default";
  if (!parts.empty()) free = fmt::format("COMPREPLY=($(compgen -W {} -- \"$word\"))", shell_word(fmt::format("{}", fmt::join(parts, " "))));
  for (const Value& argument : list_of(command.help, "arguments"))
    if (const std::string names = kind_of_names(argument); !names.empty())
      free = "_lensfind_names " + names;
    else if (const auto choices = choices_of(argument); !choices.empty())
      free = fmt::format("COMPREPLY=($(compgen -W {} -- \"$word\"))", shell_word(fmt::format("{}", fmt::join(choices, " "))));
  return fmt::format(
      "  {})\n    case \"$before\" in\n{}      *)\n"
      "        if [[ $word == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$word\")); else {}; fi ;;\n    esac ;;\n",
      shell_word(command.name), values, shell_word(flags), free);
}

std::string bash(const std::vector<Described>& commands) {
  std::string cases, with_parts;
  for (const Described& command : commands) {
    cases += bash_command(command, commands);
    if (!names_in(commands, command.name).empty()) with_parts += (with_parts.empty() ? "" : "|") + command.name;
  }
  return fmt::format(
      "# Completion of lensfind for bash.   source <(lensfind completion bash)\n"
      "_lensfind_names() {{\n"
      "  COMPREPLY=($(compgen -W \"$(\"${{COMP_WORDS[0]}}\" completion --names \"$1\" 2>/dev/null)\" -- \"$word\"))\n"
      "  compopt -o default\n"
      "}}\n"
      "_lensfind() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W {} -- \"$word\")); return; fi\n"
      "  case \"$command\" in {}) [ \"$COMP_CWORD\" -gt 2 ] && command=\"$command ${{COMP_WORDS[2]}}\" ;; esac\n"
      "  case \"$command\" in\n{}  esac\n"
      "}}\n"
      "complete -F _lensfind lensfind\n",
      shell_word(fmt::format("{} --help --version", fmt::join(names_in(commands, ""), " "))), with_parts, cases);
}

// ---- zsh

/// What may stand for a value, as an action of _arguments.
std::string zsh_action(const Value& taken) {
  if (const std::string names = kind_of_names(taken); !names.empty()) return "_lensfind_names " + names;
  if (const auto choices = choices_of(taken); !choices.empty()) return fmt::format("({})", fmt::join(choices, " "));
  return kind_of(taken) == "path" ? "_files" : " ";
}

std::string zsh_text(std::string text) {
  for (const char* special : {"\\", "[", "]", ":"}) text = replaced(text, special, std::string{"\\"} + special);
  return text;
}

std::string zsh_option(const Value& option) {
  const std::string flag = option.at("flag").as_string(), help = "[" + zsh_text(option.at("help").as_string()) + "]";
  if (kind_of(option) == "flag") return shell_word(flag + help);
  return shell_word(fmt::format("{}{}{}:{}:{}", option.at("many").as_bool() ? "*" : "", flag, help,
                                zsh_text(option.at("value").as_string()), zsh_action(option)));
}

std::string zsh_command(const Described& command, const std::vector<Described>& all) {
  std::string text = fmt::format("    {})\n", shell_word(command.name));
  if (!names_in(all, command.name).empty()) {
    text += "      local -a parts=(\n";
    for (const Described& part : all)
      if (command_of(part.name) == command.name)
        text += "        " + shell_word(part.name.substr(command.name.size() + 1) + ":" + zsh_text(part.summary)) + "\n";
    return text + "      )\n      _describe part parts ;;\n";
  }
  text += "      _arguments";
  for (const Value& option : list_of(command.help, "options")) text += " \\\n        " + zsh_option(option);
  std::size_t place = 0;
  for (const Value& argument : list_of(command.help, "arguments")) {
    const std::string where = argument.at("many").as_bool() ? "*" : std::to_string(++place);
    text += " \\\n        " + shell_word(fmt::format("{}:{}:{}", where, zsh_text(argument.at("name").as_string()), zsh_action(argument)));
  }
  return text + " ;;\n";
}

std::string zsh(const std::vector<Described>& commands) {
  std::string names, cases, with_parts;
  for (const Described& command : commands) {
    if (command_of(command.name).empty()) names += "    " + shell_word(command.name + ":" + zsh_text(command.summary)) + "\n";
    if (!names_in(commands, command.name).empty()) with_parts += (with_parts.empty() ? "" : "|") + command.name;
    cases += zsh_command(command, commands);
  }
  return fmt::format(
      "#compdef lensfind\n"
      "# Completion of lensfind for zsh: as _lensfind in a folder of $fpath, or   source <(lensfind completion zsh)\n"
      "_lensfind_names() {{\n"
      "  local -a found=(${{(f)\"$(lensfind completion --names $1 2>/dev/null)\"}})\n"
      "  _alternative \"names:$1:($found)\" 'files:file:_files'\n"
      "}}\n"
      "_lensfind() {{\n"
      "  local command=$words[2]\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  (( CURRENT-- )); shift words\n"
      "  case $command in {}) if (( CURRENT > 2 )); then command=\"$command $words[2]\"; (( CURRENT-- )); shift words; fi ;; esac\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "if [[ ${{funcstack[1]}} == _lensfind ]]; then _lensfind \"$@\"; else compdef _lensfind lensfind; fi\n",
      names, with_parts, cases);
}

// ---- fish

std::string fish_text(const std::string& text) { return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'"; }

/// What may stand for a value, as options of `complete`.
std::string fish_values(const Value& taken) {
  const std::string names = kind_of_names(taken);
  if (!names.empty()) return fmt::format("-a '(lensfind completion --names {} 2>/dev/null)'", names);
  return fmt::format("-a {}", fish_text(fmt::format("{}", fmt::join(choices_of(taken), " "))));
}

std::string fish_option(const Value& option, const std::string& when) {
  std::string line = fmt::format("complete -c lensfind -n {} -l {} -d {}", fish_text(when), option.at("flag").as_string().substr(2),
                                 fish_text(option.at("help").as_string()));
  if (kind_of(option) == "flag") return line + "\n";
  line += kind_of(option) == "path" || kind_of(option) == "model" ? " -r -F" : " -x";
  return line + (kind_of_names(option).empty() && choices_of(option).empty() ? "" : " " + fish_values(option)) + "\n";
}

std::string fish_command(const Described& command, const std::vector<Described>& all) {
  const std::string owner = command_of(command.name);
  const std::string own = owner.empty() ? command.name : command.name.substr(owner.size() + 1);
  const auto parts = names_in(all, owner);
  std::string place = "__fish_use_subcommand", when = "__fish_seen_subcommand_from " + own;
  if (!owner.empty()) {
    place = fmt::format("__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}", owner, fmt::join(parts, " "));
    when = fmt::format("__fish_seen_subcommand_from {}; and {}", owner, when);
  }
  std::string text = fmt::format("complete -c lensfind -f -n {} -a {} -d {}\n", fish_text(place), own, fish_text(command.summary));
  for (const Value& option : list_of(command.help, "options")) text += fish_option(option, when);
  for (const Value& argument : list_of(command.help, "arguments"))
    if (!kind_of_names(argument).empty() || !choices_of(argument).empty())
      text += fmt::format("complete -c lensfind -n {} {}\n", fish_text(when), fish_values(argument));
  return text;
}

std::string fish(const std::vector<Described>& commands) {
  std::string text = "# Completion of lensfind for fish.   lensfind completion fish > ~/.config/fish/completions/lensfind.fish\n";
  for (const Described& command : commands) text += fish_command(command, commands);
  return text;
}

}  // namespace

const std::vector<std::string>& completed_shells() {
  static const std::vector<std::string> shells{"bash", "zsh", "fish"};
  return shells;
}

const std::vector<std::string>& kinds_of_names() {
  static const std::vector<std::string> kinds{"models", "surveys", "recipes", "schemes", "networks"};
  return kinds;
}

std::string kind_of_names(const Value& taken) {
  if (taken.at("kind").as_string() == "model") return "models";
  const Value* flag = taken.find("flag");
  if (!flag) return "";
  for (const std::string& kind : kinds_of_names())
    if (flag->as_string() == "--" + kind.substr(0, kind.size() - 1)) return kind;
  return "";
}

std::string completion(const std::string& shell, const std::vector<Described>& commands) {
  if (shell == "bash") return bash(commands);
  return shell == "zsh" ? zsh(commands) : fish(commands);
}

}  // namespace lensfind::cli
