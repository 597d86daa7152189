#include <algorithm>
#include <filesystem>

#include "lensfind/cli/command.h"
#include "lensfind/cli/completion.h"
#include "lensfind/cli/console.h"
#include "lensfind/model/shipped.h"
#include "lensfind/network/networks.h"

namespace lensfind::cli {
namespace {

std::vector<std::string> installed_names(const std::string& kind) {
  std::vector<std::string> names;
  if (kind == "networks") {
    for (const network::Architecture& network : network::architectures()) names.push_back(network.name);
    return names;
  }
  if (kind == "models") {
    for (const model::ShippedModel& model : model::shipped_models(data_folders(kind))) names.push_back(model.name);
    return names;
  }
  for (const std::filesystem::path& folder : data_folders(kind)) {
    std::error_code status;
    for (const auto& entry : std::filesystem::directory_iterator{folder, status})
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void say_script(Console& console, const std::string& shell) {
  std::string script = completion(shell, described_commands());
  console.result(empty_object().set("shell", shell).set("script", script));
  script.pop_back();
  console.say(script);
}

void say_names(Console& console, const std::string& kind) {
  Value list{Value::Array{}};
  for (const std::string& name : installed_names(kind)) {
    console.say(name);
    list.push_back(name);
  }
  console.result(empty_object().set(kind, std::move(list)));
}

}  // namespace

int completion_command(const std::vector<std::string>& words) {
  std::string shell, names;
  CommonArguments common;
  Arguments arguments{"completion",
                      "Prints a script with which a shell completes commands, their options, what options take, and the names of installed "
                      "models, surveys, recipes, schemes and networks."};
  arguments.positional(shell, "SHELL", completed_shells(), "bash, zsh or fish", false);
  arguments.choice(names, "--names", kinds_of_names(), "print what is installed of one kind, a name a line, in place of a script");
  common.declare(arguments);
  arguments.footer(
      "For good:\n"
      "  lensfind completion bash > ~/.local/share/bash-completion/completions/lensfind\n"
      "  lensfind completion zsh > DIR/_lensfind                                     # DIR: a folder of $fpath\n"
      "  lensfind completion fish > ~/.config/fish/completions/lensfind.fish\n"
      "For this shell alone: source <(lensfind completion bash)");
  arguments.parse(words);
  if (shell.empty() == names.empty()) throw Usage{"one of SHELL and --names is wanted", "`lensfind completion bash`"};
  Console console{common};
  if (!names.empty()) {
    say_names(console, names);
    return 0;
  }
  say_script(console, shell);
  return 0;
}

}  // namespace lensfind::cli
