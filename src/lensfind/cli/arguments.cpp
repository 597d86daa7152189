#include "lensfind/cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/model/shipped.h"

namespace lensfind::cli {

struct Arguments::Parser {
  CLI::App app;
  std::string footer;
  std::map<std::string, const char*> kinds;  ///< of what each flag and positional argument takes; not here: text
  std::map<std::string, std::vector<std::string>> choices;
};

namespace {

/// A whole number in decimal digits from 0 to `most`; throws in CLI11's way, which names the option.
std::uint64_t whole_number(const std::string& flag, const std::string& text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool digits = !text.empty() && read.ptr == text.data() + text.size();
  if (!digits || read.ec == std::errc::invalid_argument)
    throw CLI::ValidationError{flag, fmt::format("a whole number from 0 on was expected, not `{}`", text)};
  if (read.ec != std::errc{} || value > max) throw CLI::ValidationError{flag, fmt::format("{} is beyond {}", text, max)};
  return value;
}

double finite_number(const std::string& flag, const std::string& text) {
  const std::optional<double> value = parse_number(text);
  if (!value || !std::isfinite(*value)) throw CLI::ValidationError{flag, fmt::format("a number was expected, not `{}`", text)};
  return *value;
}

template <typename T>
CLI::Option* add_option(CLI::App& app, T& into, const std::string& flag, const std::string& value_name, const std::string& help,
                        bool required) {
  return app.add_option(flag, into, help)->type_name(value_name)->required(required);
}

/// CLI11 reads -1 and 10^23 as some 64-bit number, and 010 as 8.
template <typename T, typename Into>
void add_whole_number(CLI::App& app, Into& into, const std::string& flag, const std::string& value_name, const std::string& help,
                      bool required) {
  const auto read = [&into, flag](const std::string& text) {
    into = static_cast<T>(whole_number(flag, text, static_cast<std::uint64_t>(std::numeric_limits<T>::max())));
  };
  app.add_option_function<std::string>(flag, read, help)->type_name(value_name)->required(required);
}

/// The options of a command: those that take values, and all, as the user writes them.
struct Known {
  std::vector<std::string> all, with_value;
};

Known known_options(const CLI::App& app) {
  Known known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.all.push_back("--" + name);
      if (option->get_items_expected_max() > 0) known.with_value.push_back("--" + name);
    }
    for (const std::string& name : option->get_snames()) known.all.push_back("-" + name);
  }
  return known;
}

[[noreturn]] void refuse_option(const std::string& name, const Known& known) {
  const std::string near = nearest_name("--" + name.substr(name.find_first_not_of('-')), known.all);
  throw Usage{fmt::format("there is no option `{}`", name), near.empty() ? "" : fmt::format("did you mean `{}`?", near)};
}

/// A mistyped option would otherwise show as whatever is missing then; and CLI11 takes the option behind one that lacks its value for the
/// value.
void refuse_unknown_options(const CLI::App& app, const std::vector<std::string>& words) {
  const Known known = known_options(app);
  const auto holds = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  bool is_value = false;
  for (const std::string& word : words) {
    if (word == "--") return;
    const std::string name = word.substr(0, word.find('='));
    const bool is_long = word.starts_with("--");
    const bool is_short = word.size() > 1 && word[0] == '-' && !is_long && std::isalpha(static_cast<unsigned char>(word[1]));
    if ((is_long || (is_short && !is_value)) && !holds(known.all, name)) refuse_option(name, known);
    if (is_long && is_value) throw Usage{fmt::format("a value is missing before `{}`", name)};
    is_value = is_long && word.find('=') == std::string::npos && holds(known.with_value, name);
  }
}

/// Options under their names of before 1.0 are taken and not shown.
std::vector<std::string> with_present_names(const CLI::App& app, std::vector<std::string> words) {
  constexpr std::pair<std::string_view, std::string_view> renamed[]{{"--wish", "--target"},
                                                                    {"--deviation", "--std"},
                                                                    {"--share", "--fraction"},
                                                                    {"--control-share", "--control-fraction"},
                                                                    {"--most-lost", "--max-lost"},
                                                                    {"--most-missing", "--max-missing"},
                                                                    {"--least-grades", "--min-grades"},
                                                                    {"--most-grades", "--max-grades"}};
  const std::vector<std::string> known = known_options(app).all;
  for (std::string& word : words) {
    if (word == "--") break;
    const std::string name = word.substr(0, word.find('='));
    for (const auto& [former, present] : renamed) {
      if (name == former && std::ranges::find(known, present) != known.end()) word.replace(0, name.size(), present);
    }
  }
  return words;
}

