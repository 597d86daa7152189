#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/dataset/dataset.h"
#include "lensfind/inspect/deal.h"
#include "lensfind/inspect/rounds.h"
#include "lensfind/model/seen.h"

namespace lensfind::cli {
namespace {

struct NextArguments {
  GradesArguments grades;
  std::filesystem::path out, scores, model, rounds, fixed;
  inspect::PictureOptions images;
  inspect::NextOptions choice;
  std::size_t pool = 10000;
  bool deal = false, overwrite = false;

  static void describe(auto& field) {
    using A = NextArguments;
    field(&A::scores, "scores", any(), "the finder's table: what nobody graded comes from it");
    field(&A::images, "images", any(), "what the model looks at");
    field(&A::pool, "pool", at_least(1).taking("N"), "the model looks only at the N best of --scores and what was graded");
    field(&A::out, "out", any().taking("FILE"), "the table, as CSV (id,why,logit, with --deal also for_grader)");
    field(&A::choice, "choice", any(), "what is chosen");
    field(&A::deal, "deal", any(),
          "say who should see which: the grader whose grade tells most, an equal share each; `inspect` then shows it to nobody else");
    field(&A::rounds, "rounds", any().taking("DIR"), "record this round there, and what came of the earlier ones");
    field(&A::fixed, "fixed", any().taking("DATA"),
          "with --rounds and --model: labelled cutouts, the same in all rounds, on which each round's model is measured; never chosen");
    field(&A::overwrite, "overwrite", any(), "replace FILE");
  }
};

NextArguments read_next_arguments(const std::vector<std::string>& words) {
  NextArguments read;
  Arguments arguments{
      "grades next",
      "Chooses what is worth grading next, as a table that `inspect` takes: the best scores that nobody graded, what grades "
      "or the model leave most uncertain, what people or the model's members disagree about, and what is least like all "
      "that was graded. Settled objects are left out."};
  read.grades.declare(arguments);
  arguments.model_option(read.model, "--model", "a model that looks at --images: its doubts choose too");
  arguments.fields(read, {"size"});  // the model's
  arguments.require({"--out"});
  arguments.footer(
      "Examples:\n  lensfind grades next g.sqlite --scores scores.csv --top 200 --out next.csv\n  lensfind inspect next.csv --images "
      "survey.npy --grades g.sqlite\n\n"
      "  lensfind grades next g.sqlite --scores scores.csv --model run2 --images survey.npy --rounds rounds --fixed kept --out next.csv\n");
  arguments.parse(words);
  (void)read.grades.merge_options();
  if (read.model.empty() != read.images.inputs.empty()) throw Usage{"--model and --images go together"};
  if (!read.fixed.empty() && (read.rounds.empty() || read.model.empty())) throw Usage{"--fixed goes with --rounds and --model"};
  if (read.deal && !read.choice.grader.empty()) throw Usage{"--deal is for all graders; leave --grader out"};
  if (read.choice.rule == inspect::NextRule::unlike && read.model.empty()) throw Usage{"--by unlike needs --model and --images"};
  return read;
}

/// The best `pool` of the table and all that was graded; nothing: all images.
std::optional<std::unordered_set<std::string>> looked_at(const std::vector<inspect::Listed>& candidates, const inspect::Merged& merged,
                                                         std::size_t pool) {
  if (candidates.empty()) return {};
  std::vector<const inspect::Listed*> best;
  for (const inspect::Listed& candidate : candidates) best.push_back(&candidate);
  const auto logit = [](const inspect::Listed* one) { return one->object.logit == one->object.logit ? one->object.logit : -INFINITY; };
  std::ranges::stable_sort(best, std::ranges::greater{}, logit);
  best.resize(std::min(best.size(), pool));
  std::unordered_set<std::string> wanted;
  for (const inspect::Listed* one : best) wanted.insert(one->object.id);
  for (const inspect::MergedObject& object : merged.objects) wanted.insert(object.object.id);
  return wanted;
}

/// The fixed set and what the model says of it.
struct Fixed {
  evaluate::Scores scores;
  std::unordered_set<std::string> ids;
  std::vector<Hash128> pixels;  // sorted
};

Fixed look_at_fixed(const NextArguments& arguments, const score::Scorer& scorer, Console& console) {
  const auto engine = score::open_engine(scorer, {.threads = use_threads(arguments.grades.common.threads)});
  const dataset::Dataset data =
      dataset::load_dataset(arguments.fixed, {.wanted = engine->shape(), .bands = scorer.band_names}, console.progress(), stop_flag());
  const model::SeenAmong seen = model::seen_among(data, model::read_seen(arguments.model));
  if (seen.training + seen.validation > 0)
    throw Error{fmt::format("{}: the model saw {} of these cutouts before, {}", arguments.fixed.string(), seen.training + seen.validation,
                            seen.text()),
                "a fixed set says something only where no model was made with it: keep it apart from the beginning"};
  Fixed fixed{.scores = score::score_dataset(*engine, scorer, data, {}, console.progress(), stop_flag()), .pixels = data.any_rotation};
  std::ranges::sort(fixed.pixels);
  for (const evaluate::Score& score : fixed.scores) {
    fixed.ids.insert(score.id);
    if (score.label == Label::unknown)
      throw Error{fmt::format("{}: {} has no label", arguments.fixed.string(), score.id), "a fixed set is labelled throughout"};
  }
  return fixed;
}

/// Ids that are never chosen: the fixed set's, and copies of its cutouts under other ids.
std::unordered_set<std::string> ids_of_fixed(const Fixed& fixed, const inspect::ModelView& view, Console& console) {
  std::unordered_set<std::string> ids = fixed.ids;
  std::int64_t copies = 0;
  for (std::size_t row = 0; row < view.ids.size(); ++row)
    if (std::ranges::binary_search(fixed.pixels, view.pixels[row])) copies += ids.insert(view.ids[row]).second;
  if (copies > 0)
    console.progress().warn(fmt::format("{} candidates are copies of cutouts of the fixed set and are never chosen", with_commas(copies)));
  return ids;
}

std::string difference_text(const inspect::FixedResult& fixed) {
  std::string text = fmt::format("AUC {:.3f} ({:.3f} to {:.3f}) on {} lenses and {} non-lenses", fixed.auc.value, fixed.auc.low,
                                 fixed.auc.high, with_commas(fixed.lenses), with_commas(fixed.nonlenses));
  if (fixed.change)
    text += fmt::format(", {:+.3f} ({:+.3f} to {:+.3f}) since the first round", fixed.change->value, fixed.change->low, fixed.change->high);
  return text;
}

Value round_value(const inspect::Round& round) {
  Value value = empty_object().set("round", round.number).set("model", round.model).set("rule", round.rule).set("grades", round.grades);
  const auto estimate = [](const evaluate::Estimate& of) {
    return empty_object().set("value", of.value).set("low", of.low).set("high", of.high);
  };
  if (round.fixed) value.set("auc", estimate(round.fixed->auc));
  if (round.fixed && round.fixed->change) value.set("auc_change", estimate(*round.fixed->change));
  return value;
}

/// Records the round and says what came of those before.
Value record_round(const NextArguments& arguments, const inspect::Merged& merged, const std::vector<inspect::NextObject>& chosen,
                   const score::Scorer* scorer, const std::optional<Fixed>& fixed, Console& console) {
  inspect::Rounds rounds{arguments.rounds};
  inspect::Round round{
      .model = arguments.model.string(), .fingerprint = scorer ? scorer->fingerprint : "", .rule = name_of(arguments.choice.rule)};
  for (const inspect::MergedObject& object : merged.objects) {
    if (object.object.role != inspect::Role::candidate) continue;
    const int label = merged.scheme.find(object.grade)->label;
    round.grades += object.grades;
    round.lenses += label == 1;
    round.nonlenses += label == 0;
  }
  if (fixed) round.fixed = rounds.compare(fixed->scores);
  const std::vector<inspect::RoundYield> yields = rounds.yields(merged);
  rounds.record(round, chosen, fixed ? &fixed->scores : nullptr);
  inspect::write_result_table(arguments.rounds / "yield.csv", inspect::yield_table(yields));
  const inspect::Round& recorded = rounds.rounds().back();
  console.say(fmt::format("round {}: {} grades so far, {} lenses and {} non-lenses{}", recorded.number, with_commas(recorded.grades),
                          with_commas(recorded.lenses), with_commas(recorded.nonlenses),
                          recorded.fixed ? "; " + difference_text(*recorded.fixed) : ""));
  for (const inspect::RoundYield& yield : yields)
    if (yield.lenses + yield.nonlenses > 0)
      console.say(fmt::format("  round {}, {}: {} of {} are lenses, {:.2f} ({:.2f} to {:.2f})", yield.round, yield.why, yield.lenses,
                              yield.lenses + yield.nonlenses, yield.fraction.value, yield.fraction.low, yield.fraction.high));
  return round_value(recorded);
}

void write_next(const std::filesystem::path& out, const std::vector<inspect::NextObject>& chosen, const inspect::Merged& merged,
                const std::vector<inspect::Listed>& candidates, const inspect::ModelView& view, const std::vector<std::string>& graders) {
  std::unordered_map<std::string, double> logits;
  for (const inspect::MergedObject& object : merged.objects) logits[object.object.id] = object.object.logit;
  for (const inspect::Listed& candidate : candidates) logits[candidate.object.id] = candidate.object.logit;
  for (std::size_t row = 0; row < view.ids.size(); ++row) logits[view.ids[row]] = view.logits[row];
  std::string text = graders.empty() ? "id,why,logit\n" : "id,why,logit,for_grader\n";
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const double logit = logits[chosen[i].id];
    text += fmt::format("{},{},{}", csv_field(chosen[i].id), chosen[i].why, logit == logit ? fmt::format("{:.9g}", logit) : "");
    text += graders.empty() ? "\n" : "," + csv_field(graders[i]) + "\n";
  }
  write_file(out, text);
}

std::string counts_text(const std::vector<inspect::NextObject>& chosen) {
  std::vector<std::pair<std::string, int>> counts;
  for (const inspect::NextObject& one : chosen) {
    const auto known = std::ranges::find(counts, one.why, &std::pair<std::string, int>::first);
    if (known == counts.end())
      counts.emplace_back(one.why, 1);
    else
      ++known->second;
  }
  std::string text;
  for (const auto& [why, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, why);
  return text;
}

}  // namespace

int grades_next(const std::vector<std::string>& words) {
  const NextArguments arguments = read_next_arguments(words);
  if (!arguments.overwrite) require_absent(arguments.out);
  Console console{arguments.grades.common};
  const inspect::Merged merged = arguments.grades.merge(arguments.grades.read(console), console);
  std::vector<inspect::Listed> candidates;
  if (!arguments.scores.empty()) candidates = inspect::read_candidates({.table = arguments.scores}).objects;

  std::optional<score::Scorer> scorer;
  std::optional<Fixed> fixed;
  inspect::ModelView view;
  inspect::NextOptions options = arguments.choice;
  options.seed = arguments.grades.common.seed_or_zero();
  if (!arguments.model.empty()) {
    scorer = score::open_scorer(arguments.model);
    const auto wanted = looked_at(candidates, merged, arguments.pool);
    const bool disagreement = options.rule == inspect::NextRule::mixed || options.rule == inspect::NextRule::disagreed;
    view = inspect::view_by_model(
        *scorer, {.images = arguments.images, .disagreement = disagreement, .threads = use_threads(arguments.grades.common.threads)},
        wanted ? &*wanted : nullptr, console.progress(), stop_flag());
    if (view.ids.empty()) throw Error{"the model can read none of the candidates' images", "give --images as they were given to `score`"};
    options.model = &view;
  }
  if (!arguments.fixed.empty()) {
    fixed = look_at_fixed(arguments, *scorer, console);
    options.left_out = ids_of_fixed(*fixed, view, console);
  }
  const std::vector<inspect::NextObject> chosen = inspect::choose_next(merged, candidates, options);
  if (chosen.empty())
    throw Error{"nothing is left to grade", arguments.scores.empty() ? "give the finder's table with --scores" : "raise --max-grades"};
  const std::vector<std::string> graders =
      arguments.deal ? inspect::deal(merged, chosen, arguments.grades.merging.consensus.doubt) : std::vector<std::string>{};
  write_next(arguments.out, chosen, merged, candidates, view, graders);
  console.say(fmt::format("{} to grade next ({}): {}", with_commas(static_cast<std::int64_t>(chosen.size())), counts_text(chosen),
                          arguments.out.string()));
  Value result = empty_object().set("out", arguments.out.string()).set("objects", chosen.size());
  if (!arguments.rounds.empty()) result.set("round", record_round(arguments, merged, chosen, scorer ? &*scorer : nullptr, fixed, console));
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
