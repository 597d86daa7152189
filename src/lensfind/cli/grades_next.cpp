#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/next.h"

namespace lensfind::cli {

int grades_next(const std::vector<std::string>& words) {
  GradesArguments grades;
  std::filesystem::path out, scores;
  std::string rule = "mixed";
  std::optional<std::int64_t> top, max_grades;
  bool overwrite = false;
  Arguments arguments{"grades next",
                      "Chooses what is worth grading next, as a table that `inspect` takes: the best scores that nobody graded, what the "
                      "grades leave most uncertain, what people disagree about. Settled objects are left out."};
  grades.declare(arguments);
  arguments.option(scores, "--scores", "SCORES", "the finder's table: what nobody graded comes from it");
  arguments.option(out, "--out", "FILE", "the table, as CSV (id,why,logit)", true);
  arguments.choice(rule, "--by", {"mixed", "highest", "uncertain", "disagreed"}, "which of them; mixed: in turn");
  arguments.option(top, "--top", "K", "how many (default 100)");
  arguments.option(max_grades, "--max-grades", "N", "what so many people graded is shown to no more (default 5)");
  arguments.flag(overwrite, "--overwrite", "replace FILE");
  arguments.footer(
      "Example:\n  lensfind grades next g.sqlite --scores scores.csv --top 200 --out next.csv\n  lensfind inspect next.csv --images "
      "survey.npy --grades g.sqlite\n");
  arguments.parse(words);
  (void)grades.merge_options();
  if (top && *top < 1) throw Usage{"--top takes a number from 1 on"};
  if (max_grades && (*max_grades < 1 || *max_grades > 1000)) throw Usage{"--max-grades lies between 1 and 1000"};
  if (!overwrite) require_absent(out);

  Console console{grades.common};
  const inspect::Merged merged = grades.merge(grades.read(console), console);
  std::vector<inspect::Listed> candidates;
  if (!scores.empty()) candidates = inspect::read_candidates({.table = scores}).objects;
  std::unordered_map<std::string, double> logits;
  for (const inspect::MergedObject& object : merged.objects) logits[object.object.id] = object.object.logit;
  for (const inspect::Listed& candidate : candidates) logits[candidate.object.id] = candidate.object.logit;
  const auto chosen = inspect::choose_next(merged, candidates, value_named<inspect::NextRule>(rule),
                                           static_cast<std::size_t>(top.value_or(100)), static_cast<int>(max_grades.value_or(5)));
  if (chosen.empty())
    throw Error{"nothing is left to grade", scores.empty() ? "give the finder's table with --scores" : "raise --max-grades"};
  std::string text = "id,why,logit\n";
  std::unordered_map<std::string, std::int64_t> counts;
  for (const inspect::NextObject& one : chosen) {
    const double logit = logits[one.id];
    text += fmt::format("{},{},{}\n", csv_field(one.id), one.why, logit == logit ? fmt::format("{}", logit) : "");
    ++counts[one.why];
  }
  write_file(out, text);
  console.say(fmt::format("{} to grade next ({} of the highest scores, {} uncertain, {} that graders disagree about): {}",
                          with_commas(static_cast<std::int64_t>(chosen.size())), counts["highest"], counts["uncertain"],
                          counts["disagreed"], out.string()));
  console.result(empty_object().set("out", out.string()).set("objects", chosen.size()));
  return 0;
}

}  // namespace lensfind::cli
