#include "lensfind/inspect/grade_store.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/inspect/grade_database.h"

namespace lensfind::inspect {
namespace {

constexpr int max_presentation = 1000;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw Error{fmt::format("{}: {}", path.string(), what), "the file is not as `inspect` leaves it: take a copy of before, or leave it out"};
}

/// Rows are read in the order of their numbers. In a damaged file they may come again and again.
void require_rising(std::int64_t number, std::int64_t last, const std::filesystem::path& path) {
  if (number <= last) refuse(path, fmt::format("row {} comes behind row {}", number, last));
}

Grade grade_of(const Statement& row, const std::filesystem::path& path) {
  Grade grade{.uid = row.text_at(0),
              .time = row.text_at(1),
              .grader = row.text_at(2),
              .object = row.text_at(3),
              .scheme = row.text_at(5),
              .grade = row.text_at(6),
              .kind = row.text_at(7),
              .note = row.text_at(8),
              .seconds = row.real_at(9),
              .undoes = row.text_at(10)};
  const std::int64_t presentation = row.whole_at(4), number = row.whole_at(11);
  if (presentation < 0 || presentation > max_presentation) refuse(path, fmt::format("row {}: is showing {}", number, presentation));
  if (grade.object.empty() || grade.grader.empty() || grade.uid.empty())
    refuse(path, fmt::format("row {}: {} has no name", number,
                             grade.object.empty()   ? "the object"
                             : grade.grader.empty() ? "the grader"
                                                    : "it"));
  grade.presentation = static_cast<int>(presentation);
  return grade;
}

GradedObject object_of(const Statement& row, const std::filesystem::path& path) {
  GradedObject object{.id = row.text_at(0)};
  const auto role = find_named<Role>(row.text_at(1));
  if (!role) refuse(path, fmt::format("the object {} has the role `{}`", object.id, row.text_at(1)));
  object.role = *role;
  const std::int64_t truth = row.whole_at(2);
  if (truth != 0 && truth != 1) refuse(path, fmt::format("the truth of the object {} is {}", object.id, truth));
  if (!row.is_null(2)) object.truth = truth == 1 ? Label::lens : Label::non_lens;
  const double ra = row.real_at(3), dec = row.real_at(4);
  if (ra < 0 || ra > 360 || std::abs(dec) > 90) refuse(path, fmt::format("the object {} lies at {}, {} degrees", object.id, ra, dec));
  if (!std::isnan(ra) && !std::isnan(dec)) object.position = sky::Position{ra, dec};
  object.logit = row.real_at(5);
  object.probability = row.real_at(6);
  object.theta_e_arcsec = row.real_at(7);
  object.arc_snr = row.real_at(8);
  object.source_mag = row.real_at(9);
  return object;
}

}  // namespace

GradeStore::GradeStore(const std::filesystem::path& path, Access access) : database_{std::make_unique<Database>(path, access)} {}

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
  for (std::int64_t last = after; select.step(); last = select.whole_at(11)) {
    require_rising(select.whole_at(11), last, database_->path);
    use(grade_of(select, database_->path), select.whole_at(11));
  }
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
  if (!all.commit()) throw_sqlite_error(database_->path, database_->handle);
}

std::vector<GradedObject> GradeStore::objects() const {
  const std::lock_guard lock{database_->mutex};
  Statement select{database_->handle, database_->path,
                   "SELECT object,role,truth,ra,dec,logit,probability,theta_e_arcsec,arc_snr,source_mag,rowid FROM objects ORDER BY rowid"};
  std::vector<GradedObject> out;
  for (std::int64_t last = std::numeric_limits<std::int64_t>::min(); select.step(); last = select.whole_at(10)) {
    require_rising(select.whole_at(10), last, database_->path);
    out.push_back(object_of(select, database_->path));
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