/// An option or positional argument as data, but for what kind of value it takes.
Value described_option(const CLI::Option& option) {
  const bool positional = option.get_positional();
  Value one = empty_object().set(positional ? "name" : "flag", positional ? option.get_name(true) : "--" + option.get_lnames().front());
  if (!positional) one.set("value", option.get_items_expected_max() > 0 ? option.get_type_name() : "");
  if (!option.get_default_str().empty()) one.set("default", option.get_default_str());
  const bool many = option.get_items_expected_max() > 1 || option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  return one.set("help", option.get_description()).set("required", option.get_required()).set("many", many);
}

bool asks_help_as_data(const std::vector<std::string>& words) {
  const auto given = [&](const char* name) { return std::ranges::find(words, name) != words.end(); };
  return (given("--help") || given("-h")) && given("--json");
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
  set_kind(name, "path");
}

void Arguments::positional(std::vector<std::filesystem::path>& into, const std::string& name, const std::string& help, bool required) {
  parser_->app.add_option(name, into, help)->type_name("")->required(required)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  set_kind(name, "path");
}

void Arguments::positional(std::string& into, const std::string& name, const std::vector<std::string>& words, const std::string& help,
                           bool required) {
  parser_->app.add_option(name, into, help)->type_name("")->required(required)->check(CLI::IsMember(words));
  parser_->choices[name] = words;
}

void Arguments::model(std::filesystem::path& into, const std::string& help, bool required) {
  positional(into, "MODEL", help, required);
  models_.push_back(&into);
  set_kind("MODEL", "model");
}

void Arguments::models(std::vector<std::filesystem::path>& into, const std::string& help, bool required) {
  positional(into, "MODEL", help, required);
  model_lists_.push_back(&into);
  set_kind("MODEL", "model");
}

void Arguments::model_option(std::filesystem::path& into, const std::string& flag, const std::string& help, bool required) {
  option(into, flag, "MODEL", help, required);
  models_.push_back(&into);
  set_kind(flag, "model");
}

void Arguments::option(std::filesystem::path& into, const std::string& flag, const std::string& value_name, const std::string& help,
                       bool required) {
  add_option(parser_->app, into, flag, value_name, help, required);
  set_kind(flag, "path");
}

void Arguments::option(std::string& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  add_option(parser_->app, into, flag, value_name, help, required);
}

void Arguments::option(std::int64_t& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  add_whole_number<std::int64_t>(parser_->app, into, flag, value_name, help, required);
  set_kind(flag, "number");
}

void Arguments::option(int& into, const std::string& flag, const std::string& value_name, const std::string& help, bool required) {
  add_whole_number<int>(parser_->app, into, flag, value_name, help, required);
  set_kind(flag, "number");
}

void Arguments::option(std::optional<std::int64_t>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  add_whole_number<std::int64_t>(parser_->app, into, flag, value_name, help, false);
  set_kind(flag, "number");
}

void Arguments::option(std::optional<std::uint64_t>& into, const std::string& flag, const std::string& value_name,
                       const std::string& help) {
  add_whole_number<std::uint64_t>(parser_->app, into, flag, value_name, help, false);
  set_kind(flag, "number");
}

void Arguments::option(std::optional<double>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  const auto read = [&into, flag](const std::string& text) { into = finite_number(flag, text); };
  parser_->app.add_option_function<std::string>(flag, read, help)->type_name(value_name);
  set_kind(flag, "number");
}

void Arguments::option(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  // One value a flag: `--set a=1 --set b=2`, so that a positional argument may follow.
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::option(std::vector<double>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  const auto read = [&into, flag](const std::vector<std::string>& texts) {
    into.clear();
    for (const std::string& text : texts) into.push_back(finite_number(flag, text));
  };
  parser_->app.add_option_function<std::vector<std::string>>(flag, read, help)
      ->type_name(value_name)
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  set_kind(flag, "number");
}

void Arguments::list(std::vector<std::filesystem::path>& into, const std::string& flag, const std::string& value_name,
                     const std::string& help) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  set_kind(flag, "path");
}

