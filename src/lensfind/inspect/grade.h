#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/label.h"
#include "lensfind/sky/position.h"

namespace lensfind::inspect {

/// One thing that a grader did: gave a grade, or took one back. Rows are added and never changed.
struct Grade {
  std::string uid;       ///< its own for ever, made where the grade was given: a row that arrives twice counts once
  std::string time;      ///< UTC, "2026-11-29T19:30:01.123Z"
  std::string grader;    ///< as they called themselves
  std::string object;    ///< id of the object
  int presentation = 0;  ///< 0: the first showing; 1, 2, ...: blinded repeats
  std::string scheme;    ///< name of the scheme
  std::string grade;     ///< as the scheme spells it: "A", "1.5"
  std::string kind = {};
  std::string note = {};
  double seconds = std::numeric_limits<double>::quiet_NaN();  ///< between showing and grading
  std::string undoes = {};                                    ///< uid of the row that this one takes back; then it is no grade itself

  bool operator==(const Grade&) const = default;
};

/// Why an object is shown.
enum class Role {
  candidate,  ///< it is to be graded
  known,      ///< a known lens, or a known non-lens: a control
  painted,    ///< a simulated lens painted on a galaxy of the survey: a control
  random      ///< a galaxy of the survey that nobody chose: a control
};
constexpr auto enum_names(Role) {
  return names_of<Role>({{Role::candidate, "candidate"}, {Role::known, "known"}, {Role::painted, "painted"}, {Role::random, "random"}});
}

/// An object that graders see, with what is known of it.
struct GradedObject {
  std::string id;
  Role role = Role::candidate;
  Label truth = Label::unknown;  ///< of controls; random galaxies count as non-lenses
  std::optional<sky::Position> position = {};
  double logit = std::numeric_limits<double>::quiet_NaN();
  double probability = std::numeric_limits<double>::quiet_NaN();
  double theta_e_arcsec = std::numeric_limits<double>::quiet_NaN();  ///< Einstein radius of a control
  double arc_snr = std::numeric_limits<double>::quiet_NaN();         ///< signal-to-noise ratio of its lensed image
  double source_mag = std::numeric_limits<double>::quiet_NaN();      ///< magnitude of its source, unlensed
};

/// The grades that hold: without what was taken back, of each grader, object, presentation and scheme the last. Rows may come from several
/// files; those with the same uid count once. In the order of their times, equal ones in the order given.
std::vector<Grade> standing(const std::vector<Grade>& rows);

/// Whether a name may stand for a grader: 1 to 60 bytes of UTF-8 without control characters, no blanks at its ends.
bool is_grader_name(const std::string& name);

/// Now, in UTC, to milliseconds.
std::string utc_now();
/// 24 random hexadecimal digits, from the system's source of randomness. Throws Error where it has none.
std::string random_token();

}  // namespace lensfind::inspect
