#include <unordered_set>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/grades_arguments.h"
#include "lensfind/inspect/zooniverse.h"

namespace lensfind::cli {

int grades_subjects(const std::vector<std::string>& words) {
  std::filesystem::path scores, out, catalogue;
  inspect::PictureOptions pictures;
  std::optional<std::int64_t> top, side;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"grades subjects",
                      "Candidates as subjects for Zooniverse: a picture each and the manifest.csv that Panoptes uploads. Its export of "
                      "classifications is then a file of grades for `grades merge`."};
  arguments.positional(scores, "SCORES", "a table of candidates with ids");
  arguments.list(pictures.inputs, "--images", "INPUT", "folders, stacks, lists or FITS fields that hold their images");
  arguments.option(catalogue, "--catalogue", "FILE", "INPUTs are FITS fields: cut its objects from them");
  arguments.fields(pictures.columns);
  arguments.option(pictures.bands, "--band", "NAME", "a band of NAME_<band>.fits, once each, from blue to red");
  arguments.option(out, "--out", "DIR", "folder to make", true);
  arguments.option(top, "--top", "K", "only the K best by score");
  arguments.option(side, "--side", "N", "pixels a side that pictures have at least (default 400)");
  arguments.flag(overwrite, "--overwrite", "replace DIR");
  common.declare(arguments);
  arguments.footer(
      "Example:\n  lensfind grades subjects scores.csv --images survey.npy --top 500 --out subjects\n  panoptes subject-set "
      "upload-subjects SET subjects/manifest.csv\n");
  arguments.parse(words);
  if (pictures.inputs.empty()) throw Usage{"--images is missing: which images belong to the table?"};
  if (top && *top < 1) throw Usage{"--top takes a number from 1 on"};
  if (side && (*side < 16 || *side > 4096)) throw Usage{"--side lies between 16 and 4096"};
  if (!catalogue.empty()) pictures.catalogue = catalogue;

  Console console{common};
  std::vector<std::filesystem::path> read = pictures.inputs;
  read.insert(read.end(), {scores, catalogue});
  AtomicFolder folder{{.path = out, .kind = FolderKind::subjects, .command = "grades subjects", .overwrite = overwrite, .inputs = read}};
  const inspect::CandidateList list = inspect::read_candidates({scores, static_cast<std::size_t>(top.value_or(0)), pictures.columns});
  std::unordered_set<std::string> wanted;
  for (const inspect::Listed& listed : list.objects) wanted.insert(listed.object.id);
  const inspect::Pictures source{pictures, &wanted};
  const std::int64_t written = inspect::write_subjects(
      folder.path(), list.objects, [&](std::size_t object) { return source.draw(list.objects[object].object.id, {}); },
      static_cast<int>(side.value_or(400)));
  if (written == 0)
    throw Error{fmt::format("no id of {} is an image of --images", scores.string()), "give --images as they were given to `score`"};
  folder.commit();
  console.say(fmt::format("{} subjects: {}", with_commas(written), (out / "manifest.csv").string()));
  if (const auto left = static_cast<std::int64_t>(list.objects.size()) - written; left > 0)
    console.say(fmt::format("note: {} rows have no image and are left out", with_commas(left)));
  console.result(empty_object().set("out", out.string()).set("subjects", written));
  return 0;
}

}  // namespace lensfind::cli
