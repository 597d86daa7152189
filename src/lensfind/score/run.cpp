#include "lensfind/score/run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/score/chunks.h"
#include "lensfind/score/in_order.h"
#include "lensfind/score/portions.h"
#include "lensfind/score/precision.h"
#include "lensfind/score/table.h"

namespace lensfind::score {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_pictures = 1000;  // of the best rows, so that a large --top does not fill the memory

const std::vector<std::string>& band_names(const Scorer& scorer, const RunOptions& options) {
  return options.bands.empty() ? scorer.band_names : options.bands;
}

InputOptions inputs_of(const Engine& engine, const Scorer& scorer, const RunOptions& options) {
  if (!options.bands.empty() && options.bands.size() != static_cast<std::size_t>(engine.shape().bands)) {
    throw Error{fmt::format("{} bands are named, the model takes {}", options.bands.size(), engine.shape().bands),
                "name each band once, in the model's order"};
  }
  return {options.inputs, band_names(scorer, options), options.catalogue, engine.shape()};
}

/// Gathers outcomes into chunks and puts each on disk when it is whole.
class ChunkWriter {
 public:
  ChunkWriter(ChunkFolder& folder, const Portions& portions, const Scorer& scorer, std::optional<double> prevalence)
      : folder_{folder}, portions_{portions}, scorer_{scorer}, prevalence_{prevalence} {}

  void add(const ScoredPortion& portion) {
    if (portion.chunk != number_) finish();
    number_ = portion.chunk;
    for (const Outcome& outcome : portion.outcomes) {
      if (outcome.scored) {
        append_row(chunk_.scores, {outcome.name, outcome.logit, scorer_.probability(outcome.logit, prevalence_), outcome.columns});
        ++chunk_.scored_count;
      } else {
        append_rejected(chunk_.rejected, outcome.name, outcome.reason);
        ++chunk_.rejected_count;
      }
    }
  }
  void finish() {
    if (chunk_.scored_count + chunk_.rejected_count == 0) return;
    // Where a mount has gone every file looks bad: that chunk must not count as done.
    if (chunk_.rejected_count > 0) portions_.check_arguments();
    folder_.write(number_, chunk_);
    scored_ += chunk_.scored_count;
    chunk_ = {};
  }
  [[nodiscard]] std::int64_t scored() const { return scored_; }

