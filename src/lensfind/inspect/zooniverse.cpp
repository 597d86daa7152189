#include "lensfind/inspect/zooniverse.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/base/value.h"

namespace lensfind::inspect {
namespace {

/// Each pixel as a square.
image::Picture enlarged(const image::Picture& picture, int side) {
  const int factor = std::max(1, (side + picture.width - 1) / std::max(picture.width, 1));
  image::Picture out{picture.height * factor, picture.width * factor, picture.channels, {}};
  for (int row = 0; row < out.height; ++row) {
    for (int column = 0; column < out.width; ++column) {
      const auto from = static_cast<std::size_t>((row / factor * picture.width + column / factor) * picture.channels);
      for (int channel = 0; channel < picture.channels; ++channel)
        out.values.push_back(picture.values[from + static_cast<std::size_t>(channel)]);
    }
  }
  return out;
}

const GradeLevel* grade_of(const std::string& answer, const Scheme& scheme) {
  const std::string text = lower_case(answer);
  for (const GradeLevel& level : scheme.grades) {
    const std::string grade = lower_case(level.grade);
    if (text == grade || text == lower_case(level.meaning) || text.starts_with(grade + ":")) return &level;
  }
  return nullptr;
}

/// The first answer among a classification's tasks that is a grade.
const GradeLevel* first_grade(const Value& annotations, const Scheme& scheme) {
  if (!annotations.is_array()) return nullptr;
  for (const Value& task : annotations.as_array()) {
    const Value* value = task.is_object() ? task.find("value") : nullptr;
    if (!value || !value->is_string()) continue;
    if (const GradeLevel* level = grade_of(value->as_string(), scheme)) return level;
  }
  return nullptr;
}

/// subject_data is {"SUBJECT": {"#lensfind_id": "..."}}.
std::optional<std::string> object_of(const Value& subjects) {
  if (!subjects.is_object()) return {};
  for (const auto& [number, subject] : subjects.as_object()) {
    if (!subject.is_object()) continue;
    for (const char* key : {"#lensfind_id", "lensfind_id"})
      if (const Value* id = subject.find(key)) return id->is_string() ? id->as_string() : to_json(*id, -1);
  }
  return {};
}

std::optional<std::size_t> find(const std::vector<std::string>& columns, const char* name) {
  const auto found = std::ranges::find(columns, name);
  return found == columns.end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - columns.begin())};
}

}  // namespace

std::int64_t write_subjects(const std::filesystem::path& folder, const std::vector<Listed>& objects,
                            const std::function<Drawn(std::size_t object)>& draw, int side) {
  std::string manifest = "image,#lensfind_id\n";
  std::int64_t written = 0;
  for (std::size_t object = 0; object < objects.size(); ++object) {
    const std::string name = fmt::format("{:06}.png", object + 1);
    try {
      image::write_png(folder / name, enlarged(draw(object).picture, side));
    } catch (const Error&) {
      continue;
    }
    manifest += fmt::format("{},{}\n", name, csv_field(objects[object].object.id));
    ++written;
  }
  write_file(folder / "manifest.csv", manifest);
  return written;
}

bool is_classification_export(const std::vector<std::string>& columns) {
  return find(columns, "annotations") && find(columns, "subject_data") && find(columns, "classification_id");
}

Classifications read_classifications(const std::filesystem::path& csv, const Scheme& scheme) {
  CsvReader rows{csv};
  const std::size_t annotations = rows.column("annotations"), subject = rows.column("subject_data"),
                    number = rows.column("classification_id");
  const auto user = rows.find("user_name"), time = rows.find("created_at");
  Classifications out;
  while (rows.next()) {
    const std::string where = rows.where();
    const GradeLevel* level = first_grade(parse_json(rows[annotations], where), scheme);
    const auto object = object_of(parse_json(rows[subject], where));
    if (!level || !object || object->empty()) {
      ++out.passed_over;
      continue;
    }
    out.grades.push_back({.uid = fmt::format("zooniverse-{}", rows[number]),
                          .time = time ? std::string{rows[*time]} : std::string{},
                          .grader = user && !rows[*user].empty() ? std::string{rows[*user]} : "anonymous",
                          .object = *object,
                          .scheme = scheme.name,
                          .grade = level->grade});
  }
  return out;
}

}  // namespace lensfind::inspect
