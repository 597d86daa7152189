#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lensfind::cli {

/// Thrown where the command line is wrong (exit status 2); what() says how.
struct Usage {
  std::string message;
  std::string hint = {};  ///< empty: that --help shows what the command takes
};
/// Thrown after `--help`: the text to print (exit status 0).
struct HelpAsked {
  std::string text;
};

/// The arguments of one command: declare where each goes, then parse. A small front of CLI11, which takes 7 s a unit to compile.
class Arguments {
 public:
  /// `name` is the command's ("score"), `what` one or two sentences of help.
  Arguments(const std::string& name, const std::string& what);
  ~Arguments();

  /// Positional arguments, in the order of these calls; lists take one or more.
  void positional(std::filesystem::path& into, const std::string& name, const std::string& help, bool required = true);
  void positional(std::vector<std::filesystem::path>& into, const std::string& name, const std::string& help, bool required = true);

  /// Models: a model folder, an .onnx file, or the name of an installed model, for which parse() puts its folder.
  void model(std::filesystem::path& into, const std::string& help, bool required = true);
  void models(std::vector<std::filesystem::path>& into, const std::string& help, bool required = true);
  void model_option(std::filesystem::path& into, const std::string& flag, const std::string& help, bool required = false);

  /// Options; `flag` is "--name", `value_name` what help shows for the value.
  void option(std::filesystem::path& into, const std::string& flag, const std::string& value_name, const std::string& help,
              bool required = false);
  void option(std::string& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required = false);
  void option(std::int64_t& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required = false);
  void option(int& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required = false);
  void option(std::optional<std::int64_t>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void option(std::optional<std::uint64_t>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void option(std::optional<double>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void option(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void option(std::vector<double>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  /// One or more values behind one flag: `--train A B C`.
  void list(std::vector<std::filesystem::path>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void list(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help);
  void flag(bool& into, const std::string& flag, const std::string& help);
  /// One of a few words; `into` holds the default.
  void choice(std::string& into, const std::string& flag, const std::vector<std::string>& words, const std::string& help);

  /// Text behind the options in `--help`: examples, tables of fields.
  void footer(const std::string& text);

  /// Throws Usage or HelpAsked.
  void parse(const std::vector<std::string>& words);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::vector<std::filesystem::path*> models_;  ///< to be found by name
  std::vector<std::vector<std::filesystem::path>*> model_lists_;
};

}  // namespace lensfind::cli
