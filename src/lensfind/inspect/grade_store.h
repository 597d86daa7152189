#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "lensfind/inspect/grade.h"
#include "lensfind/inspect/scheme.h"

namespace lensfind::inspect {

/// Grades in an SQLite file (write-ahead log, every grade synced to the disk before add() returns): tables `grades`, `objects`, `schemes`.
/// Several programs may have it open at once. From any thread.
class GradeStore {
 public:
  enum class Access { write, read };
  /// With `write` the file is made where it is not there. Throws Error where it cannot be opened or is no file of grades.
  explicit GradeStore(const std::filesystem::path& path, Access access = Access::write);
  ~GradeStore();
  GradeStore(GradeStore&&) noexcept;
  GradeStore& operator=(GradeStore&&) noexcept;

  /// Adds a row; false where one with its uid is there already, which stays as it is. When it returns the row is on the disk. Throws Error.
  bool add(const Grade& grade);
  /// All rows in the order in which they were added, those behind row `after` (rows count from 1).
  [[nodiscard]] std::vector<Grade> rows(std::int64_t after = 0) const;
  /// The same one by one, with their numbers: memory does not grow with them. `use` must not use the store.
  void for_each_row(std::int64_t after, const std::function<void(const Grade& row, std::int64_t number)>& use) const;
  /// The number of the last row, 0 where there is none.
  [[nodiscard]] std::int64_t last_row() const;

  /// Adds objects, or replaces what is known of them, in one step.
  void set_objects(const std::vector<GradedObject>& objects);
  [[nodiscard]] std::vector<GradedObject> objects() const;
  /// Throws Error where another scheme of the same name is there: grades would change their meaning.
  void set_scheme(const Scheme& scheme);
  [[nodiscard]] std::vector<Scheme> schemes() const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace lensfind::inspect