void Arguments::list(std::vector<std::string>& into, const std::string& flag, const std::string& value_name, const std::string& help) {
  parser_->app.add_option(flag, into, help)->type_name(value_name)->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Arguments::flag(bool& into, const std::string& flag, const std::string& help) { parser_->app.add_flag(flag, into, help); }

void Arguments::choice(std::string& into, const std::string& flag, const std::vector<std::string>& words, const std::string& help) {
  std::string names;
  for (const std::string& word : words) names += (names.empty() ? "" : "|") + word;
  parser_->app.add_option(flag, into, help)->type_name(names)->check(CLI::IsMember(words))->capture_default_str();
  parser_->choices[flag] = words;
}

/// Help says the range and default of numbers as `describe` has them; of others their help does where it matters.
Arguments::Spelled Arguments::spelled(const char* name, const Range& range, const std::string& help, const Value& now) {
  std::string words{name}, capitals = range.unit.empty() ? name : range.unit;
  std::ranges::replace(words, '_', '-');
  std::ranges::transform(capitals, capitals.begin(), [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  Spelled option{.flag = range.flag.empty() ? "--" + words : range.flag,
                 .value_name = !range.value_name.empty() ? range.value_name : capitals,
                 .help = help,
                 .range = range};
  std::string brackets = range.choices.empty() ? range.text() : "";
  if (now.is_number()) brackets += fmt::format("{}default {:g}", brackets.empty() ? "" : "; ", now.as_number());
  if (!brackets.empty()) option.help += " (" + brackets + ")";
  return option;
}

double Arguments::number_in_range(const Spelled& option, const std::string& text) {
  const double number = finite_number(option.flag, text);
  if (!option.range.holds(number))
    throw Usage{fmt::format("{}: {} is out of range", option.flag, text), fmt::format("give a number {}", option.range.text())};
  return number;
}

std::int64_t Arguments::whole_number_in_range(const Spelled& option, const std::string& text, std::uint64_t max) {
  const std::uint64_t number = whole_number(option.flag, text, max);
  if (!option.range.holds(static_cast<double>(number)))
    throw Usage{fmt::format("{}: {} is out of range", option.flag, text), fmt::format("give a whole number {}", option.range.text())};
  return static_cast<std::int64_t>(number);
}

void Arguments::value(const Spelled& option, const ReadText& read) {
  const auto each = [read](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) read(text);
  };
  // More than one value only where the flag stands again: a positional argument may follow it.
  parser_->app.add_option_function<std::vector<std::string>>(option.flag, each, option.help)
      ->type_name(option.value_name)
      ->expected(1)
      ->multi_option_policy(option.may_repeat ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::Throw);
}

void Arguments::one_of(const Spelled& option, const std::vector<std::string>& names, const std::string& default_name,
                       const ReadText& read) {
  CLI::Option* added = parser_->app.add_option_function<std::string>(option.flag, read, option.help)
                           ->type_name(fmt::format("{}", fmt::join(names, "|")))
                           ->check(CLI::IsMember(names));
  if (!default_name.empty()) added->default_str(default_name);
  parser_->choices[option.flag] = names;
}

void Arguments::require(const std::vector<std::string>& flags) {
  for (const std::string& flag : flags) parser_->app.get_option(flag)->required();
}

void Arguments::footer(const std::string& text) {
  parser_->footer = text;
  parser_->app.footer(text);
}

void Arguments::set_kind(const std::string& name, const char* kind) { parser_->kinds[name] = kind; }

Value Arguments::described() const {
  Value arguments{Value::Array{}}, options{Value::Array{}};
  for (const CLI::Option* option : parser_->app.get_options()) {
    Value one = described_option(*option);
    const std::string name = one.at(option->get_positional() ? "name" : "flag").as_string();
    Value choices{Value::Array{}};
    if (const auto words = parser_->choices.find(name); words != parser_->choices.end())
      for (const std::string& word : words->second) choices.push_back(word);
    const auto kind = parser_->kinds.find(name);
    const char* of_value = !choices.as_array().empty() ? "choice" : kind != parser_->kinds.end() ? kind->second : "text";
    // CLI11 says the choices behind the name of the value once more.
    if (one.find("value")) one.set("value", one.at("value").as_string().substr(0, one.at("value").as_string().find(':')));
    one.set("kind", option->get_items_expected_max() > 0 ? of_value : "flag").set("choices", std::move(choices));
    (option->get_positional() ? arguments : options).push_back(std::move(one));
  }
  return empty_object()
      .set("name", parser_->app.get_name())
      .set("about", parser_->app.get_description())
      .set("arguments", std::move(arguments))
      .set("options", std::move(options))
      .set("footer", parser_->footer);
}

void Arguments::parse(const std::vector<std::string>& given) {
  const std::vector<std::string> words = with_present_names(parser_->app, given);
  if (asks_help_as_data(words)) throw HelpAsked{to_json(described()) + "\n"};
  refuse_unknown_options(parser_->app, words);
  try {
    parser_->app.parse(std::vector<std::string>{words.rbegin(), words.rend()});
  } catch (const CLI::CallForHelp&) {
    throw HelpAsked{parser_->app.help()};
  } catch (const CLI::Error& error) {
    throw Usage{said_plainly(error)};
  }
  const auto find = [](std::filesystem::path& model) {
    // What is spelled as a path is looked for when it is opened, after OUT was looked at.
    if (!model.empty() && !model.has_parent_path()) model = model::find_model(model, data_folders("models"));
  };
  for (std::filesystem::path* model : models_) find(*model);
  for (std::vector<std::filesystem::path>* list : model_lists_) std::ranges::for_each(*list, find);
}

}  // namespace lensfind::cli
