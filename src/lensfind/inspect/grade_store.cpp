#include "lensfind/inspect/grade_store.h"

#include <cmath>
#include <limits>
#include <mutex>

#include <fmt/format.h>
#include <sqlite3.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

constexpr int patience_ms = 10000;  // while another program writes
constexpr std::int64_t application_id = 0x4C46474B;

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

[[noreturn]] void fail(const std::filesystem::path& path, sqlite3* handle) {
  const int code = handle ? sqlite3_errcode(handle) : SQLITE_NOMEM;
  const char* hint = code == SQLITE_FULL       ? "free some space: nothing that was acknowledged is lost"
                     : code == SQLITE_BUSY     ? "another program holds the file: close it, or try again"
                     : code == SQLITE_NOTADB   ? "give a file that `inspect` made, or the name of a new one"
                     : code == SQLITE_CANTOPEN ? "does its folder exist, and may you write there?"
                     : code == SQLITE_READONLY ? "choose a file and a folder that you may write to"
                                               : "check the path and the disk";
  throw Error{fmt::format("{}: {}", path.string(), handle ? sqlite3_errmsg(handle) : "no memory"), hint};
}

}  // namespace

struct GradeStore::Database {
  std::filesystem::path path;
  sqlite3* handle = nullptr;
  mutable std::mutex mutex = {};

  explicit Database(std::filesystem::path at) : path{std::move(at)} {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close_v2(handle); }

  void run(const char* sql) const {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(path, handle);
  }
};

