#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"

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

  /// One of a few words.
  void positional(std::string& into, const std::string& name, const std::vector<std::string>& words, const std::string& help,
                  bool required);

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

  /// An option for every described member of `into` (base/fields.h), but for the members called as in `without`: its flag, value name,
  /// range, default and help come from `describe`, and what is out of range is refused with the flag's name. Members of described members
  /// are options too. A list takes one value a flag, but paths and numbers several.
  template <fields_detail::Described T>
  void fields(T& into, const std::vector<std::string>& without = {});

  /// Options that are declared already and must be given.
  void require(const std::vector<std::string>& flags);

  /// Text behind the options in `--help`: examples, tables of fields.
  void footer(const std::string& text);

  /// Throws Usage or HelpAsked. With `--help --json` the help is JSON: what described() gives.
  void parse(const std::vector<std::string>& words);

  /// What the command takes, as data: {"name", "about", "arguments": [{"name", "kind", "help", "required", "many"}], "options": [{"flag",
  /// "value", "kind", "choices", "default", "help", "required", "many"}], "footer"}. A kind is one of flag, text, number, path, model,
  /// choice.
  [[nodiscard]] Value described() const;

 private:
  struct Parser;
  /// A described member as an option.
  struct Spelled {
    std::string flag, value_name, help;
    Range range;
    bool may_repeat = false;
  };
  template <typename M>
  static constexpr auto max_of = static_cast<std::uint64_t>(std::min<std::uint64_t>(std::numeric_limits<M>::max(),
                                                                                    std::numeric_limits<std::int64_t>::max()));
  using ReadText = std::function<void(const std::string& text)>;

  static Spelled spelled(const char* name, const Range& range, const std::string& help, const Value& now);
  static double number_in_range(const Spelled& option, const std::string& text);
  static std::int64_t whole_number_in_range(const Spelled& option, const std::string& text, std::uint64_t max);
  /// What kind of value a flag or positional argument takes, for described(); where nothing is said: text.
  void set_kind(const std::string& name, const char* kind);
  template <typename M>
  static constexpr const char* kind_of();
  void value(const Spelled& option, const ReadText& read);
  void one_of(const Spelled& option, const std::vector<std::string>& names, const std::string& default_name, const ReadText& read);
  template <typename M>
  void field(M& into, const Spelled& option);

  std::unique_ptr<Parser> parser_;
  std::vector<std::filesystem::path*> models_;  ///< to be found by name
  std::vector<std::vector<std::filesystem::path>*> model_lists_;
};

// Only templates from here on.
template <typename M>
constexpr const char* Arguments::kind_of() {
  if constexpr (fields_detail::is_optional<M>::value) return kind_of<typename M::value_type>();
  if constexpr (std::is_same_v<M, std::filesystem::path> || std::is_same_v<M, std::vector<std::filesystem::path>>) return "path";
  if constexpr (std::is_arithmetic_v<M> || std::is_same_v<M, std::vector<double>>) return "number";
  return "text";
}

template <typename M>
void Arguments::field(M& into, const Spelled& option) {
  if constexpr (fields_detail::is_optional<M>::value) {
    using Held = typename M::value_type;
    if constexpr (NamedEnum<Held>) {
      one_of(option, all_names<Held>(), "", [&into](const std::string& text) { into = find_named<Held>(text); });
    } else if constexpr (std::is_floating_point_v<Held>) {
      value(option, [&into, option](const std::string& text) { into = number_in_range(option, text); });
    } else if constexpr (std::is_integral_v<Held>) {
      value(option,
            [&into, option](const std::string& text) { into = static_cast<Held>(whole_number_in_range(option, text, max_of<Held>)); });
    } else {
      // An empty text is none.
      value(option, [&into](const std::string& text) { into = text.empty() ? M{} : M{text}; });
    }
  } else if constexpr (std::is_same_v<M, bool>) {
    flag(into, option.flag, option.help);
  } else if constexpr (NamedEnum<M>) {
    one_of(option, all_names<M>(), name_of(into), [&into](const std::string& text) { into = *find_named<M>(text); });
  } else if constexpr (std::is_floating_point_v<M>) {
    value(option, [&into, option](const std::string& text) { into = number_in_range(option, text); });
  } else if constexpr (std::is_integral_v<M>) {
    value(option, [&into, option](const std::string& text) { into = static_cast<M>(whole_number_in_range(option, text, max_of<M>)); });
  } else if constexpr (std::is_same_v<M, std::string>) {
    if (option.range.choices.empty())
      this->option(into, option.flag, option.value_name, option.help);
    else
      choice(into, option.flag, option.range.choices, option.help);
  } else if constexpr (std::is_same_v<M, std::vector<std::filesystem::path>>) {
    list(into, option.flag, option.value_name, option.help);
  } else if constexpr (std::is_same_v<M, std::vector<std::string>>) {
    Spelled repeated = option;
    repeated.may_repeat = true;
    // The first value given replaces those of the default.
    value(repeated, [&into, first = true](const std::string& text) mutable {
      if (first) into.clear();
      first = false;
      into.push_back(text);
    });
  } else if constexpr (requires { this->option(into, option.flag, option.value_name, option.help); }) {
    this->option(into, option.flag, option.value_name, option.help);
  } else {
    throw std::logic_error{option.flag + ": there are no options of this kind; its field should say without_option()"};
  }
}

template <fields_detail::Described T>
void Arguments::fields(T& into, const std::vector<std::string>& without) {
  const auto declare = [&]<typename M, typename Owner>(M Owner::*member, const char* name, const Range& range, const char* help,
                                                       const char* = nullptr) {
    if (range.no_option || std::ranges::find(without, name) != without.end()) return;
    if constexpr (fields_detail::Described<M>) {
      fields(into.*member, without);
    } else {
      const Spelled option = spelled(name, range, help, fields_detail::write_member(into.*member));
      field(into.*member, option);
      set_kind(option.flag, kind_of<M>());
    }
  };
  T::describe(declare);
}

}  // namespace lensfind::cli
