#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/export.h"
#include "lensfind/inspect/labels.h"

namespace lensfind::cli {
namespace {

/// Labelled cutouts in a folder of their own.
void leave_training_set(const std::filesystem::path& out, bool overwrite, const std::vector<inspect::ObjectLabel>& labels,
                        const inspect::PictureOptions& images, Console& console, Value& result) {
  std::vector<std::filesystem::path> read = images.inputs;
  if (images.catalogue) read.push_back(*images.catalogue);
  AtomicFolder folder{{.path = out, .kind = FolderKind::grades, .command = "grades export", .overwrite = overwrite, .inputs = read}};
  const inspect::TrainingSet set = inspect::write_training_set(folder.path(), labels, images);
  folder.commit();
  console.say(
      fmt::format("{} lenses and {} non-lenses with their cutouts: {}", with_commas(set.lenses), with_commas(set.nonlenses), out.string()));
  if (set.without_image + set.unfit > 0)
    console.say(fmt::format("note: {} labelled objects have no image there, {} cannot be read or have another size",
                            with_commas(set.without_image), with_commas(set.unfit)));
  result.set("training_set", out.string());
}

}  // namespace

int grades_export(const std::vector<std::string>& words) {
  GradesArguments grades;
  std::filesystem::path out, labels, training_set, catalogue;
  inspect::PictureOptions images;
  std::optional<std::int64_t> size;
  std::string rule = "settled";
  bool overwrite = false, with_controls = false;
  Arguments arguments{"grades export",
                      "The merged grades as one table for papers and other programs, by the name of OUT: .csv, .fits, .parquet, .vot "
                      "(VOTable), .ecsv, .tex (LaTeX). And labels for `train`, `calibrate` and `evaluate --relabel`."};
  grades.declare(arguments);
  arguments.option(out, "--out", "FILE", "the table");
  arguments.option(labels, "--labels", "FILE",
                   "labels, as CSV (id,label,weight,logit): 1 lenses, 0 non-lenses; what is undecided is left out");
  arguments.choice(rule, "--labels-by", all_names<inspect::LabelRule>(),
                   "what decides a label: the settled consensus, or the label of the median grade");
  arguments.option(training_set, "--training-set", "DIR", "the labelled objects with their cutouts of --images, for `train --data DIR`");
  arguments.list(images.inputs, "--images", "INPUT", "with --training-set: folders, stacks, lists or FITS fields");
  arguments.option(catalogue, "--catalogue", "FILE", "INPUTs are FITS fields: cut its objects from them");
  arguments.fields(images.columns);
  arguments.option(images.bands, "--band", "NAME", "a band of NAME_<band>.fits, once each, from blue to red");
  arguments.option(size, "--size", "N", "pixels a side of what is cut from fields (default 64)");
  arguments.flag(with_controls, "--with-controls", "also the controls, in the table");
  arguments.flag(overwrite, "--overwrite", "replace the files");
  arguments.footer(
      "Examples:\n  lensfind grades export G.sqlite --out candidates.fits\n  lensfind grades export G.sqlite --out table.tex\n"
      "  lensfind grades export G.sqlite --labels labels.csv --labels-by grade\n"
      "  lensfind train --recipe lensfind --data DATA --mine labels.csv --mine-images survey.npy --out RUN     graded non-lenses as hard "
      "negatives\n"
      "  lensfind grades export G.sqlite --training-set graded --images survey.npy\n");
  arguments.parse(words);
  if (out.empty() && labels.empty() && training_set.empty())
    throw Usage{"--out, --labels or --training-set is missing: what shall be written?"};
  if (training_set.empty() != images.inputs.empty()) throw Usage{"--training-set and --images go together"};
  if (size && (*size < 8 || *size > 2048)) throw Usage{"--size lies between 8 and 2048"};
  images.size = static_cast<int>(size.value_or(64));
  if (!catalogue.empty()) images.catalogue = catalogue;
  (void)grades.merge_options();
  for (const auto& path : {out, labels})
    if (!path.empty() && !overwrite) require_absent(path);

  Console console{grades.common};
  const inspect::Merged merged = grades.merge(grades.read(console), console);
  Value result = empty_object();
  if (!out.empty()) {
    const inspect::ResultTable table = inspect::objects_table(merged, with_controls);
    inspect::write_result_table(out, table);
    console.say(fmt::format("{} objects: {}", with_commas(static_cast<std::int64_t>(table.rows.size())), out.string()));
    result.set("out", out.string()).set("objects", table.rows.size());
  }
  if (labels.empty() && training_set.empty()) {
    console.result(result);
    return 0;
  }
  const std::vector<inspect::ObjectLabel> decided = inspect::labels_of(merged, value_named<inspect::LabelRule>(rule));
  const auto lenses = std::ranges::count(decided, Label::lens, &inspect::ObjectLabel::label);
  const auto others = static_cast<std::int64_t>(decided.size()) - lenses;
  if (decided.empty()) console.say("note: nothing is decided yet; --labels-by grade takes the median grade");
  if (!labels.empty()) {
    inspect::write_labels(labels, decided);
    console.say(fmt::format("{} lenses and {} non-lenses: {}", with_commas(lenses), with_commas(others), labels.string()));
    result.set("labels", labels.string()).set("lenses", lenses).set("nonlenses", others);
  }
  if (!training_set.empty()) leave_training_set(training_set, overwrite, decided, images, console, result);
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
