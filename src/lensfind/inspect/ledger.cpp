#include "lensfind/inspect/ledger.h"

#include <algorithm>

namespace lensfind::inspect {
namespace {

constexpr unsigned presentation_bits = 10;  // a repeat is the first; files may say up to 1,000

}  // namespace

Ledger::Place Ledger::place_of(const Showing& showing) {
  return (static_cast<Place>(showing.object) << presentation_bits) | static_cast<Place>(showing.presentation);
}

Showing Ledger::showing_of(Place place) {
  return {static_cast<std::size_t>(place >> presentation_bits), static_cast<int>(place & ((1U << presentation_bits) - 1))};
}

/// Of equal times the one that came last.
const HeldGrade* Ledger::latest(const std::vector<HeldGrade>& grades) {
  const HeldGrade* latest = nullptr;
  for (const HeldGrade& grade : grades)
    if (!latest || grade.time >= latest->time) latest = &grade;
  return latest;
}

void Ledger::add(const Showing& showing, const Grade& row, std::int64_t number) {
  OfGrader& grader = graders_[row.grader];
  const Place place = place_of(showing);
  grader.changes.emplace_back(number, place);
  if (!row.undoes.empty()) {
    undone_.insert(row.undoes);
    undoing_.insert(row.uid);
    std::erase_if(grader.places[place], [&](const HeldGrade& grade) { return grade.uid == row.undoes; });
    return;
  }
  if (undone_.contains(row.uid)) return;
  grader.places[place].push_back({row.uid, row.time, row.grade, row.kind, row.note, row.seconds});
  grader.given.push_back({place, row.uid});
}

const HeldGrade* Ledger::held(const std::string& grader, const Showing& showing) const {
  const auto own = graders_.find(grader);
  if (own == graders_.end()) return nullptr;
  const auto grades = own->second.places.find(place_of(showing));
  return grades == own->second.places.end() ? nullptr : latest(grades->second);
}

void Ledger::for_each_changed(const std::string& grader, std::int64_t after,
                              const std::function<void(const Showing&, const HeldGrade*)>& use) const {
  const auto own = graders_.find(grader);
  if (own == graders_.end()) return;
  const auto& changes = own->second.changes;
  std::unordered_set<Place> told;
  for (auto change = std::ranges::upper_bound(changes, after, {}, &std::pair<std::int64_t, Place>::first); change != changes.end();
       ++change) {
    if (!told.insert(change->second).second) continue;
    const auto grades = own->second.places.find(change->second);
    use(showing_of(change->second), grades == own->second.places.end() ? nullptr : latest(grades->second));
  }
}

std::optional<Ledger::Last> Ledger::last(const std::string& grader) {
  const auto own = graders_.find(grader);
  if (own == graders_.end()) return {};
  std::vector<Given>& given = own->second.given;
  while (!given.empty() && undone_.contains(given.back().uid)) given.pop_back();
  if (given.empty()) return {};
  return Last{showing_of(given.back().place), given.back().uid};
}

std::vector<std::string> Ledger::graders() const {
  std::vector<std::string> names;
  for (const auto& [name, own] : graders_) names.push_back(name);
  return names;
}

}  // namespace lensfind::inspect
