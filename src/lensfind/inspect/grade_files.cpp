#include "lensfind/inspect/grade_files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/inspect/grade_store.h"
#include "lensfind/inspect/zooniverse.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/table.h"

namespace lensfind::inspect {
namespace {

namespace fs = std::filesystem;

/// Joins what several files know of the same objects: a role that is a control's wins, and numbers that are known.
class Objects {
 public:
  void add(const GradedObject& object) {
    const auto [entry, is_new] = places_.emplace(object.id, objects_.size());
    if (is_new) {
      objects_.push_back(object);
      return;
    }
    GradedObject& known = objects_[entry->second];
    if (object.role != Role::candidate) known.role = object.role;
    if (object.truth != Label::unknown) known.truth = object.truth;
    if (object.position) known.position = object.position;
    for (const auto member : {&GradedObject::logit, &GradedObject::probability, &GradedObject::theta_e_arcsec, &GradedObject::arc_snr,
                              &GradedObject::source_mag})
      if (!std::isnan(object.*member)) known.*member = object.*member;
  }
  std::vector<GradedObject> take() { return std::move(objects_); }

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::vector<GradedObject> objects_;
};

/// The columns of a table of grades, and a row's fields by them.
class GradeTable {
 public:
  GradeTable(const fs::path& path, const std::string& grade_column, std::vector<std::string>& notes)
      : path_{path}, table_{sky::open_table(path)} {
    const std::vector<std::string>& columns = table_->columns();
    const auto object = find("object");
    id_ = object ? object : sky::find_id_column(columns, "", path, notes);
    if (!id_) throw Error{path.string() + ": has no column of objects", "give a column `object` or `id`"};
    grade_ = grade_column.empty() ? find("grade") : std::optional{sky::column_named(columns, grade_column, path)};
    if (!grade_) throw Error{path.string() + ": has no column `grade`", "name the column of the grades with --grade-column"};
    if (sky::PositionColumns::are_in(table_->heads(), {})) position_.emplace(table_->heads(), path, sky::ColumnNames{}, notes);
  }

