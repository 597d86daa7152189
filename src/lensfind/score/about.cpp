#include "lensfind/score/about.h"

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/fields.h"
#include "lensfind/base/utf8.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

constexpr const char* run_key = "LENSRUN";

Value list_value(const std::vector<std::string>& texts) {
  Value list{Value::Array{}};
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

std::vector<std::string> texts_of(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& text : list.as_array()) texts.push_back(text.as_string());
  return texts;
}

ImageLikeness images_of(const Value& value) {
  ImageLikeness images{.measured = value.at("measured").as_integer(), .differences = texts_of(value.at("differences"))};
  if (const Value& alike = value.at("like_training"); !alike.is_null()) images.like_training = alike.as_bool();
  return images;
}

/// The code point that begins at `at` of well-formed UTF-8; `at` goes behind it.
std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(at++);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  std::uint32_t point = more == 0 ? first : first & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more; ++i) point = point << 6U | (byte(at++) & 0x3FU);
  return point;
}

/// JSON whose other letters are written as \uXXXX, for headers hold ASCII only.
std::string ascii_json(const Value& value) {
  const std::string text = valid_utf8(to_json(value, -1));
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_code_point(text, at);
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((point - 0x10000) >> 10U), 0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return out;
}

}  // namespace

About about_run(const Scorer& scorer, std::optional<double> prevalence) {
  return {.model = scorer.fingerprint,
          .bands = scorer.band_names,
          .prevalence = prevalence,
          .calibration = scorer.calibration,
          .thresholds = scorer.thresholds};
}

Value to_json_value(const About& about) {
  return empty_object()
      .set("made_by", "lensfind score")
      .set("model", about.model)
      .set("bands", list_value(about.bands))
      .set("prevalence", about.prevalence ? Value{*about.prevalence} : Value{})
      .set("calibration", about.calibration ? write_fields(*about.calibration) : Value{})
      .set("thresholds", model::to_json_value(about.thresholds))
      .set("inputs", about.inputs)
      .set("scored", about.scored)
      .set("rejected", about.rejected)
      .set("images", to_json_value(about.images));
}

About about_from_json_value(const Value& value, const std::string& origin) {
  try {
    About about{.model = value.at("model").as_string(),
                .bands = texts_of(value.at("bands")),
                .thresholds = model::operating_points(value.at("thresholds")),
                .inputs = value.at("inputs").as_integer(),
                .scored = value.at("scored").as_integer(),
                .rejected = value.at("rejected").as_integer(),
                .images = images_of(value.at("images"))};
    if (!value.at("prevalence").is_null()) about.prevalence = value.at("prevalence").as_number();
    if (const Value& calibration = value.at("calibration"); !calibration.is_null())
      read_fields(calibration, about.calibration.emplace(), origin + ": calibration");
    return about;
  } catch (const Error& error) {
    throw Error{fmt::format("{}: what the table says of itself is damaged: {}", origin, error.what()),
                "give the model with --model, or score again"};
  }
}

std::vector<sky::TableFact> table_facts(const About& about) {
  std::vector<sky::TableFact> facts;
  if (about.prevalence) facts.push_back({"PREVAL", *about.prevalence, "fraction of lenses that probability is for"});
  facts.push_back({run_key, ascii_json(to_json_value(about))});
  return facts;
}

fs::path about_file(fs::path table) { return table += ".run.json"; }

std::optional<About> read_about(const fs::path& table) {
  if (sky::format_of_file(table) != sky::TableFormat::csv) {
    if (const std::optional<std::string> text = sky::open_table(table)->fact(run_key))
      return about_from_json_value(parse_json(*text, table.string()), table.string());
  }
  const fs::path beside = about_file(table);
  if (!fs::is_regular_file(beside)) return {};
  const Value run = read_json(beside);
  const Value* about = run.is_object() ? run.find("about") : nullptr;
  if (about == nullptr) return {};  // of an earlier version
  return about_from_json_value(*about, beside.string());
}

}  // namespace lensfind::score
