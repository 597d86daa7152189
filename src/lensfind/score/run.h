#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/base/ranks.h"
#include "lensfind/score/best.h"
#include "lensfind/score/engine.h"
#include "lensfind/score/likeness.h"
#include "lensfind/score/readings.h"
#include "lensfind/score/scorer.h"
#include "lensfind/score/shard.h"
#include "lensfind/sky/columns.h"

namespace lensfind::score {

struct RunOptions {
  std::filesystem::path out;                  ///< the table: scores.csv, .fits or .parquet
  std::vector<std::filesystem::path> inputs;  ///< INPUT arguments (inputs.h)
  std::optional<std::filesystem::path>
      catalogue;                    ///< then the inputs are fields (FITS images with coordinates), and its objects are scored
  sky::ColumnNames columns;         ///< of the catalogue's ids and positions, where the usual names do not tell
  std::vector<std::string> bands;   ///< as NAME_<band>.fits has them, in the model's order; default the model's names
  std::string pattern;              ///< how files of one band are named (file_list.h)
  cutouts::PixelRules rules;        ///< its bands are those above; where it has no pixel scale or zero point the model's own are taken
  std::vector<std::string> seeing;  ///< of models that are told it: "0.8", or "g=0.8" once each band, FWHM in arcsec; of inputs of which
                                    ///< neither table nor header says it
  Precision precision = Precision::automatic;
  model::Int8Ranges int8_ranges = {};  ///< with which an engine of int8 computes; run_score() of a model settles them itself
  network::OnnxChoice onnx;            ///< where the model is somebody's .onnx and leaves one
  std::optional<double> prevalence;    ///< of lenses among the inputs; default the one that the model states for surveys
  int top = 0;                         ///< how many of the best to list and return
  bool average_symmetries = false;     ///< --tta; of a cascade the teacher's alone, since the student's cut was chosen without
  int threads = 0;                     ///< 0: all cores
  int readers = 0;                     ///< threads that read; 0: half as many again as there may be calls to the engine
  bool resume = false;
  bool overwrite = false;
  std::filesystem::path cache_folder = default_cache_folder();
  Shard shard;                ///< a shard takes up what is there, as `resume` does; the one that ends last puts the tables together
  Ranks* ranks = nullptr;     ///< processes that take chunks by turns; the first puts the tables together
  std::int64_t chunk = 4096;  ///< inputs that are lost at most when the run is killed

