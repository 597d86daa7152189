#include "lensfind/score/run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/in_order.h"
#include "lensfind/base/run_lock.h"
#include "lensfind/cutouts/distinct_ids.h"
#include "lensfind/score/chunk_writer.h"
#include "lensfind/score/final_tables.h"
#include "lensfind/score/out_check.h"
#include "lensfind/score/precision.h"
#include "lensfind/score/run_record.h"
#include "lensfind/score/seeing.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/table.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

cutouts::InputOptions plain_inputs_of(const Scorer& scorer, const RunOptions& options) {
  cutouts::InputOptions inputs{.arguments = options.inputs,
                               .bands = options.bands.empty() ? scorer.band_names : options.bands,
                               .catalogue = options.catalogue,
                               .columns = options.columns,
                               .rules = options.rules,
                               .pattern = options.pattern};
  inputs.rules.zero_point_may_lack = scorer.zero_point_may_lack && !inputs.rules.zero_point;
  if (!inputs.rules.pixel_scale_arcsec) inputs.rules.pixel_scale_arcsec = scorer.pixel_scale_arcsec;
  if (!inputs.rules.zero_point) inputs.rules.zero_point = scorer.zero_point;
  return inputs;
}

cutouts::InputOptions inputs_of(const Engine& engine, const Scorer& scorer, const RunOptions& options) {
  if (!options.bands.empty() && options.bands.size() != static_cast<std::size_t>(engine.shape().bands)) {
    throw Error{fmt::format("{} bands are named, the model takes {}", options.bands.size(), engine.shape().bands),
                "name each band once, in the model's order"};
  }
  if (!options.seeing.empty() && !engine.takes_seeing()) {
    throw Error{"--seeing: the model is not told the image quality",
                "leave it out; a network is told where it was trained with --set condition=quality"};
  }
  cutouts::InputOptions inputs = plain_inputs_of(scorer, options);
  inputs.wanted = engine.shape();
  inputs.rules.input_seeing = parse_seeing(options.seeing, inputs.bands, static_cast<std::size_t>(engine.shape().bands));
  return inputs;
}

/// Names of what stands behind id, logit and probability.
std::vector<std::string> columns_of(const cutouts::InputOptions& inputs, const Scorer& scorer) {
  std::vector<std::string> columns = cutouts::InputStream{inputs}.columns();
  if (scorer.cascade) columns.emplace_back(stage_column);
  return columns;
}

RunRecord record_of(const Engine& engine, const Scorer& scorer, const RunOptions& options, const cutouts::InputOptions& inputs,
                    const cutouts::InputCount& counted) {
  return {.model = scorer.fingerprint,
          .engine = engine.description(),
          .precision = name_of(options.precision),
          .int8_ranges = options.int8_ranges,
          .prevalence = scorer.prevalence_in_survey(options.prevalence),
          .inputs = counted.count,
          .input_list = counted.fingerprint,
          .reading = cutouts::reading_text(inputs),
          .chunk = options.chunk,
          .about = to_json_value(about_run(scorer, scorer.prevalence_in_survey(options.prevalence))),
          .training_images = scorer.training_images,
          .columns = columns_of(inputs, scorer)};
}

bool works_with_others(const RunOptions& options) { return options.shard.count > 1 || options.ranks != nullptr; }
bool is_first(const RunOptions& options) { return options.ranks == nullptr || options.ranks->rank() == 0; }
/// Whether what is there of the same run is taken up. A shard finds what the others made.
bool goes_on(const RunOptions& options) { return options.resume || options.shard.count > 1; }
/// Whether the run was finished before this process came to it.
bool is_finished(const TableNames& names, const ChunkFolder& chunks, const RunOptions& options) {
  return goes_on(options) && fs::exists(names.scores) && !chunks.exists();
}

/// Makes or takes up the folder of chunks; says which chunks are there.
std::vector<bool> open_chunks(ChunkFolder& chunks, const RunRecord& record, const RunOptions& options) {
  if (!is_first(options) && !chunks.exists())
    throw Error{chunks.path().string() + ": is not there, though the first rank made it",
                "let OUT lie on a file system that all ranks share"};
  const bool taken_up = (goes_on(options) || !is_first(options)) && chunks.exists();
  if (!taken_up && options.shard.count == 1) chunks.begin(to_json_value(record));
  if (!taken_up && options.shard.count > 1) chunks.join(to_json_value(record));
  check_same_run(chunks.take_up(), record, chunks.path());
  if (!works_with_others(options)) remove_stale_temporaries(chunks.path());
  std::vector<bool> done(static_cast<std::size_t>(record.chunks()), false);
  for (std::size_t number = 0; taken_up && number < done.size(); ++number) {
    done[number] = options.shard.has(static_cast<std::int64_t>(number)) && chunks.read(static_cast<std::int64_t>(number)).has_value();
  }
  return done;
}

