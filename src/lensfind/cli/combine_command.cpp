#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/version.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/combine/workflow.h"

namespace lensfind::cli {
namespace {

struct CombineArguments {
  std::vector<std::filesystem::path> tables;  ///< NAME=FILE[:COLUMN]
  std::filesystem::path labels, apply, out;
  combine::JoinColumns columns;
  std::optional<double> prevalence, ridge;
  int folds = 5;
  int trees = 100;
  bool overwrite = false;
  CommonArguments common;
};

CombineArguments read_combine_arguments(const std::vector<std::string>& words) {
  CombineArguments read;
  Arguments arguments{"combine",
                      "Several finders' scores as one: chooses on labelled objects, by cross-validation, how to combine them, says with an "
                      "interval what that gains, and leaves MODEL.json. With --apply, combines the scores of a survey by it."};
  arguments.positional(read.tables, "NAME=SCORES",
                       "a finder and its table (CSV, FITS, Parquet, VOTable, ECSV) with id and score; NAME=SCORES:COLUMN takes another "
                       "column, as the mean of people's grades");
  arguments.option(read.labels, "--labels", "FILE", "table with id, label and optionally group; default: labels in the tables of scores");
  arguments.option(read.apply, "--apply", "MODEL.json", "combine the scores by this combination, in place of making one");
  arguments.option(read.out, "--out", "FILE", "MODEL.json, or with --apply the table of combined scores (.csv, .fits, .parquet)", true);
  arguments.option(read.prevalence, "--prevalence", "P",
                   "with --apply: fraction of lenses that probabilities are for (default: that of the labelled objects)");
  arguments.option(read.columns.id, "--id-column", "NAME", "column of ids in all tables (default id, object_id, ...)");
  arguments.option(read.columns.label, "--label-column", "NAME", "column of labels in --labels (default label)");
  arguments.option(read.folds, "--folds", "N", "folds of the cross-validation, 3 to 20 (default 5)");
  arguments.option(read.ridge, "--ridge", "R", "penalty of the two stacking rules (default 1)");
  arguments.option(read.trees, "--trees", "N", "trees of the rule monotone_trees, 10 to 1000 (default 100)");
  arguments.flag(read.overwrite, "--overwrite", "replace OUT");
  read.common.declare(arguments, true);
  arguments.footer(
      "Rules, the simplest first; each stands on scores calibrated to log likelihood ratios:\n"
      "  mean_logit         the plain mean of the ratios\n"
      "  mean_probability   the mean of the probabilities\n"
      "  independent_bayes  the sum of ratios, each calibrated without a form\n"
      "  stacking           logistic regression on the ratios\n"
      "  crossed_stacking   the same with products of every two finders\n"
      "  monotone_trees     bagged small trees that never fall where a score rises\n"
      "Taken is the rule of the best average precision, or the simplest that these labels cannot tell from it.\n\n"
      "Examples:\n"
      "  lensfind combine cnn=cnn.csv vit=vit.fits people=objects.csv:mean --labels labels.csv --out combined.json\n"
      "  lensfind combine --apply combined.json cnn=survey-cnn.csv vit=survey-vit.fits --prevalence 0.001 --out survey.csv");
  arguments.parse(words);
  if (read.folds < 3 || read.folds > 20) throw Usage{"--folds takes a number from 3 to 20"};
  if (read.trees < 10 || read.trees > 1000) throw Usage{"--trees takes a number from 10 to 1000"};
  if (read.ridge && !(*read.ridge > 0)) throw Usage{"--ridge takes a number above 0"};
  if (read.prevalence && !(*read.prevalence > 0 && *read.prevalence < 1)) throw Usage{"--prevalence takes a fraction between 0 and 1"};
  if (read.prevalence && read.apply.empty()) throw Usage{"--prevalence belongs to --apply", "a combination serves every prevalence"};
  if (!read.labels.empty() && !read.apply.empty())
    throw Usage{"--labels belongs to making a combination, not to --apply", "judge the combined scores by `lensfind evaluate --scores`"};
  return read;
}

std::vector<combine::FinderTable> tables_of(const CombineArguments& arguments) {
  std::vector<std::string> texts;
  for (const std::filesystem::path& table : arguments.tables) texts.push_back(table.string());
  return combine::parse_finder_tables(texts);
}

std::vector<std::filesystem::path> inputs_of(const CombineArguments& arguments, const std::vector<combine::FinderTable>& tables) {
  std::vector<std::filesystem::path> inputs;
  for (const combine::FinderTable& table : tables) inputs.push_back(table.path);
  if (!arguments.labels.empty()) inputs.push_back(arguments.labels);
  if (!arguments.apply.empty()) inputs.push_back(arguments.apply);
  return inputs;
}

std::string gain_text(const evaluate::Estimate& gain) {
  return fmt::format("{:+.3f} ({:+.3f} to {:+.3f})", gain.value, gain.low, gain.high);
}

void say_row(Console& console, const combine::Judged& judged, const std::string& name, const combine::Study::Gain* gain) {
  const std::string gains =
      gain ? fmt::format("  {:<26}  {:<26}", gain_text(gain->over_mean[1].difference), gain_text(gain->over_finder[1].difference)) : "";
  console.say(
      fmt::format("{:<20} {:>6.4f} {:>18.4f} {:>12.4f}{}", name, judged.auc, judged.average_precision, judged.tpr_at_fpr_1e_2, gains));
}

void say_study(Console& console, const combine::Study& study) {
  console.say(fmt::format("{:<20} {:>6} {:>18} {:>12}  {:<26}  {:<26}", "", "AUC", "average precision", "TPR at 1e-2",
                          "AP against the plain mean", "AP against " + study.finders[study.best_finder].name));
  for (const combine::Judged& finder : study.finders) say_row(console, finder, finder.name, nullptr);
  for (std::size_t i = 0; i < study.choice.rules.size(); ++i)
    say_row(console, study.choice.rules[i], study.choice.rules[i].name, &study.gains[i]);
  say_row(console, study.chosen, "chosen in each fold", &study.gains.back());
  std::vector<std::string> picked;
  for (const combine::RuleKind kind : study.picked) picked.emplace_back(combine::name_of(kind));
  console.say(fmt::format("in the folds it took: {}", fmt::join(picked, ", ")));
  for (const std::string& sentence : combine::gains_in_words(study)) console.say(sentence);
}

Value about(const CombineArguments& arguments, const combine::Fitted& fitted) {
  Value::Array tables;
  for (const std::filesystem::path& table : arguments.tables) tables.emplace_back(table.string());
  return empty_object()
      .set("lensfind", version())
      .set("tables", std::move(tables))
      .set("labels", arguments.labels.string())
      .set("objects", fitted.objects)
      .set("labelled", fitted.labelled)
      .set("left_out_for_a_missing_score", fitted.left_out)
      .set("folds", arguments.folds)
      .set("seed", static_cast<std::int64_t>(arguments.common.seed_or_zero()))
      .set("study", combine::to_json_value(fitted.study));
}

int make(const CombineArguments& arguments) {
  combine::FitOptions options{.tables = tables_of(arguments), .labels = arguments.labels, .columns = arguments.columns};
  options.choice = {.rule = {.ridge = arguments.ridge.value_or(1), .trees = arguments.trees, .seed = arguments.common.seed_or_zero()},
                    .folds = arguments.folds,
                    .threads = use_threads(arguments.common.threads)};
  require_output_file(arguments.out, arguments.overwrite, inputs_of(arguments, options.tables));
  Console console{arguments.common};
  combine::Fitted fitted = combine::fit_finders(options, console.progress());
  for (const std::string& note : fitted.notes) console.progress().warn(note);
  fitted.combination.about = about(arguments, fitted);
  const combine::Subset& whole = fitted.combination.subsets.front();
  console.say(fmt::format(
      "{} lenses and {} non-lenses with a score of all {} finders; {} labelled objects lack one and are left out of the table, {} "
      "lines of labels match no score",
      with_commas(whole.lenses), with_commas(whole.nonlenses), fitted.combination.finders.size(), with_commas(fitted.left_out),
      with_commas(fitted.unmatched)));
  say_study(console, fitted.study);
  write_file(arguments.out, to_json(combine::to_json_value(fitted.combination)) + "\n");
  console.say(fmt::format("{}: {}, with rules for {} sets of finders", arguments.out.string(), combine::name_of(fitted.combination.kind),
                          fitted.combination.subsets.size()));
  console.result(Value{fitted.combination.about}.set("out", arguments.out.string()));
  return 0;
}

int apply(const CombineArguments& arguments) {
  const combine::ApplyOptions options{.tables = tables_of(arguments), .columns = arguments.columns, .prevalence = arguments.prevalence};
  require_output_file(arguments.out, arguments.overwrite, inputs_of(arguments, options.tables));
  use_threads(arguments.common.threads);
  Console console{arguments.common};
  const combine::Combination combination = combine::combination_from(read_json(arguments.apply), arguments.apply.string());
  const combine::Applied applied = combine::apply_combination(combination, options);
  combine::write_combined(arguments.out, applied);
  for (const std::string& note : applied.notes) console.progress().warn(note);
  console.say(fmt::format("{}: {} objects by {}; probabilities are for a fraction of lenses of {:.4g}", arguments.out.string(),
                          with_commas(static_cast<std::int64_t>(applied.rows.size())), combine::name_of(combination.kind),
                          applied.prevalence));
  Value by_finders = empty_object();
  for (const auto& [finders, count] : applied.by_finders) {
    console.say(fmt::format("  by {:<30} {}", finders, with_commas(count)));
    by_finders.set(finders, count);
  }
  if (applied.without_rule > 0)
    console.say(fmt::format("  {} objects have scores of finders only for which there is no rule; their logit is empty",
                            with_commas(applied.without_rule)));
  console.result(empty_object()
                     .set("out", arguments.out.string())
                     .set("objects", applied.rows.size())
                     .set("prevalence", applied.prevalence)
                     .set("by_finders", std::move(by_finders))
                     .set("without_rule", applied.without_rule));
  return 0;
}

}  // namespace

int combine_command(const std::vector<std::string>& words) {
  const CombineArguments arguments = read_combine_arguments(words);
  return arguments.apply.empty() ? make(arguments) : apply(arguments);
}

}  // namespace lensfind::cli
