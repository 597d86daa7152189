#include "lensfind/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace lensfind::cli {

struct Arguments::Parser {
  CLI::App app;
};

namespace {

template <typename T>
void add_option(CLI::App& app, T& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  app.add_option(flag, into, help)->type_name(value_name)->required(required);
}

/// CLI11's own words name types ("UINT"), not what a user should write.
std::string said_plainly(const CLI::Error& error) {
  std::string text = error.what();
  for (const auto& [theirs, ours] : {std::pair<std::string, std::string>{"The following arguments were not expected", "not understood"},
                                     {"The following argument was not expected", "not understood"}}) {
    if (const std::size_t at = text.find(theirs); at != std::string::npos) text.replace(at, theirs.size(), ours);
  }
  return text;
}

}  // namespace

Arguments::Arguments(const std::string& name, const std::string& what) : parser_{std::make_unique<Parser>()} {
  parser_->app.name("lensfind " + name);
  parser_->app.description(what);
  parser_->app.get_formatter()->column_width(34);
  parser_->app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

Arguments::~Arguments() = default;

void Arguments::positional(std::filesystem::path& into, const std::string& name, const std::string& help, bool required) {
  parser_->app.add_option(name, into, help)->type_name("")->required(required);
}

void Arguments::positional(std::vector<std::filesystem::path>& into, const std::string& name, const std::string& help, bool required) {
  parser_->app.add_option(name, into, help)->type_name("")->required(required)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::option(std::filesystem::path& into, const std::string& flag, const std::string& value_name, const std::string& help,
                       bool required) {
  add_option(parser_->app, into, flag, value_name, help, required);
}

void Arguments::option(std::string& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  add_option(parser_->app, into, flag, value_name, help, required);
}

void Arguments::option(std::int64_t& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->required(required)->check(CLI::NonNegativeNumber);
}

void Arguments::option(int& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->required(required)->check(CLI::NonNegativeNumber);
}

void Arguments::option(std::optional<std::int64_t>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  add_option(parser_->app, into, flag, value_name, help, false);
}

void Arguments::option(std::optional<std::uint64_t>& into, const std::string& flag, const std::string& value_name,
                       const std::string& help) {
  add_option(parser_->app, into, flag, value_name, help, false);
}

void Arguments::option(std::optional<double>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  add_option(parser_->app, into, flag, value_name, help, false);
}

void Arguments::option(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  // One value a flag: `--set a=1 --set b=2`, so that a positional argument may follow.
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::option(std::vector<double>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->delimiter(',')->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::list(std::vector<std::filesystem::path>& into, const std::string& flag, const std::string& value_name,
                     const std::string& help) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::list(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::flag(bool& into, const std::string& flag, const std::string& help) { parser_->app.add_flag(flag, into, help); }

void Arguments::choice(std::string& into, const std::string& flag, const std::vector<std::string>& words, const std::string& help) {
  std::string names;
  for (const std::string& word : words) names += (names.empty() ? "" : "|") + word;
  parser_->app.add_option(flag, into, help)->type_name(names)->check(CLI::IsMember(words))->capture_default_str();
}

void Arguments::footer(const std::string& text) { parser_->app.footer(text); }

void Arguments::parse(const std::vector<std::string>& words) {
  try {
    parser_->app.parse(std::vector<std::string>{words.rbegin(), words.rend()});
  } catch (const CLI::CallForHelp&) {
    throw HelpAsked{parser_->app.help()};
  } catch (const CLI::Error& error) {
    throw Usage{said_plainly(error)};
  }
}

}  // namespace lensfind::cli
