#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <mutex>
#include <string>

#include <sqlite3.h>

#include "lensfind/inspect/grade_store.h"

/// SQLite as GradeStore uses it. A file of grades may come from anybody, so nothing that it brings along is run: no trigger, no view, no
/// function in its schema.
namespace lensfind::inspect {

/// Throws Error with SQLite's own words, and a hint for what users can mend.
[[noreturn]] void throw_sqlite_error(const std::filesystem::path& path, sqlite3* handle);

/// A prepared statement, with texts and numbers bound from 1 on.
class Statement {
 public:
  /// Throws Error.
  Statement(sqlite3* handle, const std::filesystem::path& path, const char* sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(const std::string& value);
  Statement& whole(std::int64_t value);
  /// NaN becomes null.
  Statement& real(double value);
  /// Whether there is a row. Throws Error.
  bool step();
  /// Takes other values.
  void again();

  [[nodiscard]] std::string text_at(int column) const;
  [[nodiscard]] std::int64_t whole_at(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  /// NaN where it is null, or infinite.
  [[nodiscard]] double real_at(int column) const;

 private:
  sqlite3* handle_;
  const std::filesystem::path& path_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

/// Everything between begin and commit() is written as one, or not at all.
class Transaction {
 public:
  explicit Transaction(sqlite3* handle) : handle_{handle} { sqlite3_exec(handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr); }
  ~Transaction() {
    if (!done_) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  bool commit() {
    done_ = sqlite3_exec(handle_, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK;
    return done_;
  }

 private:
  sqlite3* handle_;
  bool done_ = false;
};

/// An open file of grades.
struct GradeStore::Database {
  std::filesystem::path path;
  sqlite3* handle = nullptr;
  mutable std::mutex mutex = {};

  /// Throws Error where it cannot be opened, is damaged, or is no file of grades.
  Database(std::filesystem::path at, Access access);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close_v2(handle); }

  void run(const char* sql) const;

 private:
  void open(Access access);
  void distrust() const;
  void require_mark(Access access) const;
  void require_sound() const;
};

}  // namespace lensfind::inspect