 private:
  ChunkFolder& folder_;
  const Portions& portions_;
  const Scorer& scorer_;
  std::optional<double> prevalence_;
  Chunk chunk_;
  std::int64_t number_ = 0, scored_ = 0;
};

/// What must be the same when a run is taken up again.
Value describe_run(const Engine& engine, const Scorer& scorer, const RunOptions& options, std::optional<double> prevalence,
                   const InputCount& inputs) {
  return empty_object()
      .set("format", 1)
      .set("model", scorer.fingerprint)
      .set("engine", engine.description())
      .set("precision", precision_name(options.precision))
      .set("prevalence", prevalence ? Value{*prevalence} : Value{})
      .set("inputs", inputs.count)
      .set("input_list", inputs.fingerprint)
      .set("chunk", options.chunk);
}

void check_same_run(const Value& begun, const Value& now, const fs::path& folder) {
  for (const auto& [key, value] : now.as_object()) {
    const Value* before = begun.find(key);
    if (before && *before == value) continue;
    const std::string what =
        key == "model" ? "the model has changed"
        : key == "inputs" || key == "input_list"
            ? "the list of inputs has changed"
            : fmt::format("{} was {}, now it is {}", key, before ? to_json(*before, -1) : "not there", to_json(value, -1));
    throw Error{fmt::format("{}: the unfinished run cannot be resumed: {}", folder.string(), what),
                "resume it with what it was begun with, or begin again with --overwrite"};
  }
}

std::int64_t chunk_count(std::int64_t inputs, const RunOptions& options) { return (inputs + options.chunk - 1) / options.chunk; }

bool is_mine(std::int64_t chunk, const RunOptions& options) { return chunk % options.shard.count == options.shard.index; }

/// Makes or takes up the folder of chunks; says which chunks this process need not make.
std::vector<bool> open_chunks(ChunkFolder& chunks, const Value& run, const RunOptions& options) {
  const std::int64_t count = chunk_count(run.at("inputs").as_integer(), options);
  const bool taken_up = (options.resume || options.shard.count > 1) && chunks.exists();
  if (!taken_up && options.shard.count == 1) chunks.begin(run);
  if (!taken_up && options.shard.count > 1) chunks.join(run);
  check_same_run(chunks.run(), run, chunks.path());
  if (options.shard.count == 1) remove_stale_temporaries(chunks.path());
  std::vector<bool> done(static_cast<std::size_t>(count), false);
  for (std::int64_t number = 0; number < count; ++number) {
    done[static_cast<std::size_t>(number)] = !is_mine(number, options) || (taken_up && chunks.read(number).has_value());
  }
  return done;
}

void refuse_existing(const RunOptions& options, const ChunkFolder& chunks) {
  if (options.overwrite && options.shard.count > 1) {
    throw Error{"a shard cannot begin the run of all shards again",
                "remove the table and its .parts folder first, then start the shards without --overwrite"};
  }
  if (options.resume || options.overwrite) return;
  require_absent(options.out, true);
  if (chunks.exists() && options.shard.count == 1) {
    throw Error{fmt::format("{}: an unfinished run to the same table is there", chunks.path().string()),
                "go on with --resume, or begin again with --overwrite"};
  }
}

/// Scores what is not finished; returns how many inputs there were.
std::int64_t score_missing(Engine& engine, const Scorer& scorer, const RunOptions& options, std::vector<bool> done, ChunkFolder& chunks,
                           RunSummary& summary, Progress& progress, const StopFlag& stop) {
  Portions portions{inputs_of(engine, scorer, options), options.chunk, engine.batch(), std::move(done)};
  ChunkWriter writer{chunks, portions, scorer, summary.prevalence};
  const auto begin = std::chrono::steady_clock::now();
  // Those that wait for the engine do not read: as many again do.
  const int workers = 2 * engine.concurrency();
  in_order(
      workers, static_cast<std::size_t>(4 * workers), [&]() -> std::optional<Portion> { return stop ? std::nullopt : portions.next(); },
      [&](const Portion& portion) { return score_portion(engine, portion); },
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
  return portions.position();
}

/// Puts the chunks together; the table of scores gets its name last.
void write_tables(const ChunkFolder& chunks, std::int64_t count, const TableNames& names, const std::vector<std::string>& columns,
                  RunSummary& summary) {
  AtomicFile scores{names.scores, Durability::survives_power_loss};
  AtomicFile rejected{names.rejected, Durability::survives_power_loss};
  scores.write(scores_header(columns));
  rejected.write(rejected_header);
  for (std::int64_t number = 0; number < count; ++number) {
    const std::optional<Chunk> chunk = chunks.read(number);
    if (!chunk)
      throw Error{fmt::format("{}: chunk {} cannot be read", chunks.path().string(), number),
                  "run it again with --resume: it is made anew"};
    scores.write(chunk->scores);
    rejected.write(chunk->rejected);
    summary.scored += chunk->scored_count;
    summary.rejected += chunk->rejected_count;
  }
  if (summary.scored + summary.rejected != summary.inputs) {
    throw Error{fmt::format("{} inputs, but {} scored and {} set aside", summary.inputs, summary.scored, summary.rejected),
                "the inputs changed while they were read; begin again with --overwrite"};
  }
  rejected.commit();
  scores.commit();
}

/// Reads the pictures of the best rows; their inputs are found again by id.
void add_pictures(std::vector<TopRow>& top, const InputOptions& inputs) {
  std::unordered_map<std::string, std::size_t> wanted;
  for (std::size_t i = 0; i < std::min(top.size(), most_pictures); ++i) wanted.emplace(top[i].id, i);
  InputStream stream{inputs};
  while (!wanted.empty()) {
    const std::optional<Input> input = stream.next();
    if (!input) return;
    const auto found = wanted.find(input->id);
    if (found == wanted.end()) continue;
    try {
      Image image{inputs.wanted};
      read_input(*input, image.view());
      top[found->second].image = std::move(image);
    } catch (const Error&) {
      continue;  // one of the same name that was set aside
    }
    wanted.erase(found);
  }
}

void write_top(const TableNames& names, const InputOptions& inputs, const std::vector<std::string>& columns, const RunOptions& options,
               RunSummary& summary) {
  if (options.top <= 0) {
    std::error_code none;
    if (options.overwrite) fs::remove(names.top, none);
    return;
  }
  const std::vector<Row> rows = best_rows(names.scores, static_cast<std::size_t>(options.top));
  write_rows(names.top, columns, rows);
  for (const Row& row : rows) summary.top.push_back({row.id, row.logit, row.probability, {}});
  add_pictures(summary.top, inputs);
  summary.top_table = names.top;
}

/// The engine that the options ask for; a run that is taken up keeps the precision that it began with.
ChosenEngine engine_for(const Scorer& scorer, const RunOptions& options) {
  EngineOptions engine{.precision = options.precision, .threads = options.threads, .cache_folder = options.cache_folder};
  const ChunkFolder chunks{options.out};
  if (options.precision == Precision::automatic && (options.resume || options.shard.count > 1) && chunks.exists()) {
    engine.precision = precision_from_name(chunks.run().at("precision").as_string());
    return {open_engine(scorer.onnx, engine), engine.precision, fmt::format("{}: as the run began", precision_name(engine.precision))};
  }
  if (options.precision == Precision::automatic)
    return choose_precision(scorer, {options.inputs, band_names(scorer, options), options.catalogue, {}}, engine);
  return {open_engine(scorer.onnx, engine), options.precision, "as asked"};
}

std::string named(const std::vector<fs::path>& inputs) {
  std::string names;
  for (const fs::path& input : inputs) names += (names.empty() ? "" : ", ") + input.string();
  return names;
}

}  // namespace

RunSummary run_score(const fs::path& model, const RunOptions& options, Progress& progress, const StopFlag& stop) {
  const Scorer scorer = open_scorer(model);
  refuse_existing(options, ChunkFolder{options.out});
  ChosenEngine chosen = engine_for(scorer, options);
  if (options.average_symmetries) chosen.engine = average_over_symmetries(std::move(chosen.engine));
  RunOptions settled = options;
  settled.precision = chosen.precision;
  RunSummary summary = run_score(*chosen.engine, scorer, settled, progress, stop);
  summary.precision_reason = chosen.reason;
  return summary;
}

RunSummary run_score(Engine& engine, const Scorer& scorer, const RunOptions& options, Progress& progress, const StopFlag& stop) {
  const TableNames names{options.out};
  ChunkFolder chunks{options.out};
  refuse_existing(options, chunks);
  RunSummary summary{.engine = engine.description(),
                     .precision = options.precision,
                     .prevalence = scorer.prevalence(options.prevalence),
                     .notes = scorer.notes,
                     .table = names.scores,
                     .rejected_table = names.rejected};
  const InputOptions inputs = inputs_of(engine, scorer, options);
  const std::vector<std::string> columns = InputStream{inputs}.columns();
  if (options.resume && fs::exists(names.scores) && !chunks.exists()) {
    summary.notes.push_back("the table was finished already; nothing was scored");
    summary.scored = count_rows(names.scores);
    summary.rejected = count_rows(names.rejected);
    summary.inputs = summary.scored + summary.rejected;
    write_top(names, inputs, columns, options, summary);
    return summary;
  }
  const InputCount counted = count_inputs(inputs, stop);
  if (counted.count == 0) {
    throw Error{"there is nothing to score in " + named(options.inputs),
                "give folders that hold .npy or FITS files, or the files themselves"};
  }
  std::vector<bool> done = open_chunks(chunks, describe_run(engine, scorer, options, summary.prevalence, counted), options);
  progress.start("scoring", counted.count, "images");
  summary.inputs = score_missing(engine, scorer, options, std::move(done), chunks, summary, progress, stop);
  progress.finish();
  const std::int64_t count = chunk_count(summary.inputs, options);
  if (options.shard.count > 1) {
    const ChunkFolder::Lock lock = chunks.lock();
    if (!chunks.has_all(count)) {
      summary.complete = false;
      summary.scored = summary.scored_now;
      return summary;
    }
  }
  write_tables(chunks, count, names, columns, summary);
  write_top(names, inputs, columns, options, summary);
  chunks.remove();
  return summary;
}

Shard shard_from_text(const std::string& text) {
  const auto slash = text.find('/');
  const auto index = parse_integer(std::string_view{text}.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : parse_integer(std::string_view{text}.substr(slash + 1));
  if (!index || !count || *index < 0 || *index >= *count || *count > 1'000'000) {
    throw Error{fmt::format("'{}' is no shard", text), "write i/n with i from 0 to n - 1, e.g. 0/8"};
  }
  return {static_cast<int>(*index), static_cast<int>(*count)};
}

}  // namespace lensfind::score
