#include "lensfind/inspect/session.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/inspect/export.h"

namespace lensfind::inspect {
namespace {

constexpr std::size_t max_note_bytes = 2000, max_graders = 200, max_names = 1000;

Answer refused(int status, const std::string& what) { return {status, empty_object().set("error", what)}; }

std::string text_of(const Value& request, const char* key) {
  const Value* value = request.find(key);
  if (!value || value->is_null()) return {};
  return value->as_string();
}

bool is_uid(const std::string& uid) {
  return uid.size() >= 8 && uid.size() <= 64 && std::ranges::all_of(uid, [](char letter) {
           return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || letter == '-';
         });
}

Value number_or_null(double value) { return std::isfinite(value) ? Value{value} : Value{}; }

}  // namespace

/// A grader's pictures in their order.
struct Session::Order {
  static constexpr std::uint32_t nowhere = UINT32_MAX;

  std::string name, grader;
  std::vector<Showing> showings;
  std::vector<std::uint32_t> first_slots;                         ///< of each object
  std::unordered_map<std::size_t, std::uint32_t> repeated_slots;  ///< of the objects that come twice

  [[nodiscard]] std::optional<std::size_t> slot(const Showing& showing) const {
    if (showing.presentation == 0)
      return first_slots[showing.object] == nowhere ? std::nullopt : std::optional<std::size_t>{first_slots[showing.object]};
    const auto again = repeated_slots.find(showing.object);
    return showing.presentation == 1 && again != repeated_slots.end() ? std::optional<std::size_t>{again->second} : std::nullopt;
  }
};

Session::Session(CandidateList objects, Draw draw, int widest_field, GradeStore store, SessionOptions options)
    : objects_{std::move(objects)},
      widest_field_{widest_field},
      store_{std::move(store)},
      options_{std::move(options)},
      pictures_{std::move(draw)} {
  std::vector<GradedObject> all;
  all.reserve(objects_.objects.size());
  places_.reserve(objects_.objects.size());
  for (const Listed& listed : objects_.objects) {
    places_.emplace(listed.object.id, all.size());
    all.push_back(listed.object);
    has_controls_ = has_controls_ || listed.object.role != Role::candidate;
    all_have_positions_ = all_have_positions_ && listed.object.position;
  }
  store_.set_scheme(options_.scheme);
  store_.set_objects(all);
}

Session::~Session() = default;

const Session::Order& Session::order_of(const std::string& grader) {
  std::unique_ptr<Order>& order = orders_[grader];
  if (order) return *order;
  order = std::make_unique<Order>();
  order->grader = grader;
  order->showings = showing_order(objects_.objects, grader, options_.showing);
  order->name = order_name(objects_.objects, order->showings, grader);
  order->first_slots.assign(objects_.objects.size(), Order::nowhere);
  for (std::uint32_t slot = 0; slot < order->showings.size(); ++slot) {
    const Showing& showing = order->showings[slot];
    if (showing.presentation == 0)
      order->first_slots[showing.object] = slot;
    else
      order->repeated_slots[showing.object] = slot;
  }
  return *order;
}

const Session::Order* Session::find_order(const std::string& name) const {
  for (const auto& [grader, order] : orders_)
    if (order && order->name == name) return order.get();
  return nullptr;
}

Showing Session::showing_of(const Grade& row) const { return {places_.at(row.object), row.presentation}; }

void Session::refresh() {
  store_.for_each_row(last_row_, [&](const Grade& row, std::int64_t number) {
    last_row_ = number;
    if (row.scheme == options_.scheme.name && places_.contains(row.object) && row.presentation >= 0 && row.presentation <= 1)
      ledger_.add(showing_of(row), row, number);
  });
}

Value Session::grades_of(const Order& order, std::int64_t after) const {
  Value out{Value::Array{}};
  ledger_.for_each_changed(order.grader, after, [&](const Showing& showing, const HeldGrade* held) {
    const auto slot = order.slot(showing);
    if (!slot || (!held && after == 0)) return;
    out.push_back(held ? Value{Value::Array{*slot, held->grade, held->kind, held->note, number_or_null(held->seconds)}}
                       : Value{Value::Array{*slot, ""}});
  });
  return out;
}

Value Session::others_of(const Order& order, std::int64_t after) const {
  Value out{Value::Array{}};
  for (const std::string& grader : ledger_.graders()) {
    if (grader == order.grader) continue;
    ledger_.for_each_changed(grader, after, [&](const Showing& showing, const HeldGrade* held) {
      if (showing.presentation != 0 || (!held && after == 0)) return;
      out.push_back(Value{Value::Array{*order.slot(showing), grader, held ? held->grade : ""}});
    });
  }
  return out;
}

Value Session::known_of(const Order& order) const {
  Value known{Value::Array{}};
  for (std::size_t slot = 0; slot < order.showings.size(); ++slot)
    if (objects_.objects[order.showings[slot].object].object.role == Role::known) known.push_back(slot);
  return known;
}

Answer Session::state(const std::string& grader) {
  if (!is_grader_name(grader)) return refused(400, "a grader's name has 1 to 60 letters");
  const std::lock_guard lock{mutex_};
  if (orders_.size() >= max_graders && !orders_.contains(grader)) return refused(429, "too many graders; start the server again");
  refresh();
  const Order& order = order_of(grader);
  Answer answer;
  answer.body.set("grader", grader)
      .set("title", options_.title)
      .set("order", order.name)
      .set("blind", options_.showing.blind)
      .set("count", order.showings.size())
      .set("scheme", scheme_value(options_.scheme))
      .set("widest_field", widest_field_)
      .set("has_fit", options_.has_fit)
      .set("row", last_row_)
      .set("grades", grades_of(order, 0));
  if (!options_.showing.blind) answer.body.set("known", known_of(order)).set("others", others_of(order, 0));
  return answer;
}

Answer Session::graded(const std::string& grader, std::int64_t after) {
  if (!is_grader_name(grader)) return refused(400, "a grader's name has 1 to 60 letters");
  const std::lock_guard lock{mutex_};
  const auto order = orders_.find(grader);
  if (order == orders_.end()) return refused(409, "the list is another one now: load the page again");
  refresh();
  Answer answer;
  answer.body.set("order", order->second->name).set("row", last_row_).set("grades", grades_of(*order->second, after));
  if (!options_.showing.blind) answer.body.set("others", others_of(*order->second, after));
  return answer;
}

Answer Session::names(const std::string& name, std::size_t from, std::size_t count) {
  if (options_.showing.blind) return refused(403, "this page is blind");
  const std::lock_guard lock{mutex_};
  const Order* order = find_order(name);
  if (!order || from > order->showings.size()) return refused(409, "the list is another one now: load the page again");
  Value ids{Value::Array{}};
  const std::size_t end = std::min(order->showings.size(), from + std::min(count, max_names));
  for (std::size_t slot = from; slot < end; ++slot) ids.push_back(valid_utf8(objects_.objects[order->showings[slot].object].object.id));
  return {200, empty_object().set("from", from).set("ids", ids)};
}

Answer Session::columns(const std::string& name) {
  if (options_.showing.blind) return refused(403, "this page is blind");
  const std::lock_guard lock{mutex_};
  const Order* order = find_order(name);
  if (!order) return refused(409, "the list is another one now: load the page again");
  Value logits{Value::Array{}}, ra{Value::Array{}}, dec{Value::Array{}};
  for (const Showing& showing : order->showings) {
    const GradedObject& object = objects_.objects[showing.object].object;
    logits.push_back(number_or_null(object.logit));
    ra.push_back(object.position ? Value{object.position->ra_deg} : Value{});
    dec.push_back(object.position ? Value{object.position->dec_deg} : Value{});
  }
  return {200, empty_object().set("logit", logits).set("ra", ra).set("dec", dec)};
}

Answer Session::item(const std::string& name, std::size_t slot) {
  const std::lock_guard lock{mutex_};
  const Order* order = find_order(name);
  if (!order || slot >= order->showings.size()) return refused(409, "the list is another one now: load the page again");
  const Listed& listed = objects_.objects[order->showings[slot].object];
  const GradedObject& object = listed.object;
  Answer answer;
  answer.body.set("slot", slot);
  const bool blind = options_.showing.blind;
  // What only some of the pictures have would tell candidates and controls apart.
  if (object.position && (!blind || !has_controls_ || all_have_positions_))
    answer.body.set("ra", object.position->ra_deg).set("dec", object.position->dec_deg).set("name", iau_name(*object.position));
  if (!blind || !has_controls_) {
    Value columns{Value::Array{}};
    for (std::size_t i = 0; i < objects_.columns.size() && i < listed.values.size(); ++i)
      if (!listed.values[i].empty()) columns.push_back(Value{Value::Array{valid_utf8(objects_.columns[i]), valid_utf8(listed.values[i])}});
    answer.body.set("columns", columns);
  }
  if (blind) return answer;
  answer.body.set("id", valid_utf8(object.id))
      .set("logit", number_or_null(object.logit))
      .set("probability", number_or_null(object.probability));
  answer.body.set("known", object.role == Role::known);
  return answer;
}

Answer Session::grade(const Value& request) {
  const std::string grader = text_of(request, "grader"), note = text_of(request, "note"), kind = text_of(request, "kind");
  if (!is_grader_name(grader)) return refused(400, "a grader's name has 1 to 60 letters");
  const GradeLevel* level = options_.scheme.find(text_of(request, "grade"));
  if (!level) return refused(400, "no grade of the scheme");
  if (!kind.empty() && !options_.scheme.has_kind(kind)) return refused(400, "no kind of the scheme");
  if (note.size() > max_note_bytes || valid_utf8(note) != note)
    return refused(400, fmt::format("a note has at most {} bytes", max_note_bytes));
  const std::string uid = text_of(request, "uid");
  if (!is_uid(uid)) return refused(400, "the grade has no name of its own");
  const Value* seconds = request.find("seconds");
  const double time = seconds && seconds->is_number() ? seconds->as_number() : NAN;
  if (!std::isnan(time) && !(time >= 0 && time < 1e7)) return refused(400, "the time lies between 0 and 10^7 s");
  const std::int64_t slot = request.at("slot").as_integer();

  const std::lock_guard lock{mutex_};
  const Order* order = find_order(text_of(request, "order"));
  if (!order || order->grader != grader || slot < 0 || slot >= static_cast<std::int64_t>(order->showings.size()))
    return refused(409, "the list is another one now: load the page again");
  const Showing& showing = order->showings[static_cast<std::size_t>(slot)];
  const bool is_new = store_.add({.uid = uid,
                                  .time = utc_now(),
                                  .grader = grader,
                                  .object = objects_.objects[showing.object].object.id,
                                  .presentation = showing.presentation,
                                  .scheme = options_.scheme.name,
                                  .grade = level->grade,
                                  .kind = kind,
                                  .note = note,
                                  .seconds = time});
  return {200, empty_object().set("uid", uid).set("slot", slot).set("grade", level->grade).set("stored", true).set("new", is_new)};
}

Answer Session::undo(const Value& request) {
  const std::string grader = text_of(request, "grader"), uid = text_of(request, "uid");
  if (!is_grader_name(grader) || !is_uid(uid)) return refused(400, "a name is missing");
  const std::lock_guard lock{mutex_};
  const Order* order = find_order(text_of(request, "order"));
  if (!order || order->grader != grader) return refused(409, "the list is another one now: load the page again");
  refresh();
  if (ledger_.took_back(uid)) return refused(409, "this was taken back already");
  const std::optional<Ledger::Last> last = ledger_.last(grader);
  const std::optional<std::size_t> slot = last ? order->slot(last->showing) : std::nullopt;
  if (!slot) return refused(404, "there is nothing to take back");
  const std::int64_t before = last_row_;
  store_.add({.uid = uid,
              .time = utc_now(),
              .grader = grader,
              .object = objects_.objects[last->showing.object].object.id,
              .presentation = last->showing.presentation,
              .scheme = options_.scheme.name,
              .undoes = last->uid});
  refresh();
  return {200, empty_object().set("slot", *slot).set("row", last_row_).set("grades", grades_of(*order, before))};
}

std::shared_ptr<const Rendered> Session::picture(const std::string& name, std::size_t slot, const View& view) {
  std::size_t object = 0;
  {
    const std::lock_guard lock{mutex_};
    const Order* order = find_order(name);
    if (!order || slot >= order->showings.size()) throw Error{"no such picture", "load the page again"};
    object = order->showings[slot].object;
  }
  if (view.field > widest_field_) throw Error{"no wider field is shown", "it is there for objects of fields, without controls"};
  if (view.residual == View::Residual::fit && !options_.has_fit) throw Error{"no fit is shown", "give its residuals with --residuals"};
  return pictures_.get(object, view);
}

}  // namespace lensfind::inspect
