#include "lensfind/score/run_record.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::score {

namespace {

constexpr int format = 3;

/// What is another in `now`, in words; empty where nothing is. Keys of `passed_over` do not count.
std::string difference(const Value& before, const RunRecord& now, const std::vector<std::string>& passed_over) {
  const Value wanted = to_json_value(now);
  for (const auto& [key, value] : wanted.as_object()) {
    if (std::ranges::count(passed_over, key) > 0) continue;
    const Value* old = before.find(key);
    if (old && *old == value) continue;
    if (key == "model") return "the model has changed";
    if (key == "int8_ranges")
      return "the ranges of its int8 layers were others (is this another kind of processor, or was the model calibrated again?)";
    if (key == "inputs" || key == "input_list") return "the list of inputs has changed";
    return fmt::format("{} was {}, now it is {}", key, old ? to_json(*old, -1) : "not there", to_json(value, -1));
  }
  return {};
}

}  // namespace

Value to_json_value(const RunRecord& record) {
  Value columns{Value::Array{}};
  for (const std::string& column : record.columns) columns.push_back(column);
  Value value = empty_object();
  value.set("format", format)
      .set("model", record.model)
      .set("engine", record.engine)
      .set("precision", record.precision)
      .set("prevalence", record.prevalence ? Value{*record.prevalence} : Value{})
      .set("inputs", record.inputs)
      .set("input_list", record.input_list)
      .set("reading", record.reading)
      .set("chunk", record.chunk)
      .set("about", record.about)
      .set("training_images", record.training_images ? write_fields(*record.training_images) : Value{})
      .set("columns", columns);
  if (!record.int8_ranges.layers.empty()) value.set("int8_ranges", write_fields(record.int8_ranges));
  return value;
}

model::Int8Ranges int8_ranges_of(const Value& record) {
  model::Int8Ranges ranges;
  if (const Value* value = record.find("int8_ranges")) read_fields(*value, ranges, "int8_ranges");
  return ranges;
}

RunRecord run_record(const Value& value, const std::string& origin) {
  if (value.at("format").as_integer() != format)
    throw Error{origin + ": was begun by another version of lensfind", "finish it with that version, or begin again with --overwrite"};
  RunRecord record{.model = value.at("model").as_string(),
                   .engine = value.at("engine").as_string(),
                   .precision = value.at("precision").as_string(),
                   .int8_ranges = int8_ranges_of(value),
                   .inputs = value.at("inputs").as_integer(),
                   .input_list = value.at("input_list").as_string(),
                   .reading = value.at("reading").as_string(),
                   .chunk = value.at("chunk").as_integer(),
                   .about = value.at("about")};
  if (!value.at("prevalence").is_null()) record.prevalence = value.at("prevalence").as_number();
  if (const Value& images = value.at("training_images"); !images.is_null())
    read_fields(images, record.training_images.emplace(), origin + ": training_images");
  for (const Value& column : value.at("columns").as_array()) record.columns.push_back(column.as_string());
  if (record.inputs < 0 || record.chunk < 1) throw Error{origin + ": is damaged", "begin again with --overwrite"};
  return record;
}

void check_same_run(const Value& begun, const RunRecord& now, const std::filesystem::path& folder) {
  if (const std::string changed = difference(begun, now, {}); !changed.empty()) {
    throw Error{fmt::format("{}: the unfinished run cannot be resumed: {}", folder.string(), changed),
                "resume it with what it was begun with, or begin again with --overwrite"};
  }
}

void check_same_finished_run(const Value& finished, const RunRecord& now, const std::filesystem::path& table) {
  if (const std::string changed = difference(finished, now, {"engine", "chunk", "about"}); !changed.empty()) {
    throw Error{fmt::format("{}: is the table of another run: {}", table.string(), changed),
                "give --overwrite to replace it, or another name"};
  }
}

}  // namespace lensfind::score