std::vector<fs::path> what_is_read(const RunOptions& options) {
  std::vector<fs::path> paths = options.inputs;
  if (options.catalogue) paths.push_back(*options.catalogue);
  return paths;
}

/// Whether a file is what a finished run left of itself, not somebody's of the same name.
bool is_record_of_run(const fs::path& path) {
  try {
    const Value record = read_json(path);
    return record.is_object() && record.find("input_list") != nullptr;
  } catch (const Error&) {
    return false;
  }
}

void refuse_existing(const RunOptions& options, const TableNames& names, const ChunkFolder& chunks) {
  if (options.overwrite && options.shard.count > 1) {
    throw Error{"a shard cannot begin the run of all shards again",
                "remove the table and its .parts folder first, then start the shards without --overwrite"};
  }
  if (!options.overwrite && !goes_on(options)) {
    require_absent(options.out, true);
    if (chunks.exists()) {
      throw Error{fmt::format("{}: an unfinished run to the same table is there", chunks.path().string()),
                  "go on with --resume, or begin again with --overwrite"};
    }
  }
  // The record says whose the files beside a table are, also where somebody has removed the table to make it anew.
  const bool of_removed_table = !fs::exists(names.scores) && is_record_of_run(names.record);
  const bool ours = of_removed_table || (goes_on(options) && (chunks.exists() || (fs::exists(names.scores) && fs::exists(names.record))));
  check_out(names, {.overwrite = options.overwrite, .ours = ours, .with_top = options.top > 0, .inputs = what_is_read(options)});
}

/// Locks OUT, and throws Error where it may not be written. Two runs that wrote one OUT would mix their rows; shards write it together, and
/// of several ranks the first speaks for all.
std::optional<RunLock> claim_out(const RunOptions& options) {
  const TableNames names{options.out};
  const ChunkFolder chunks{options.out};
  if (!is_first(options)) return {};
  check_name(names);
  RunLock lock{options.out, options.shard.count > 1 ? RunLock::Sharing::with_others : RunLock::Sharing::alone};
  refuse_existing(options, names, chunks);
  return lock;
}

/// Which chunks this process makes: of its shard, or as the ranks take them by turns, those that are not there.
std::function<bool(std::int64_t)> chunks_to_make(std::vector<bool> done, const RunOptions& options) {
  const auto is_done = [done = std::move(done)](std::int64_t chunk) {
    return static_cast<std::size_t>(chunk) < done.size() && done[static_cast<std::size_t>(chunk)];
  };
  if (options.ranks == nullptr) return [is_done, shard = options.shard](std::int64_t chunk) { return shard.has(chunk) && !is_done(chunk); };
  return [is_done, ranks = options.ranks, taken = std::int64_t{-1}](std::int64_t chunk) mutable {
    while (taken < chunk || is_done(taken)) taken = ranks->take();
    return taken == chunk;
  };
}

/// Scores what is not finished.
void score_missing(const Stages& stages, const Scorer& scorer, const RunOptions& options, const cutouts::InputOptions& inputs,
                   PortionPlan plan, ChunkFolder& chunks, RunSummary& summary, Progress& progress, const StopFlag& stop) {
  Portions portions{inputs, std::move(plan)};
  ChunkWriter writer{chunks, portions, scorer, summary.prevalence};
  const auto begin = std::chrono::steady_clock::now();
  const Measuring measuring{scorer.training_images ? model::measuring_step(summary.inputs) : 0, scorer.scaling};
  // Those that wait for the engine do not read: half as many again do.
  const int workers = options.readers > 0 ? options.readers : (3 * stages.model.concurrency() + 1) / 2;
  in_order(
      workers, static_cast<std::size_t>(4 * workers), [&]() -> std::optional<Portion> { return stop ? std::nullopt : portions.next(); },
      PortionScorer{stages, PatientReader{}, measuring},
      [&](const ScoredPortion& portion) {
        writer.add(portion);
        progress.advance(static_cast<std::int64_t>(portion.outcomes.size()));
      });
  if (!portions.ended())
    throw Stopped{fmt::format("stopped; finished chunks are kept in {}", chunks.path().string()), "go on with --resume"};
  writer.finish();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  summary.scored_now = writer.scored();
  summary.images_per_second = summary.seconds > 0 ? static_cast<double>(summary.scored_now) / summary.seconds : 0;
}

std::vector<std::string> lines_of(const RunSummary& summary, const cutouts::InputOptions& inputs) {
  cutouts::PixelRules rules = inputs.rules;
  rules.bands = inputs.bands;
  return reading_lines(summary.readings, summary.scored, rules);
}