  bool next() { return table_->next(fields_); }
  [[nodiscard]] std::string text(const char* column) const {
    const auto place = find(column);
    return place ? std::string{fields_[*place]} : std::string{};
  }
  [[nodiscard]] double number(const char* column) const {
    const std::string value = text(column);
    if (value.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto number = parse_number(value);
    if (!number) refuse(column, value);
    return *number;
  }
  [[nodiscard]] std::string object() const { return std::string{fields_[*id_]}; }
  [[nodiscard]] std::string grade() const { return std::string{fields_[*grade_]}; }
  [[nodiscard]] std::optional<sky::Position> position() const { return position_ ? position_->of(fields_) : std::nullopt; }
  [[nodiscard]] std::string where() const { return table_->where(); }
  [[noreturn]] void refuse(const char* column, const std::string& value) const {
    throw Error{fmt::format("{}: `{}` is no {}", table_->where(), value, column), "correct the row"};
  }

 private:
  [[nodiscard]] std::optional<std::size_t> find(const std::string& name) const {
    const auto found =
        std::ranges::find_if(table_->columns(), [&](const std::string& own) { return sky::bare_name(own) == sky::bare_name(name); });
    return found == table_->columns().end() ? std::nullopt : std::optional{static_cast<std::size_t>(found - table_->columns().begin())};
  }

  fs::path path_;
  std::unique_ptr<sky::TableReader> table_;
  std::optional<std::size_t> id_, grade_;
  std::optional<sky::PositionColumns> position_;
  std::vector<std::string_view> fields_;
};

GradedObject object_of(const GradeTable& table) {
  GradedObject object{.id = table.object(), .position = table.position()};
  if (const std::string role = table.text("role"); !role.empty()) object.role = value_named<Role>(role);
  const std::string truth = table.text("truth");
  const auto label = label_from_text(truth);
  if (!label) table.refuse("truth", truth);
  object.truth = *label;
  object.theta_e_arcsec = table.number("theta_e_arcsec");
  object.arc_snr = table.number("arc_snr");
  return object;
}

/// A name for a row that has none of its own: the same for the same row of the same file, so that it counts once.
std::string uid_of(const Grade& row, std::int64_t number) {
  const std::string text = fmt::format("{}\n{}\n{}\n{}\n{}", row.grader, row.object, row.grade, row.time, number);
  return hash128(std::as_bytes(std::span{text})).text().substr(0, 24);
}

void read_table(const fs::path& path, const Scheme& scheme, const std::string& grade_column, GradeSet& set, Objects& objects) {
  GradeTable table{path, grade_column, set.notes};
  std::int64_t empty = 0;
  for (std::int64_t number = 0; table.next(); ++number) {
    Grade row{.uid = table.text("uid"),
              .time = table.text("time"),
              .grader = table.text("grader"),
              .object = table.object(),
              .scheme = table.text("scheme"),
              .grade = table.grade(),
              .kind = table.text("kind"),
              .note = table.text("note"),
              .seconds = table.number("seconds"),
              .undoes = table.text("undoes")};
    if (row.object.empty()) throw Error{table.where() + ": the object has no name", "correct the row"};
    const double presentation = table.number("presentation");
    if (!std::isnan(presentation)) {
      if (!(presentation >= 0 && presentation <= 1000)) table.refuse("presentation", fmt::format("{}", presentation));
      row.presentation = static_cast<int>(presentation);
    }
    objects.add(object_of(table));
    if (row.grade.empty() && row.undoes.empty()) {
      ++empty;
      continue;
    }
    if (row.grader.empty()) row.grader = path.stem().string();
    if (row.scheme.empty()) row.scheme = scheme.name;
    if (row.uid.empty()) row.uid = uid_of(row, number);
    set.rows.push_back(std::move(row));
  }
  if (empty > 0) set.notes.push_back(fmt::format("{}: {} rows have no grade", path.string(), empty));
}

/// Zooniverse's.
void read_export(const fs::path& path, const Scheme& scheme, GradeSet& set, Objects& objects) {
  Classifications read = read_classifications(path, scheme);
  if (read.passed_over > 0)
    set.notes.push_back(
        fmt::format("{}: {} classifications give no grade of scheme `{}` or no object", path.string(), read.passed_over, scheme.name));
  for (Grade& grade : read.grades) {
    objects.add({.id = grade.object});
    set.rows.push_back(std::move(grade));
  }
}

void add_scheme(std::vector<Scheme>& schemes, Scheme scheme, const fs::path& path) {
  const auto known = std::ranges::find(schemes, scheme.name, &Scheme::name);
  if (known == schemes.end())
    schemes.push_back(std::move(scheme));
  else if (scheme_toml(*known) != scheme_toml(scheme))
    throw Error{fmt::format("{}: its scheme `{}` is another than the one of that name before it", path.string(), scheme.name),
                "grades of two schemes cannot be merged: give one of them another name"};
}

void note_unknown_grades(GradeSet& set) {
  std::map<std::string, std::int64_t> unknown;
  for (const Grade& row : set.rows) {
    if (!row.undoes.empty()) continue;
    const auto scheme = std::ranges::find(set.schemes, row.scheme, &Scheme::name);
    if (scheme == set.schemes.end() || !scheme->find(row.grade)) ++unknown[fmt::format("`{}` of scheme `{}`", row.grade, row.scheme)];
  }
  for (const auto& [what, count] : unknown)
    set.notes.push_back(fmt::format("the grade {} is not known and left out ({} times); name its scheme with --scheme", what, count));
}

}  // namespace

bool is_sqlite(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, 16> head{};
  file.read(head.data(), head.size());
  return file.gcount() == 16 && std::string_view{head.data(), 15} == "SQLite format 3";
}

GradeSet read_grades(std::span<const fs::path> files, const Scheme& scheme, const std::string& grade_column) {
  GradeSet set{.schemes = {scheme}};
  Objects objects;
  for (const fs::path& path : files) {
    if (!is_sqlite(path)) {
      if (is_classification_export(sky::open_table(path)->columns()))
        read_export(path, scheme, set, objects);
      else
        read_table(path, scheme, grade_column, set, objects);
      continue;
    }
    const GradeStore store{path, GradeStore::Access::read};
    for (Scheme& own : store.schemes()) add_scheme(set.schemes, std::move(own), path);
    for (const GradedObject& object : store.objects()) objects.add(object);
    for (Grade& row : store.rows()) {
      objects.add({.id = row.object});
      set.rows.push_back(std::move(row));
    }
  }
  set.objects = objects.take();
  note_unknown_grades(set);
  return set;
}

std::string grades_csv(std::span<const Grade> rows) {
  std::string out = "time,grader,object,presentation,scheme,grade,kind,note,seconds,uid,undoes\n";
  for (const Grade& row : rows)
    out += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(row.time), csv_field(row.grader), csv_field(row.object),
                       row.presentation, csv_field(row.scheme), csv_field(row.grade), csv_field(row.kind), csv_field(row.note),
                       std::isnan(row.seconds) ? "" : fmt::format("{:.3f}", row.seconds), csv_field(row.uid), csv_field(row.undoes));
  return out;
}

}  // namespace lensfind::inspect
