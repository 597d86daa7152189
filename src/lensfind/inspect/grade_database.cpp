#include "lensfind/inspect/grade_database.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

constexpr int patience_ms = 10000;  // while another program writes
constexpr std::int64_t application_id = 0x4C46474B;
constexpr int max_value_bytes = 1'000'000;  // of a text, and of a row

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS grades(
  row INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, time TEXT NOT NULL, grader TEXT NOT NULL, object TEXT NOT NULL,
  presentation INTEGER NOT NULL, scheme TEXT NOT NULL, grade TEXT NOT NULL, kind TEXT NOT NULL, note TEXT NOT NULL, seconds REAL,
  undoes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects(
  object TEXT PRIMARY KEY, role TEXT NOT NULL, truth INTEGER, ra REAL, dec REAL, logit REAL, probability REAL, theta_e_arcsec REAL,
  arc_snr REAL, source_mag REAL);
CREATE TABLE IF NOT EXISTS schemes(name TEXT PRIMARY KEY, toml TEXT NOT NULL);
)";

/// Plain tables of these names, in which no column is computed: 3.
constexpr const char* plain_tables = R"(
SELECT count(*) FROM pragma_table_list AS t WHERE t.schema = 'main' AND t.type = 'table' AND t.name IN ('grades', 'objects', 'schemes')
  AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name) WHERE hidden <> 0)
)";

const char* hint_for(int code) {
  switch (code) {
    case SQLITE_FULL:
      return "free some space: nothing that was acknowledged is lost";
    case SQLITE_BUSY:
      return "another program holds the file: close it, or try again";
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
      return "give a file that `inspect` made, or the name of a new one";
    case SQLITE_CANTOPEN:
      return "does its folder exist, and may you write there?";
    case SQLITE_READONLY:
      return "choose a file and a folder that you may write to";
    case SQLITE_CORRUPT:
      return "take a copy of before, or save what `sqlite3 FILE .recover` still reads";
    case SQLITE_TOOBIG:
      return "a text of a million bytes is none of `inspect`: leave the file out";
    default:
      return "check the path and the disk";
  }
}

}  // namespace

void throw_sqlite_error(const std::filesystem::path& path, sqlite3* handle) {
  throw Error{fmt::format("{}: {}", path.string(), handle ? sqlite3_errmsg(handle) : "no memory"),
              hint_for(handle ? sqlite3_errcode(handle) : SQLITE_NOMEM)};
}

Statement::Statement(sqlite3* handle, const std::filesystem::path& path, const char* sql) : handle_{handle}, path_{path} {
  if (sqlite3_prepare_v2(handle, sql, -1, &statement_, nullptr) != SQLITE_OK) throw_sqlite_error(path, handle);
}

Statement& Statement::text(const std::string& value) {
  sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::whole(std::int64_t value) {
  sqlite3_bind_int64(statement_, ++bound_, value);
  return *this;
}

Statement& Statement::real(double value) {
  ++bound_;
  if (std::isfinite(value)) sqlite3_bind_double(statement_, bound_, value);
  return *this;
}

bool Statement::step() {
  const int status = sqlite3_step(statement_);
  if (status != SQLITE_ROW && status != SQLITE_DONE) throw_sqlite_error(path_, handle_);
  return status == SQLITE_ROW;
}

void Statement::again() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  bound_ = 0;
}

std::string Statement::text_at(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes ? std::string{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))} : std::string{};
}

double Statement::real_at(int column) const {
  const double value = sqlite3_column_double(statement_, column);
  return is_null(column) || !std::isfinite(value) ? std::numeric_limits<double>::quiet_NaN() : value;
}

GradeStore::Database::Database(std::filesystem::path at, Access access) : path{std::move(at)} {
  try {
    open(access);
    distrust();
    require_mark(access);
    if (access == Access::write) {
      run("PRAGMA journal_mode=WAL");
      run("PRAGMA synchronous=FULL");
      run(fmt::format("PRAGMA application_id={}", application_id).c_str());
      run(tables);
    }
    require_sound();
  } catch (const Error&) {
    sqlite3_close_v2(handle);
    throw;
  }
}

void GradeStore::Database::run(const char* sql) const {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw_sqlite_error(path, handle);
}

void GradeStore::Database::open(Access access) {
  if (access == Access::read && !std::filesystem::is_regular_file(path))
    throw Error{path.string() + ": is no file of grades", "give a file that `inspect --grades` made"};
  const int flags = access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
  if (sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_FULLMUTEX, nullptr) == SQLITE_OK) return;
  if (access == Access::write) throw_sqlite_error(path, handle);
  // A file on a read-only disk has no room for a write-ahead log; as it cannot change it can be read without.
  sqlite3_close_v2(handle);
  handle = nullptr;
  if (sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK)
    throw_sqlite_error(path, handle);
}

/// The file may be anybody's.
void GradeStore::Database::distrust() const {
  sqlite3_busy_timeout(handle, patience_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  for (const int what : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW})
    sqlite3_db_config(handle, what, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, max_value_bytes);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
  run("PRAGMA cell_size_check=ON");
}

/// A new file is empty and has no mark.
void GradeStore::Database::require_mark(Access access) const {
  Statement mark{handle, path, "PRAGMA application_id"};
  mark.step();
  Statement any{handle, path, "SELECT count(*) FROM sqlite_master"};
  any.step();
  if (mark.whole_at(0) != application_id && (any.whole_at(0) > 0 || access == Access::read))
    throw Error{path.string() + ": is an SQLite file of something else", "give a file that `inspect --grades` made"};
}

/// Its pages hang together, and its tables are such as `inspect` makes.
void GradeStore::Database::require_sound() const {
  Statement check{handle, path, "PRAGMA quick_check(1)"};
  if (!check.step() || check.text_at(0) != "ok")
    throw Error{fmt::format("{}: is damaged: {}", path.string(), check.text_at(0)), hint_for(SQLITE_CORRUPT)};
  Statement count{handle, path, plain_tables};
  count.step();
  if (count.whole_at(0) != 3)
    throw Error{path.string() + ": its tables are not those of a file of grades", "give a file that `inspect --grades` made"};
}

}  // namespace lensfind::inspect
