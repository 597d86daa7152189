#include "lensfind/score/run_record.h"

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::score {

Value to_json_value(const RunRecord& record) {
  Value columns{Value::Array{}};
  for (const std::string& column : record.columns) columns.push_back(column);
  return empty_object()
      .set("format", 2)
      .set("model", record.model)
      .set("engine", record.engine)
      .set("precision", record.precision)
      .set("prevalence", record.prevalence ? Value{*record.prevalence} : Value{})
      .set("inputs", record.inputs)
      .set("input_list", record.input_list)
      .set("reading", record.reading)
      .set("chunk", record.chunk)
      .set("columns", columns);
}

RunRecord run_record(const Value& value, const std::string& origin) {
  if (value.at("format").as_integer() != 2)
    throw Error{origin + ": was begun by another version of lensfind", "finish it with that version, or begin again with --overwrite"};
  RunRecord record{.model = value.at("model").as_string(),
                   .engine = value.at("engine").as_string(),
                   .precision = value.at("precision").as_string(),
                   .inputs = value.at("inputs").as_integer(),
                   .input_list = value.at("input_list").as_string(),
                   .reading = value.at("reading").as_string(),
                   .chunk = value.at("chunk").as_integer()};
  if (!value.at("prevalence").is_null()) record.prevalence = value.at("prevalence").as_number();
  for (const Value& column : value.at("columns").as_array()) record.columns.push_back(column.as_string());
  if (record.inputs < 0 || record.chunk < 1) throw Error{origin + ": is damaged", "begin again with --overwrite"};
  return record;
}

void check_same_run(const Value& begun, const RunRecord& now, const std::filesystem::path& folder) {
  const Value wanted = to_json_value(now);
  for (const auto& [key, value] : wanted.as_object()) {
    const Value* before = begun.find(key);
    if (before && *before == value) continue;
    const std::string what =
        key == "model" ? "the model has changed"
        : key == "inputs" || key == "input_list"
            ? "the list of inputs has changed"
            : fmt::format("{} was {}, now it is {}", key, before ? to_json(*before, -1) : "not there", to_json(value, -1));
    throw Error{fmt::format("{}: the unfinished run cannot be resumed: {}", folder.string(), what),
                "resume it with what it was begun with, or begin again with --overwrite"};
  }
}

}  // namespace lensfind::score