void add_counts(RunSummary& summary, const TableCounts& counts) {
  summary.inputs = counts.scored + counts.rejected;
  summary.scored = counts.scored;
  summary.rejected = counts.rejected;
  summary.readings = counts.readings;
  summary.images = counts.images;
}

void put_together(const ReadChunk& chunks, const RunRecord& record, const TableNames& names, RunSummary& summary) {
  add_counts(summary, write_tables(chunks, record, names));
}

void add_best(const TableNames& names, const cutouts::InputOptions& inputs, const std::vector<std::string>& columns,
              const RunOptions& options, RunSummary& summary) {
  if (options.top > 0) {
    summary.top = write_best(names, static_cast<std::size_t>(options.top), columns, inputs);
    summary.top_table = names.top;
  } else if (options.overwrite) {
    std::error_code none;
    for (const fs::path& path : {names.top, names.page}) fs::remove(path, none);
  }
}

/// Says again what a finished run left; nothing is scored. Throws Error where it was another run.
RunSummary finished_run(RunSummary summary, const TableNames& names, const RunRecord& record, const cutouts::InputOptions& inputs,
                        const RunOptions& options) {
  if (!fs::exists(names.record)) {
    throw Error{fmt::format("{} exists already, and no {} says which run made it", names.scores.string(), names.record.filename().string()),
                "give --overwrite to replace it, or another name"};
  }
  const Value finished = read_json(names.record);
  check_same_finished_run(finished, record, names.scores);
  add_counts(summary, counts_from(finished));
  summary.reading_lines = lines_of(summary, inputs);
  summary.notes.emplace_back("the table was finished already; nothing was scored");
  summary.complete = is_first(options) && options.shard.count == 1;
  if (summary.complete) add_best(names, inputs, record.columns, options, summary);
  return summary;
}

/// Whether this process is the one that puts the tables together: alone, the first rank, or the shard that ends last.
bool puts_together(const ChunkFolder& chunks, const RunRecord& record, const RunOptions& options) {
  if (options.ranks != nullptr) {
    options.ranks->wait_for_all();
    return is_first(options);
  }
  return options.shard.count == 1 || chunks.has_all(record.chunks());
}

/// The few cutouts of a portion that a student lets pass would fill a larger batch half.
constexpr std::size_t teacher_batch = 8;

/// The engine that the options ask for; a run that is taken up keeps the precision that it began with.
ChosenEngine engine_for(const Scorer& scorer, const RunOptions& options) {
  EngineOptions engine{.precision = options.precision, .threads = options.threads, .cache_folder = options.cache_folder};
  if (scorer.cascade) engine.batch = teacher_batch;
  const ChunkFolder chunks{options.out};
  const TableNames names{options.out};
  const bool taken_up = goes_on(options) && (chunks.exists() || (fs::exists(names.scores) && fs::exists(names.record)));
  if (taken_up && (options.precision == Precision::automatic || options.precision == Precision::int8)) {
    const Value begun = chunks.exists() ? chunks.run() : read_json(names.record);
    const auto precision = value_named<Precision>(begun.at("precision").as_string());
    // Another model, or another precision than it began with, will be refused.
    const bool same_model = begun.at("model").as_string() == scorer.fingerprint;
    if (same_model && (options.precision == Precision::automatic || precision == options.precision)) {
      engine.precision = precision;
      engine.int8_ranges = int8_ranges_of(begun);
      std::unique_ptr<Engine> opened = open_engine(scorer, engine);
      return {std::move(opened), precision, fmt::format("{}: as the run began", name_of(precision)), engine.int8_ranges};
    }
  }
  const cutouts::InputOptions inputs = plain_inputs_of(scorer, options);
  if (options.precision == Precision::automatic) return choose_precision(scorer, inputs, engine, !works_with_others(options));
  if (options.precision == Precision::int8) return open_int8(scorer, inputs, engine);
  return {open_engine(scorer, engine), options.precision, "as asked"};
}

/// The side of the first cutout that can be read, for a network that takes any.
int size_of_cutouts(const cutouts::InputOptions& inputs, const fs::path& onnx) {
  constexpr int max_tries = 4096;
  if (inputs.catalogue)
    throw Error{onnx.string() + ": takes cutouts of any size", "say with --onnx-size PIXELS how large a part of the fields it is to see"};
  cutouts::InputStream stream{inputs};
  for (int tries = 0; tries < max_tries; ++tries) {
    const std::optional<cutouts::Input> input = stream.next();
    if (!input) break;
    try {
      const image::ImageShape shape = input->source->shape(input->index);
      return std::min(shape.height, shape.width);
    } catch (const std::exception&) {
      continue;  // it is set aside by name when its turn comes
    }
  }
  throw Error{onnx.string() + ": takes cutouts of any size, and none can be read that tells it", "say the size with --onnx-size PIXELS"};
}

