#include "lensfind/inspect/next.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "lensfind/base/error.h"
#include "lensfind/inspect/showing.h"
#include "lensfind/inspect/unlike.h"

namespace lensfind::inspect {
namespace {

using Ranked = std::vector<std::pair<double, std::string>>;

/// Ids by a reason, the most worthwhile first.
struct Reasoned {
  const char* why;
  std::vector<std::string> ids;
};

std::vector<std::string> best_first(Ranked ranked) {
  std::ranges::stable_sort(ranked, std::ranges::greater{}, [](const auto& entry) { return entry.first; });
  std::vector<std::string> ids;
  for (auto& [value, id] : ranked) ids.push_back(std::move(id));
  return ids;
}

/// What may be chosen from.
class Pool {
 public:
  Pool(const Merged& merged, const std::vector<Listed>& candidates, const NextOptions& options)
      : merged_{merged}, candidates_{candidates}, options_{options} {
    for (const MergedObject& object : merged.objects) graded_.insert(object.object.id);
    if (!options.model) return;
    for (std::size_t row = 0; row < options.model->ids.size(); ++row) rows_.emplace(options.model->ids[row], row);
  }

  [[nodiscard]] std::vector<std::string> highest() const {
    Ranked ranked;
    for_each_ungraded([&](const std::string& id, double logit) { ranked.emplace_back(std::isnan(logit) ? -INFINITY : logit, id); });
    return best_first(std::move(ranked));
  }
  /// By how wide the interval is; without probabilities by how few graded it.
  [[nodiscard]] std::vector<std::string> uncertain() const {
    Ranked ranked;
    for (const MergedObject& object : merged_.objects)
      if (is_open(object)) ranked.emplace_back(object.lens ? object.lens->high - object.lens->low : -object.grades, object.object.id);
    return best_first(std::move(ranked));
  }
  /// By how near to one half the probability is; without calibration how near to 0 the logit.
  [[nodiscard]] std::vector<std::string> model_uncertain() const {
    Ranked ranked;
    for_each_seen([&](std::size_t row) {
      const double probability = options_.model->probabilities[row];
      ranked.emplace_back(std::isnan(probability) ? -std::abs(options_.model->logits[row]) : -std::abs(probability - .5),
                          options_.model->ids[row]);
    });
    return best_first(std::move(ranked));
  }
  [[nodiscard]] std::vector<std::string> disagreed() const {
    Ranked ranked;
    for (const MergedObject& object : merged_.objects)
      if (is_open(object) && object.spread > 0) ranked.emplace_back(object.spread, object.object.id);
    return best_first(std::move(ranked));
  }
  [[nodiscard]] std::vector<std::string> model_disagreed() const {
    Ranked ranked;
    for_each_seen([&](std::size_t row) {
      if (options_.model->disagreement[row] > 0) ranked.emplace_back(options_.model->disagreement[row], options_.model->ids[row]);
    });
    return best_first(std::move(ranked));
  }
  [[nodiscard]] std::vector<std::string> unlike() const {
    std::vector<std::size_t> known, open;
    for_each_seen([&](std::size_t row) { open.push_back(row); });
    for (std::size_t row = 0; row < options_.model->ids.size(); ++row)
      if (graded_.contains(options_.model->ids[row])) known.push_back(row);
    std::vector<float> features = options_.model->features;
    standardise(features, options_.model->width);
    std::vector<std::string> ids;
    for (const std::size_t row : farthest_first(features, options_.model->width, known, open, options_.count))
      ids.push_back(options_.model->ids[row]);
    return ids;
  }
  [[nodiscard]] std::vector<std::string> random() const {
    Ranked ranked;
    for_each_ungraded([&](const std::string& id, double) { ranked.emplace_back(chance_of(id + "\nnext", options_.seed), id); });
    return best_first(std::move(ranked));
  }

 private:
  [[nodiscard]] bool is_open(const MergedObject& object) const {
    return object.object.role == Role::candidate && object.settled == Label::unknown && object.grades < options_.max_grades &&
           !options_.left_out.contains(object.object.id) &&
           std::ranges::find(object.given, options_.grader, &std::pair<std::string, std::string>::first) == object.given.end();
  }
  [[nodiscard]] bool is_ungraded(const std::string& id) const { return !graded_.contains(id) && !options_.left_out.contains(id); }
  /// Of the table, with the model's logit where it has seen them; then what only the model has seen.
  void for_each_ungraded(const auto& use) const {
    std::unordered_set<std::string> listed;
    for (const Listed& candidate : candidates_) {
      listed.insert(candidate.object.id);
      const auto row = rows_.find(candidate.object.id);
      if (is_ungraded(candidate.object.id))
        use(candidate.object.id, row == rows_.end() ? candidate.object.logit : options_.model->logits[row->second]);
    }
    for_each_seen([&](std::size_t row) {
      if (!listed.contains(options_.model->ids[row])) use(options_.model->ids[row], options_.model->logits[row]);
    });
  }
  void for_each_seen(const auto& use) const {
    for (std::size_t row = 0; options_.model && row < options_.model->ids.size(); ++row)
      if (is_ungraded(options_.model->ids[row])) use(row);
  }

  const Merged& merged_;
  const std::vector<Listed>& candidates_;
  const NextOptions& options_;
  std::unordered_set<std::string> graded_;
  std::unordered_map<std::string, std::size_t> rows_;  // of the model's view
};

std::vector<Reasoned> lists_by(const Pool& pool, const NextOptions& options) {
  const bool has_model = options.model != nullptr;
  const auto wants = [&](NextRule one) { return options.rule == one || options.rule == NextRule::mixed; };
  std::vector<Reasoned> lists;
  if (wants(NextRule::highest)) lists.push_back({"highest", pool.highest()});
  if (wants(NextRule::uncertain)) lists.push_back({"uncertain", pool.uncertain()});
  if (wants(NextRule::uncertain) && has_model) lists.push_back({"model-uncertain", pool.model_uncertain()});
  if (wants(NextRule::disagreed)) lists.push_back({"disagreed", pool.disagreed()});
  if (wants(NextRule::disagreed) && has_model) lists.push_back({"model-disagreed", pool.model_disagreed()});
  if (wants(NextRule::unlike) && has_model) lists.push_back({"unlike", pool.unlike()});
  if (options.rule == NextRule::random) lists.push_back({"random", pool.random()});
  return lists;
}

}  // namespace

std::vector<NextObject> choose_next(const Merged& merged, const std::vector<Listed>& candidates, const NextOptions& options) {
  if (options.rule == NextRule::unlike && !options.model)
    throw Error{"what is unlike the rest is told by a model's features", "give --model and --images"};
  const std::vector<Reasoned> lists = lists_by(Pool{merged, candidates, options}, options);
  std::vector<NextObject> chosen;
  std::unordered_set<std::string> taken;
  std::vector<std::size_t> at(lists.size());
  for (bool more = true; more && chosen.size() < options.count;) {
    more = false;
    for (std::size_t list = 0; list < lists.size() && chosen.size() < options.count; ++list) {
      const std::vector<std::string>& ids = lists[list].ids;
      while (at[list] < ids.size() && taken.contains(ids[at[list]])) ++at[list];
      if (at[list] == ids.size()) continue;
      more = true;
      taken.insert(ids[at[list]]);
      chosen.push_back({ids[at[list]++], lists[list].why});
    }
  }
  return chosen;
}

}  // namespace lensfind::inspect
