#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/export.h"
#include "lensfind/inspect/labels.h"

namespace lensfind::cli {
namespace {

struct ExportArguments {
  GradesArguments grades;
  std::filesystem::path out, labels, training_set;
  inspect::LabelRule rule = inspect::LabelRule::settled;
  inspect::PictureOptions images;
  bool with_controls = false, overwrite = false;

  static void describe(auto& field) {
    using A = ExportArguments;
    field(&A::out, "out", any().taking("FILE"), "the table");
    field(&A::labels, "labels", any().taking("FILE"),
          "labels, as CSV (id,label,weight,logit): 1 lenses, 0 non-lenses; what is undecided is left out");
    field(&A::rule, "labels_by", any(), "what decides a label: the settled consensus, or the label of the median grade");
    field(&A::training_set, "training_set", any().taking("DIR"),
          "the labelled objects with their cutouts of --images, for `train --data DIR`");
    field(&A::images, "images", any(), "of the labelled objects");
    field(&A::with_controls, "with_controls", any(), "also the controls, in the table");
    field(&A::overwrite, "overwrite", any(), "replace the files");
  }
};

ExportArguments read_export_arguments(const std::vector<std::string>& words) {
  ExportArguments read;
  Arguments arguments{"grades export",
                      "The merged grades as one table for papers and other programs, by the name of OUT: .csv, .fits, .parquet, .vot "
                      "(VOTable), .ecsv, .tex (LaTeX). And labels for `train`, `calibrate` and `evaluate --relabel`."};
  read.grades.declare(arguments);
  arguments.fields(read);
  arguments.footer(
      "Examples:\n  lensfind grades export G.sqlite --out candidates.fits\n  lensfind grades export G.sqlite --out table.tex\n"
      "  lensfind grades export G.sqlite --labels labels.csv --labels-by grade\n"
      "  lensfind train --recipe lensfind --data DATA --mine labels.csv --mine-images survey.npy --out RUN     graded non-lenses as hard "
      "negatives\n"
      "  lensfind grades export G.sqlite --training-set graded --images survey.npy\n");
  arguments.parse(words);
  if (read.out.empty() && read.labels.empty() && read.training_set.empty())
    throw Usage{"--out, --labels or --training-set is missing: what shall be written?"};
  if (read.training_set.empty() != read.images.inputs.empty()) throw Usage{"--training-set and --images go together"};
  (void)read.grades.merge_options();
  return read;
}

/// Labelled cutouts in a folder of their own.
void leave_training_set(const ExportArguments& read, const std::vector<inspect::ObjectLabel>& labels, Console& console, Value& result) {
  const std::filesystem::path& out = read.training_set;
  AtomicFolder folder{{.path = out,
                       .kind = FolderKind::grades,
                       .command = "grades export",
                       .overwrite = read.overwrite,
                       .inputs = inspect::paths_of(read.images)}};
  const inspect::TrainingSet set = inspect::write_training_set(folder.path(), labels, read.images);
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
  const ExportArguments read = read_export_arguments(words);
  for (const auto& path : {read.out, read.labels})
    if (!path.empty() && !read.overwrite) require_absent(path);

  Console console{read.grades.common};
  const inspect::Merged merged = read.grades.merge(read.grades.read(console), console);
  Value result = empty_object();
  if (!read.out.empty()) {
    const inspect::ResultTable table = inspect::objects_table(merged, read.with_controls);
    inspect::write_result_table(read.out, table);
    console.say(fmt::format("{} objects: {}", with_commas(static_cast<std::int64_t>(table.rows.size())), read.out.string()));
    result.set("out", read.out.string()).set("objects", table.rows.size());
  }
  if (read.labels.empty() && read.training_set.empty()) {
    console.result(result);
    return 0;
  }
  const std::vector<inspect::ObjectLabel> decided = inspect::labels_of(merged, read.rule);
  const auto lenses = std::ranges::count(decided, Label::lens, &inspect::ObjectLabel::label);
  const auto others = static_cast<std::int64_t>(decided.size()) - lenses;
  if (decided.empty()) console.say("note: nothing is decided yet; --labels-by grade takes the median grade");
  if (!read.labels.empty()) {
    inspect::write_labels(read.labels, decided);
    console.say(fmt::format("{} lenses and {} non-lenses: {}", with_commas(lenses), with_commas(others), read.labels.string()));
    result.set("labels", read.labels.string()).set("lenses", lenses).set("nonlenses", others);
  }
  if (!read.training_set.empty()) leave_training_set(read, decided, console, result);
  console.result(result);
  return 0;
}

}  // namespace lensfind::cli