  static void describe(auto& field) {
    field(&RunOptions::catalogue, "catalogue", any().taking("FILE"),
          "INPUTs are FITS fields: score its objects (a table of text, FITS, Parquet or VOTable with positions and ids)");
    field(&RunOptions::columns, "columns", any(), "of positions and ids");
    field(&RunOptions::onnx, "onnx", any(), "what is taken of somebody's .onnx");
    field(&RunOptions::precision, "precision", any(),
          "int8 wants VNNI; auto: the quickest that the processor has and that moves no probability");
    field(&RunOptions::prevalence, "prevalence", inside(0, 1).taking("P"),
          "fraction of lenses among the inputs, for the probabilities; default: what the model states for surveys, 0.001 unless its data "
          "said otherwise");
    field(&RunOptions::top, "top", at_least(0).taking("K"), "also the K best: a sorted table and a page of pictures");
    field(&RunOptions::readers, "readers", between(0, 1024).taking("N"),
          "threads that read files, 0: three for each core; more keep the network busy where a disk answers late");
    field(&RunOptions::average_symmetries, "average_symmetries", any().as("--tta"),
          "average the eight rotations and reflections of each cutout");
    field(&RunOptions::bands, "bands", any().as("--band").taking("NAME"),
          "a band of NAME_<band>.fits, once each in the model's order (default: the model's names)");
    field(&RunOptions::pattern, "pattern", any(),
          "how files of one band are named, as '{band}/cutout-{id}.fits' (default {id}_{band}.fits)");
    field(&RunOptions::rules, "rules", any(), "how pixels are brought to the model's");
    field(&RunOptions::seeing, "seeing", any().taking("BAND=ARCSEC").in("arcsec"),
          "of a model that is told the image quality: FWHM of inputs of which neither table nor header says it, as g=0.8,r=0.75, or one "
          "number for all bands");
    field(&RunOptions::resume, "resume", any(), "go on where a run to the same OUT was stopped or killed");
    field(&RunOptions::overwrite, "overwrite", any(), "replace OUT");
  }
};

/// What a run did; the counts are of the whole table, also where a part was done before it was resumed.
struct RunSummary {
  std::int64_t inputs = 0, scored = 0, rejected = 0;
  std::int64_t passed_over = 0;  ///< files in folders that are no images; no inputs either
  bool complete = true;          ///< false: others are still at work or put the table together, and the counts are of this process
  Readings readings = {};        ///< of the scored ones, as the counts
  std::int64_t scored_now = 0;   ///< without what was there from an earlier run
  double seconds = 0;            ///< of reading and inference in this run
  double images_per_second = 0;  ///< scored_now / seconds
  std::string engine;            ///< description of what computed
  Precision precision = Precision::f32;
  std::string precision_reason;            ///< why `auto` took it
  std::optional<double> prevalence;        ///< the probabilities are for this one; none: not calibrated
  ImageLikeness images;                    ///< whether they look like what the model was trained on
  std::vector<std::string> reading_lines;  ///< `readings` in words
  std::vector<std::string> notes;          ///< what the user should be told (assumptions about an .onnx, columns of a catalogue)
  std::filesystem::path table, rejected_table;
  std::optional<std::filesystem::path> top_table;
  std::vector<TopRow> top;  ///< best first; equal logits in input order
};

/// Scores every input with a model (a model folder or any .onnx) and writes, named after `out` = s.csv (or s.fits, s.parquet),
/// - s.csv: id,logit,probability of every readable cutout, in input order (probability empty without calibration),
///   behind them the columns of a catalogue and `missing`, the largest fraction of pixels of a band that are not there (they get the band's
///   median; with more than rules.max_missing the object is set aside);
///   A cascade's table has the column `stage` at its end: `teacher`, or `student` where the student cut the cutout off (model/cascade.h
///   says what its logit is then);
/// - s.rejected.csv: input,reason of every other; its header alone where there are none;
/// - s.csv.run.json: what made them, how many there are, and what the table says of itself (about.h; FITS and Parquet tables hold that
/// too);
/// - s.top.csv, where `top` > 0: the best, sorted.
/// Names of another OUT: table.h. All that can be known about OUT is tried first.
/// Finished chunks are kept in s.csv.parts/ until the table is whole; `resume` takes them up and yields the same bytes as an unbroken run,
/// whatever the number of threads. Memory does not grow with the number of inputs. Throws Error where `out` exists without `resume` or
/// `overwrite`, another process writes it (base/run_lock.h), nothing is found, the model or the list of inputs differs from what a resumed
/// run began with, or the disk is full; throws Stopped where `stop` becomes true (what is done stays for `resume`).
RunSummary run_score(const std::filesystem::path& model, const RunOptions& options, Progress& progress = no_progress(),
                     const StopFlag& stop = never_stop());

/// The same with an engine and what its outputs mean given (tests, other engines), and in a cascade its student's. `fingerprint` says
/// whether a resumed run has the same model.
RunSummary run_score(Engine& engine, const Scorer& scorer, const RunOptions& options, Progress& progress = no_progress(),
                     const StopFlag& stop = never_stop(), Engine* student = nullptr);

/// Puts the chunks of a run together that are in one folder or, where shards ran without a common one, in several: each chunk is taken from
/// the first folder that has it whole. Throws Error where `out` exists without `overwrite`, the folders are of different runs or chunks are
/// missing (it says which).
RunSummary merge_chunks(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& out, bool overwrite = false);

}  // namespace lensfind::score
