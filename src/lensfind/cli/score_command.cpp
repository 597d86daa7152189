#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/utf8.h"
#include "lensfind/cli/candidate_page.h"
#include "lensfind/cli/column_arguments.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/cli/streams.h"
#include "lensfind/cutouts/file_kind.h"
#include "lensfind/score/about.h"
#include "lensfind/score/run.h"
#include "lensfind/score/table.h"

namespace lensfind::cli {
namespace {

constexpr double field_sizes = 3;  // an input of more times the model's size is a field

std::string prevalence_text(const score::RunSummary& summary, bool asked) {
  if (!summary.prevalence) return "no probabilities: the model is not calibrated";
  return fmt::format("probabilities are for a fraction of {:g} lenses among the objects{}", *summary.prevalence,
                     asked ? "" : " (what the model states for surveys; --prevalence gives another)");
}

/// Pictures of the best as their files have them; where that is gone, as the network saw them.
std::vector<std::optional<score::CandidatePicture>> pictures_of(const score::RunSummary& summary, const score::RunOptions& options,
                                                                score::CandidateList& list) {
  score::PictureSources sources{.bands = options.bands, .pattern = options.pattern};
  (options.catalogue ? sources.fields : sources.images) = options.inputs;
  std::vector<std::optional<score::CandidatePicture>> pictures(list.candidates.size());
  try {
    if (const auto about = score::read_about(summary.table); about && sources.bands.empty()) sources.bands = about->bands;
    pictures = score::candidate_pictures(list, sources);
  } catch (const Error&) {
    // The scores are there; a page with fewer pictures is no reason to fail.
  }
  for (std::size_t i = 0; i < std::min(pictures.size(), summary.top.size()); ++i)
    if (!pictures[i] && summary.top[i].image.shape().values() > 0) pictures[i] = score::CandidatePicture{.image = summary.top[i].image};
  return pictures;
}

void write_page(const score::RunSummary& summary, const score::RunOptions& options, const std::filesystem::path& page,
                const std::string& prevalence) {
  score::CandidateList list = score::list_candidates({.scores = *summary.top_table, .top = summary.top.size()});
  std::vector<std::string> notes{prevalence};
  for (std::string& sentence : summary.images.text()) notes.push_back(std::move(sentence));
  const std::string title = fmt::format("The {} best of {} cutouts", list.candidates.size(), with_commas(summary.scored));
  auto pictures = pictures_of(summary, options, list);
  write_candidate_page(page, title, list, std::move(pictures), notes);
}

void say_images(Console& console, const score::RunSummary& summary) {
  if (!summary.complete) return;
  const std::vector<std::string> sentences = summary.images.text();
  const bool warn = summary.images.like_training == false;
  console.say(fmt::format("{}: {}", warn ? "warning" : "images", sentences.front()));
  for (std::size_t i = 1; i < sentences.size(); ++i) console.say("  - " + sentences[i]);
}

Value summary_value(const score::RunSummary& summary) {
  Value notes{Value::Array{}};
  for (const std::string& note : summary.notes) notes.push_back(note);
  return empty_object()
      .set("table", summary.table.string())
      .set("rejected_table", summary.rejected_table.string())
      .set("inputs", summary.inputs)
      .set("scored", summary.scored)
      .set("rejected", summary.rejected)
      .set("passed_over", summary.passed_over)
      .set("seconds", summary.seconds)
      .set("images_per_second", summary.images_per_second)
      .set("engine", summary.engine)
      .set("precision_reason", summary.precision_reason)
      .set("prevalence", summary.prevalence ? Value{*summary.prevalence} : Value{})
      .set("readings", score::to_json_value(summary.readings))
      .set("images", score::to_json_value(summary.images))
      .set("notes", notes);
}

void say_summary(Console& console, const score::RunSummary& summary, const std::string& prevalence) {
  console.say(fmt::format("{} cutouts scored, {} set aside; {:.0f} images/s ({})", with_commas(summary.scored),
                          with_commas(summary.rejected), summary.images_per_second, summary.engine));
  if (!summary.precision_reason.empty()) console.say(fmt::format("precision: {}", summary.precision_reason));
  console.say(prevalence);
  for (const std::string& line : summary.reading_lines) console.say(line);
  say_images(console, summary);
  for (const std::string& note : summary.notes) console.say(fmt::format("note: {}", note));
  console.say(std::filesystem::exists(summary.table) ? fmt::format("scores: {}", summary.table.string())
                                                     : fmt::format("{} comes when the other shards are done", summary.table.string()));
  if (summary.rejected > 0) console.say(fmt::format("set aside: {}", summary.rejected_table.string()));
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
score::RunSummary score_as_rank(const std::filesystem::path& model, const score::RunOptions& options, Progress& progress) {
  try {
    return score::run_score(model, options, progress, stop_flag());
  } catch (const std::exception& failure) {
    if (options.ranks == nullptr) throw;
    const auto* error = dynamic_cast<const Error*>(&failure);
    print_message(terminal_text(fmt::format("error: rank {}: {}\nhint: {}\n", options.ranks->rank(), failure.what(),
                                            error ? error->hint() : "finished chunks are kept: start it again with --resume")));
    score::abort_mpi(1);
  }
}

}  // namespace

int score_command(const std::vector<std::string>& words) {
  score::RunOptions options;
  std::filesystem::path model, catalogue;
  std::string precision = "auto", shard, other_scale = "resample";
  bool crop = false;
  std::optional<double> max_missing;
  std::vector<std::string> mask_planes;
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
  arguments.option(catalogue, "--catalogue", "FILE",
                   "INPUTs are FITS fields: score its objects (a table of text, FITS, Parquet or VOTable with positions and ids)");
  declare_column_names(arguments, options.columns);
  declare_onnx_choice(arguments, options.onnx);
  arguments.option(options.out, "--out", "FILE", "the table: scores.csv, scores.fits or scores.parquet, by its name", true);
  arguments.choice(precision, "--precision", {"auto", "f32", "bf16"}, "auto: bf16 where the processor has it and no probability moves");
  arguments.option(
      options.prevalence, "--prevalence", "P",
      "fraction of lenses among the inputs, for the probabilities (default: what the model states for surveys, 0.001 unless its "
      "data said otherwise)");
  arguments.option(options.top, "--top", "K", "also the K best: a sorted table and a page of pictures");
  arguments.option(options.readers, "--readers", "N",
                   "threads that read files (default three for each core): more keep the network busy where a disk answers late");
  arguments.flag(options.average_symmetries, "--tta", "average the eight turns and reflections of each cutout");
  arguments.option(options.bands, "--band", "NAME",
                   "a band of NAME_<band>.fits, once each in the model's order (default: the model's names)");
  arguments.option(options.pattern, "--pattern", "PATTERN",
                   "how files of one band are named, as '{band}/cutout-{id}.fits' (default {id}_{band}.fits)");
  arguments.flag(options.rules.pad, "--pad", "fill up around cutouts that are too small with their median, instead of setting them aside");
  arguments.flag(crop, "--crop",
                 "take the middle of inputs however large; else those over 3 times the model's size are set aside as fields");
  arguments.option(max_missing, "--max-missing", "FRACTION",
                   "set a cutout aside where more of a band's pixels are NaN or masked; others get the band's median (default 0.1)");
  arguments.option(mask_planes, "--mask-plane", "NAME",
                   "pixels with this plane (MP_NAME) in a FITS file's mask are missing; may be repeated (default BAD and NO_DATA)");
  arguments.option(options.rules.pixel_scale_arcsec, "--pixel-scale", "ARCSEC",
                   "of the cutouts the model was trained on, where it does not know");
  arguments.choice(other_scale, "--other-scale", {"resample", "refuse", "ignore"},
                   "cutouts whose header gives another pixel scale than the model's (resampled, their flux is kept)");
  arguments.option(options.rules.zero_point, "--model-zero-point", "MAG",
                   "AB magnitude of one unit of flux the model was trained on, where it does not know");
  arguments.option(options.rules.input_zero_points, "--zero-point", "MAG", "of inputs whose headers give none; once, or once each band");
  arguments.option(shard, "--shard", "I/N",
                   "do only part I (0 to N-1) of N; the part that ends last puts the table together (default: the task of a Slurm array)");
  arguments.flag(options.resume, "--resume", "go on where a run to the same OUT was stopped or killed");
  arguments.flag(options.overwrite, "--overwrite", "replace OUT");
  common.declare(arguments);
  arguments.parse(words);

  if (options.prevalence && !(*options.prevalence > 0 && *options.prevalence < 1)) throw Usage{"--prevalence lies between 0 and 1"};
  if (max_missing && !(*max_missing >= 0 && *max_missing < 1)) throw Usage{"--max-missing is a fraction from 0 to below 1"};
  if (options.readers < 0 || options.readers > 1024) throw Usage{"--readers lies between 1 and 1024"};
  if (options.rules.pixel_scale_arcsec && !(*options.rules.pixel_scale_arcsec > 0)) throw Usage{"--pixel-scale is above 0"};
  options.rules.max_oversize = crop ? 0 : field_sizes;
  options.rules.max_missing = max_missing.value_or(options.rules.max_missing);
  if (!mask_planes.empty()) options.rules.mask_planes = mask_planes;
  options.rules.other_scale = other_scale == "refuse"   ? cutouts::PixelRules::OtherScale::refuse
                              : other_scale == "ignore" ? cutouts::PixelRules::OtherScale::ignore
                                                        : cutouts::PixelRules::OtherScale::resample;
  if (!catalogue.empty()) options.catalogue = catalogue;
  const bool columns_named = !(options.columns.id + options.columns.ra + options.columns.dec).empty();
  if (catalogue.empty() && columns_named && std::ranges::none_of(options.inputs, cutouts::is_table_name))
    throw Usage{"--id-column, --ra-column and --dec-column go with --catalogue, or with a table of paths as INPUT"};
  options.precision = score::precision_from_name(precision);
  const std::unique_ptr<score::Ranks> ranks = score::launched_with_mpi() ? score::join_mpi() : nullptr;
  if (ranks && !shard.empty()) throw Usage{"--shard and MPI both share the work out; use one of them"};
  options.shard = shard.empty() ? score::shard_from_slurm().value_or(score::Shard{}) : score::shard_from_text(shard);
  if (ranks) options.shard = {};
  options.ranks = ranks.get();
  options.threads = use_threads(common.threads);

  if (ranks && ranks->rank() > 0) common.quiet = true;
  Console console{common};
  const score::RunSummary summary = score_as_rank(model, options, console.progress());
  if (ranks && ranks->rank() > 0) return 0;
  Value result = summary_value(summary);
  const std::string prevalence = prevalence_text(summary, options.prevalence.has_value());
  say_summary(console, summary, prevalence);
  if (options.top > 0 && summary.top_table) {
    const std::filesystem::path page = score::TableNames{options.out}.page;
    write_page(summary, options, page, prevalence);
    console.say(fmt::format("candidates: {} and {}", summary.top_table->string(), page.string()));
    result.set("candidates_page", page.string()).set("top_table", summary.top_table->string());
  }
  console.result(result);
  require_scores(summary, options);
  return 0;
}

}  // namespace lensfind::cli