std::string named(const std::vector<fs::path>& inputs) {
  std::string names;
  for (const fs::path& input : inputs) names += (names.empty() ? "" : ", ") + input.string();
  return names;
}

/// run_score() for an OUT that this process has locked.
RunSummary score_locked(Engine& engine, const Scorer& scorer, const RunOptions& options, Progress& progress, const StopFlag& stop,
                        Engine* student) {
  const Stages stages{engine, student, scorer.cascade.value_or(model::Cascade{})};
  const TableNames names{options.out};
  ChunkFolder chunks{options.out};
  RunSummary summary{.engine = engine.description(),
                     .precision = options.precision,
                     .prevalence = scorer.prevalence_in_survey(options.prevalence),
                     .notes = scorer.notes,
                     .table = names.scores,
                     .rejected_table = names.rejected};
  if (options.catalogue)
    for (std::string& note : sky::Catalogue{*options.catalogue, options.columns}.notes()) summary.notes.push_back(std::move(note));
  cutouts::InputOptions inputs = inputs_of(engine, scorer, options);
  if (std::string note = cutouts::make_ids_distinct(inputs); !note.empty()) summary.notes.push_back(std::move(note));
  cutouts::InputCount counted = cutouts::count_inputs(inputs, options.chunk, stop);
  if (counted.count == 0) {
    const std::string others = counted.findings.passed_over.text();
    throw Error{fmt::format("there is nothing to score in {}{}{}", named(options.inputs), others.empty() ? "" : ": ", others),
                "give folders that hold .npy, .npz or FITS files, or the files themselves"};
  }
  summary.passed_over = counted.findings.passed_over.count;
  summary.notes.insert(summary.notes.end(), counted.findings.notes.begin(), counted.findings.notes.end());
  if (summary.passed_over > 0) summary.notes.push_back(counted.findings.passed_over.text());
  inputs.npy_stacks = counted.npy_stacks;
  inputs.positions = counted.positions;
  const RunRecord record = record_of(engine, scorer, options, inputs, counted);
  if (is_finished(names, chunks, options)) return finished_run(std::move(summary), names, record, inputs, options);
  if (is_first(options)) check_columns(names, record.columns);
  // The first rank clears away or takes up what was there before the others look at it.
  if (!is_first(options)) options.ranks->wait_for_all();
  std::vector<bool> done = open_chunks(chunks, record, options);
  if (options.ranks != nullptr && is_first(options)) options.ranks->wait_for_all();
  summary.inputs = counted.count;
  progress.start("scoring", counted.count, "images");
  PortionPlan plan{
      .chunk = options.chunk, .size = stages.portion(), .wanted = chunks_to_make(std::move(done), options), .counted = std::move(counted)};
  score_missing(stages, scorer, options, inputs, std::move(plan), chunks, summary, progress, stop);
  progress.finish();
  const std::optional<FolderLock> one_at_a_time = options.shard.count > 1 ? chunks.lock() : std::nullopt;
  if (!puts_together(chunks, record, options)) {
    summary.complete = false;
    summary.inputs = record.inputs;
    summary.scored = summary.scored_now;
    return summary;
  }
  put_together([&](std::int64_t number) { return chunks.read(number); }, record, names, summary);
  summary.reading_lines = lines_of(summary, inputs);
  add_best(names, inputs, record.columns, options, summary);
  chunks.remove();
  return summary;
}

}  // namespace

RunSummary run_score(const fs::path& model, const RunOptions& options, Progress& progress, const StopFlag& stop) {
  Scorer scorer = open_scorer(model, options.onnx);
  const std::optional<RunLock> lock = claim_out(options);
  if (scorer.any_size) settle_size(scorer, size_of_cutouts(plain_inputs_of(scorer, options), scorer.onnx));
  ChosenEngine chosen = engine_for(scorer, options);
  if (options.average_symmetries && !scorer.average_symmetries) chosen.engine = average_over_symmetries(std::move(chosen.engine));
  RunOptions settled = options;
  settled.precision = chosen.precision;
  settled.int8_ranges = chosen.int8_ranges;
  std::unique_ptr<Engine> student;
  if (scorer.cascade)
    student =
        open_engine(scorer.student_onnx,
                    {.precision = student_precision(chosen.precision), .threads = options.threads, .cache_folder = options.cache_folder});
  RunSummary summary = score_locked(*chosen.engine, scorer, settled, progress, stop, student.get());
  if (lock && !lock->note().empty()) summary.notes.push_back(lock->note());
  summary.precision_reason = chosen.reason;
  return summary;
}

RunSummary run_score(Engine& engine, const Scorer& scorer, const RunOptions& options, Progress& progress, const StopFlag& stop,
                     Engine* student) {
  const std::optional<RunLock> lock = claim_out(options);
  return score_locked(engine, scorer, options, progress, stop, student);
}

}  // namespace lensfind::score