namespace {

/// A prepared statement, with texts and numbers bound from 1 on.
class Statement {
 public:
  Statement(sqlite3* handle, const std::filesystem::path& path, const char* sql) : handle_{handle}, path_{path} {
    if (sqlite3_prepare_v2(handle, sql, -1, &statement_, nullptr) != SQLITE_OK) fail(path, handle);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& text(const std::string& value) {
    sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
  }
  Statement& whole(std::int64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  /// NaN becomes null.
  Statement& real(double value) {
    ++bound_;
    if (std::isfinite(value)) sqlite3_bind_double(statement_, bound_, value);
    return *this;
  }
  /// Whether there is a row.
  bool step() {
    const int status = sqlite3_step(statement_);
    if (status != SQLITE_ROW && status != SQLITE_DONE) fail(path_, handle_);
    return status == SQLITE_ROW;
  }
  void again() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    bound_ = 0;
  }

  [[nodiscard]] std::string text_at(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes ? std::string{bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))} : std::string{};
  }
  [[nodiscard]] std::int64_t whole_at(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  [[nodiscard]] double real_at(int column) const {
    return is_null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(statement_, column);
  }

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

}  // namespace

GradeStore::GradeStore(const std::filesystem::path& path, Access access) : database_{std::make_unique<Database>(path)} {
  if (access == Access::read && !std::filesystem::is_regular_file(path))
    throw Error{path.string() + ": is no file of grades", "give a file that `inspect --grades` made"};
  const int flags = access == Access::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
  sqlite3*& handle = database_->handle;
  if (sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK) {
    // A file on a read-only disk has no room for a write-ahead log; as it cannot change it can be read without.
    sqlite3_close_v2(handle);
    handle = nullptr;
    if (access == Access::write ||
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK)
      fail(path, handle);
  }
  sqlite3_busy_timeout(handle, patience_ms);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  {
    Statement marked{handle, path, "PRAGMA application_id"};
    marked.step();
    Statement any{handle, path, "SELECT count(*) FROM sqlite_master"};
    any.step();
    if (marked.whole_at(0) != application_id && (any.whole_at(0) > 0 || access == Access::read))
      throw Error{path.string() + ": is an SQLite file of something else", "give a file that `inspect --grades` made"};
  }
  if (access == Access::read) return;
  database_->run("PRAGMA journal_mode=WAL");
  database_->run("PRAGMA synchronous=FULL");
  database_->run(fmt::format("PRAGMA application_id={}", application_id).c_str());
  database_->run(tables);
}

GradeStore::~GradeStore() = default;
GradeStore::GradeStore(GradeStore&&) noexcept = default;
GradeStore& GradeStore::operator=(GradeStore&&) noexcept = default;

bool GradeStore::add(const Grade& grade) {
  const std::lock_guard lock{database_->mutex};
  Statement insert{database_->handle, database_->path,
                   "INSERT INTO grades(uid,time,grader,object,presentation,scheme,grade,kind,note,seconds,undoes) "
                   "VALUES(?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(uid) DO NOTHING"};
  insert.text(grade.uid).text(grade.time).text(grade.grader).text(grade.object).whole(grade.presentation).text(grade.scheme);
  insert.text(grade.grade).text(grade.kind).text(grade.note).real(grade.seconds).text(grade.undoes).step();
  return sqlite3_changes(database_->handle) > 0;
}

std::vector<Grade> GradeStore::rows(std::int64_t after) const {
  std::vector<Grade> out;
  for_each_row(after, [&](const Grade& row, std::int64_t) { out.push_back(row); });
  return out;
}

void GradeStore::for_each_row(std::int64_t after, const std::function<void(const Grade& row, std::int64_t number)>& use) const {
  const std::lock_guard lock{database_->mutex};
  Statement select{
      database_->handle, database_->path,
      "SELECT uid,time,grader,object,presentation,scheme,grade,kind,note,seconds,undoes,row FROM grades WHERE row>? ORDER BY row"};
  select.whole(after);
  while (select.step())
    use({select.text_at(0), select.text_at(1), select.text_at(2), select.text_at(3), static_cast<int>(select.whole_at(4)),
         select.text_at(5), select.text_at(6), select.text_at(7), select.text_at(8), select.real_at(9), select.text_at(10)},
        select.whole_at(11));
}

std::int64_t GradeStore::last_row() const {
  const std::lock_guard lock{database_->mutex};
  Statement select{database_->handle, database_->path, "SELECT coalesce(max(row),0) FROM grades"};
  select.step();
  return select.whole_at(0);
}

void GradeStore::set_objects(const std::vector<GradedObject>& objects) {
  const std::lock_guard lock{database_->mutex};
  Transaction all{database_->handle};
  Statement insert{database_->handle, database_->path,
                   "INSERT OR REPLACE INTO objects(object,role,truth,ra,dec,logit,probability,theta_e_arcsec,arc_snr,source_mag) "
                   "VALUES(?,?,?,?,?,?,?,?,?,?)"};
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (const GradedObject& object : objects) {
    insert.text(object.id).text(name_of(object.role)).real(object.truth == Label::unknown ? none : static_cast<double>(object.truth));
    insert.real(object.position ? object.position->ra_deg : none).real(object.position ? object.position->dec_deg : none);
    insert.real(object.logit).real(object.probability).real(object.theta_e_arcsec).real(object.arc_snr).real(object.source_mag).step();
    insert.again();
  }
  if (!all.commit()) fail(database_->path, database_->handle);
}

std::vector<GradedObject> GradeStore::objects() const {
  const std::lock_guard lock{database_->mutex};
  Statement select{database_->handle, database_->path,
                   "SELECT object,role,truth,ra,dec,logit,probability,theta_e_arcsec,arc_snr,source_mag FROM objects ORDER BY rowid"};
  std::vector<GradedObject> out;
  while (select.step()) {
    GradedObject object{.id = select.text_at(0), .role = value_named<Role>(select.text_at(1))};
    if (!select.is_null(2)) object.truth = select.whole_at(2) == 1 ? Label::lens : Label::non_lens;
    if (!select.is_null(3) && !select.is_null(4)) object.position = sky::Position{select.real_at(3), select.real_at(4)};
    object.logit = select.real_at(5);
    object.probability = select.real_at(6);
    object.theta_e_arcsec = select.real_at(7);
    object.arc_snr = select.real_at(8);
    object.source_mag = select.real_at(9);
    out.push_back(std::move(object));
  }
  return out;
}

void GradeStore::set_scheme(const Scheme& scheme) {
  for (const Scheme& known : schemes()) {
    if (known.name != scheme.name) continue;
    if (scheme_toml(known) == scheme_toml(scheme)) return;
    throw Error{fmt::format("{}: holds grades of another scheme `{}`", database_->path.string(), scheme.name),
                "give the changed scheme another name, or the grades another file"};
  }
  const std::lock_guard lock{database_->mutex};
  Statement insert{database_->handle, database_->path, "INSERT OR IGNORE INTO schemes(name,toml) VALUES(?,?)"};
  insert.text(scheme.name).text(scheme_toml(scheme)).step();
}

std::vector<Scheme> GradeStore::schemes() const {
  const std::lock_guard lock{database_->mutex};
  Statement select{database_->handle, database_->path, "SELECT name,toml FROM schemes ORDER BY rowid"};
  std::vector<Scheme> out;
  while (select.step()) out.push_back(parse_scheme(select.text_at(1), database_->path.string() + ", scheme " + select.text_at(0)));
  return out;
}

}  // namespace lensfind::inspect
