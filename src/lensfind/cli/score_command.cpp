#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/job.h"
#include "lensfind/cli/summary.h"
#include "lensfind/cutouts/file_kind.h"
#include "lensfind/score/mpi.h"
#include "lensfind/score/run_json.h"
#include "lensfind/workflows/score_survey.h"

namespace lensfind::cli {
namespace {

constexpr double field_sizes = 3;  // an input of more times the model's size is a field

Value summary_value(const score::RunSummary& summary) {
  Value notes{Value::Array{}};
  for (const std::string& note : summary.notes) notes.push_back(note);
  return score::to_json_value(summary).set("images", score::to_json_value(summary.images)).set("notes", notes);
}

/// An empty table is no success, whoever waits for it. One file that was asked for by its name is: that it was set aside is the answer.
void require_scores(const score::RunSummary& summary, const score::RunOptions& options) {
  if (!summary.complete || summary.scored > 0) return;
  const bool one_file = options.inputs.size() == 1 && !options.catalogue && std::filesystem::is_regular_file(options.inputs.front()) &&
                        cutouts::kind_of_file(options.inputs.front()) != cutouts::FileKind::none;
  if (one_file) return;
  CsvReader rejected{summary.rejected_table};
  std::string example;
  if (rejected.next()) example = fmt::format("; the first, {}: {}", rejected.fields().at(0), rejected.fields().at(1));
  throw Error{fmt::format("none of the {} inputs could be scored{}", with_commas(summary.inputs), example),
              fmt::format("{} says why of each", summary.rejected_table.string())};
}

/// A rank that fails must take the others with it: they would wait for it for ever.
workflows::ScoreResult score_as_rank(const std::filesystem::path& model, const score::RunOptions& options, Progress& progress) {
  try {
    return workflows::score_survey(model, options, progress, stop_flag());
  } catch (const std::exception& failure) {
    if (options.ranks == nullptr) throw;
    end_job(*options.ranks, failure, "finished chunks are kept: start it again with --resume");
  }
}

}  // namespace

int score_command(const std::vector<std::string>& words) {
  score::RunOptions options;
  std::filesystem::path model;
  std::string shard;
  bool crop = false;
  CommonArguments common;
  Arguments arguments{
      "score",
      "Scores every cutout of a survey in bounded memory. What cannot be read is set aside and named in a table beside OUT; a run that was "
      "killed goes on with --resume."};
  arguments.model(model,
                  "a model folder, an installed model's name (`lensfind models`) or anyone's .onnx that takes cutouts (n, bands, h, w) or "
                  "(n, h, w, bands)");
  arguments.positional(options.inputs, "INPUT",
                       "folders, .npy and .npz cutouts and stacks, FITS cutouts (a cube, an HDU a band, or NAME_<band>.fits), lists of "
                       "paths, a line each (.txt) or in a table's column (.csv, ...)");
  arguments.option(options.out, "--out", "FILE", "the table: scores.csv, scores.fits or scores.parquet, by its name", true);
  arguments.fields(options);
  arguments.flag(crop, "--crop",
                 "take the middle of inputs however large; else those over 3 times the model's size are set aside as fields");
  arguments.option(shard, "--shard", "I/N",
                   "do only part I (0 to N-1) of N; the part that ends last puts the table together (default: the task of a Slurm array)");
  common.declare(arguments);
  arguments.parse(words);

  options.rules.max_oversize = crop ? 0 : field_sizes;
  if (!options.catalogue && options.columns.are_named() && std::ranges::none_of(options.inputs, cutouts::is_table_name))
    throw Usage{"--id-column, --ra-column and --dec-column go with --catalogue, or with a table of paths as INPUT"};
  const std::unique_ptr<Ranks> ranks = score::launched_with_mpi() ? score::join_mpi() : nullptr;
  if (ranks && !shard.empty()) throw Usage{"--shard and MPI both share the work out; use one of them"};
  options.shard = shard.empty() ? score::shard_from_slurm().value_or(score::Shard{}) : score::shard_from_text(shard);
  if (ranks) options.shard = {};
  options.ranks = ranks.get();
  options.threads = use_threads(common.threads);

  if (ranks && ranks->rank() > 0) common.quiet = true;
  Console console{common};
  const auto [summary, page] = score_as_rank(model, options, console.progress());
  if (ranks && ranks->rank() > 0) return 0;
  Value result = summary_value(summary);
  say_scores(console, summary, options.prevalence.has_value());
  if (page) {
    console.say(fmt::format("candidates: {} and {}", summary.top_table->string(), page->string()));
    result.set("candidates_page", page->string()).set("top_table", summary.top_table->string());
  }
  console.result(result);
  require_scores(summary, options);
  return 0;
}

}  // namespace lensfind::cli
