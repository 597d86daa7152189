#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lensfind/base/value.h"
#include "lensfind/inspect/candidate_list.h"
#include "lensfind/inspect/grade_store.h"
#include "lensfind/inspect/ledger.h"
#include "lensfind/inspect/picture_cache.h"
#include "lensfind/inspect/showing.h"

namespace lensfind::inspect {

/// An answer to a page: HTTP status and JSON.
struct Answer {
  int status = 200;
  Value body = empty_object();
};

/// What is graded, by which scheme and in which order.
struct SessionOptions {
  Scheme scheme = abcx();
  ShowingOptions showing = {};
  std::string first_grader;  ///< whose name the page proposes
  std::string title;         ///< of the page
  bool has_fit = false;      ///< there are residuals of a lens fit to be shown: View::Residual::fit
};

/// Grading without its network: what pages ask and say, as JSON. From any thread.
class Session {
 public:
  using Draw = PictureCache::Draw;

  /// `objects` are candidates and controls; `draw` gives their pictures. Objects and scheme go into the store. Throws Error.
  Session(CandidateList objects, Draw draw, int widest_field, GradeStore store, SessionOptions options);
  ~Session();

  /// What a page needs to begin or to go on: scheme, order, what this grader graded; of sighted pages also what others said and which are
  /// known. Ids and columns are asked for as they come into sight: names(), columns(). 400 for a name that is none.
  Answer state(const std::string& grader);
  /// What changed behind row `after` (the `row` of an answer before), by this grader in any tab; with `blind` off also by others. A grade
  /// that holds no more is an empty text.
  Answer graded(const std::string& grader, std::int64_t after = 0);
  /// What may be said of one picture.
  Answer item(const std::string& order, std::size_t slot);
  /// Sighted pages only: the ids of at most 1,000 slots from one on.
  Answer names(const std::string& order, std::size_t from, std::size_t count);
  /// Sighted pages only: logit, ra and dec (degrees) of all slots, for sorting and filtering; null where one is not known.
  Answer columns(const std::string& order);
  /// Takes {grader, order, slot, grade, kind, note, seconds, uid}. When it answers 200 the grade is on the disk.
  Answer grade(const Value& request);
  /// Takes {grader, order, uid}: the grader's last grade is taken back, and holds what was before.
  Answer undo(const Value& request);
  /// The picture of a slot. Throws Error where the order or slot is not known, and what drawing throws.
  std::shared_ptr<const Rendered> picture(const std::string& order, std::size_t slot, const View& view);

  [[nodiscard]] const SessionOptions& options() const { return options_; }

 private:
  struct Order;
  const Order& order_of(const std::string& grader);
  const Order* find_order(const std::string& name) const;
  void refresh();
  [[nodiscard]] Showing showing_of(const Grade& row) const;
  Value grades_of(const Order& order, std::int64_t after) const;
  Value others_of(const Order& order, std::int64_t after) const;
  Value known_of(const Order& order) const;

  CandidateList objects_;
  int widest_field_;
  GradeStore store_;
  SessionOptions options_;
  PictureCache pictures_;
  bool has_controls_ = false, all_have_positions_ = true;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, std::size_t> places_;  ///< of the objects, by their ids in objects_
  std::map<std::string, std::unique_ptr<Order>> orders_;      ///< by grader
  Ledger ledger_;                                             ///< of the store, as far as it was read
  std::int64_t last_row_ = 0;
};

}  // namespace lensfind::inspect
