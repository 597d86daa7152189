#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lensfind/inspect/grade.h"
#include "lensfind/inspect/showing.h"

namespace lensfind::inspect {

/// A grade that holds.
struct HeldGrade {
  std::string uid, time;
  std::string grade, kind, note;
  double seconds = 0;  ///< NaN: not known
};

/// The grades of one scheme that hold, kept up to date row by row. It agrees with standing(), but a new row costs the same however many
/// there are already.
class Ledger {
 public:
  /// Takes the next row of the store: a grade of a showing, or one that takes another back. `number` grows from row to row.
  void add(const Showing& showing, const Grade& row, std::int64_t number);

  /// What holds now; nullptr: nothing.
  [[nodiscard]] const HeldGrade* held(const std::string& grader, const Showing& showing) const;
  /// The showings of a grader about which a row behind `after` said something, each once, with what holds now (nullptr: nothing).
  void for_each_changed(const std::string& grader, std::int64_t after,
                        const std::function<void(const Showing&, const HeldGrade*)>& use) const;
  /// The showing and uid of the grade that was given last and was not taken back; nothing where there is none.
  struct Last {
    Showing showing;
    std::string uid;
  };
  [[nodiscard]] std::optional<Last> last(const std::string& grader);
  /// Whether a grade was taken back, or a row took one back.
  [[nodiscard]] bool took_back(const std::string& uid) const { return undoing_.contains(uid); }
  [[nodiscard]] std::vector<std::string> graders() const;

 private:
  using Place = std::uint64_t;  // object and presentation
  struct Given {
    Place place;
    std::string uid;
  };
  struct OfGrader {
    std::unordered_map<Place, std::vector<HeldGrade>> places;  // all that was not taken back; the one with the latest time holds
    std::vector<std::pair<std::int64_t, Place>> changes;       // by number
    std::vector<Given> given;                                  // in order
  };
  static Place place_of(const Showing& showing);
  static Showing showing_of(Place place);
  static const HeldGrade* latest(const std::vector<HeldGrade>& grades);

  std::map<std::string, OfGrader> graders_;
  std::unordered_set<std::string> undone_, undoing_;  // uids
};

}  // namespace lensfind::inspect
