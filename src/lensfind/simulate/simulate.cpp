#include "lensfind/simulate/simulate.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/simulate/cutout.h"
#include "lensfind/simulate/set_writer.h"

namespace lensfind::simulate {
namespace {

/// What simulation.toml says: all that decides the bytes of the set.
std::string description(const SimulateOptions& options) {
  constexpr std::string_view of_this_run[]{"only", "resume", "overwrite"};
  Value out = empty_object();
  const Value described = write_fields(options);
  for (const auto& [name, value] : described.as_object()) {
    if (name == "paint") {
      for (const auto& [part, of_paint] : value.as_object()) out.set(part, of_paint);
    } else if (std::ranges::find(of_this_run, name) == std::end(of_this_run)) {
      out.set(name, value);
    }
  }
  out.set("seed", std::to_string(options.seed));  // a text, as it may need all 64 bits
  return to_toml(out);
}

void check(const SimulateOptions& options) {
  constexpr std::int64_t max_images = 100'000'000'000;
  for (const std::int64_t count : {options.lenses, options.nonlenses, options.test_lenses, options.test_nonlenses}) {
    if (count < 0 || count > max_images)
      throw Error{fmt::format("{} images of a class are out of range", count), fmt::format("give 0 to {}", max_images)};
  }
  const std::int64_t images = options.lenses + options.nonlenses + options.test_lenses + options.test_nonlenses;
  if (images == 0) throw Error{"nothing to simulate", "give --lenses and --nonlenses"};
  if (options.size < 16 || options.size > 1024)
    throw Error{fmt::format("a size of {} pixels is out of range", options.size), "give 16 to 1024"};
  if (options.only && (*options.only < 0 || *options.only >= images)) {
    throw Error{fmt::format("the set has no image {}", *options.only), fmt::format("its images count from 0 to {}", images - 1)};
  }
  check_survey(options.survey, options.survey.name);
  if (options.scaling == Scaling::display && options.survey.display.weights.empty())
    throw Error{fmt::format("survey {} has no display look", options.survey.name),
                "give it a table [display] (docs/surveys.md), as cfhtls has"};
}

/// Cutouts drawn from the survey alone.
MakeCutout simulated_cutouts(const SimulateOptions& options, Progress&) {
  auto maker = std::make_shared<const CutoutMaker>(options.survey);
  return [maker](const CutoutRequest& request, render::Renderer& renderer) { return maker->make(request, renderer); };
}

bool is_set(const std::filesystem::path& out) { return std::filesystem::exists(out / "simulation.toml"); }

Output output_of(const SimulateOptions& options) {
  return {.path = options.out,
          .kind = FolderKind::simulated_set,
          .command = "simulate",
          .overwrite = options.overwrite,
          .resume = options.resume,
          .inputs = {options.paint.folder, options.paint.catalogue}};
}

/// Whether there is a set to go on with; throws Error where it was begun with other options.
bool is_to_go_on(const SimulateOptions& options, const std::string& manifest) {
  if (!options.resume || !is_set(options.out)) return false;
  if (read_text(options.out / "simulation.toml") == manifest) return true;
  throw Error{fmt::format("{}: was begun with other options", options.out.string()),
              "resume with the options in its simulation.toml, or --overwrite"};
}

/// A whole set, made chunk by chunk. A chunk's rows of the truth are written when its images are: what is there need not be made again.
class SetMaker {
 public:
  SetMaker(const SimulateOptions& options, const SetLayout& layout, MakeCutout make)
      : options_{options},
        layout_{layout},
        work_{options.out / ".unfinished"},
        make_{std::move(make)},
        chunk_{std::clamp<std::int64_t>(layout.size() / 256, 8, 1024)} {
    std::filesystem::create_directories(work_);
    remove_stale_temporaries(work_);
  }

  std::int64_t make(Progress& progress, const StopFlag& stop) {
    SetWriter writer{options_, layout_, work_};
    std::atomic<std::int64_t> made{0};
    const std::int64_t chunks = (layout_.size() + chunk_ - 1) / chunk_;
    const int threads = options_.threads > 0 ? options_.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    tbb::task_arena arena{threads};
    progress.start("simulate", layout_.size(), "images");
    arena.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, chunks, 1), [&](const auto& range) {
        for (std::int64_t c = range.begin(); c < range.end(); ++c) made += make_chunk(c, writer, progress, stop);
      });
    });
    if (stop) throw Stopped{"stopped", fmt::format("{} holds what is done; --resume completes it", options_.out.string())};
    writer.finish();
    write_truth(chunks);
    std::filesystem::remove_all(work_);
    progress.finish();
    return made;
  }

 private:
  [[nodiscard]] std::filesystem::path rows(std::int64_t chunk) const { return work_ / fmt::format("truth-{}.csv", chunk); }

  std::int64_t make_chunk(std::int64_t chunk, SetWriter& writer, Progress& progress, const StopFlag& stop) {
    const std::int64_t first = chunk * chunk_, end = std::min(first + chunk_, layout_.size());
    if (std::filesystem::exists(rows(chunk))) {
      progress.advance(end - first);
      return 0;
    }
    std::string truth;
    render::Renderer& renderer = renderers_.local();
    for (std::int64_t index = first; index < end; ++index) {
      if (stop) return index - first;
      const Place place = layout_.place(index);
      const SimulatedCutout cutout = make_(place.request, renderer);
      writer.write(place, cutout);
      truth += truth_row({layout_.id(place), place.request.split, options_.seed, index}, cutout.truth, options_.survey.bands.size());
      progress.advance(1);
    }
    write_file(rows(chunk), truth);
    return end - first;
  }

  void write_truth(std::int64_t chunks) const {
    AtomicFile file{options_.out / "truth.csv"};
    file.write(truth_header(options_.survey.bands));
    for (std::int64_t c = 0; c < chunks; ++c) file.write(read_text(rows(c)));
    file.commit();
  }

  const SimulateOptions& options_;
  const SetLayout& layout_;
  std::filesystem::path work_;
  MakeCutout make_;
  std::int64_t chunk_;
  tbb::enumerable_thread_specific<render::Renderer> renderers_;
};

/// One image of the set by itself, with its row of the truth.
void make_only(const SimulateOptions& options, const SetLayout& layout, const MakeCutout& make, const std::string& manifest) {
  AtomicFolder folder{output_of(options)};
  SimulateOptions inside = options;
  inside.out = folder.path();
  const Place place = layout.place(*options.only);
  render::Renderer renderer;
  const SimulatedCutout cutout = make(place.request, renderer);
  SetWriter{inside, layout, inside.out}.write(place, cutout);
  write_file(inside.out / "truth.csv",
             truth_header(options.survey.bands) +
                 truth_row({layout.id(place), place.request.split, options.seed, place.index}, cutout.truth, options.survey.bands.size()));
  write_file(inside.out / "simulation.toml", manifest);
  folder.commit();
}

/// The whole set; returns how many images were made now. On a fault, a folder that this call made is given up.
std::int64_t make_all(const SimulateOptions& options, const SetLayout& layout, const CutoutSource& source, const std::string& manifest,
                      Progress& progress, const StopFlag& stop) {
  GrowingFolder folder{output_of(options)};
  const bool goes_on = is_to_go_on(options, manifest);
  if (goes_on && std::filesystem::exists(options.out / "truth.csv")) {
    folder.complete();
    return 0;
  }
  folder.begin(progress);
  try {
    if (!goes_on) write_file(options.out / "simulation.toml", manifest, Durability::survives_power_loss);
    const std::int64_t made = SetMaker{options, layout, source(options, progress)}.make(progress, stop);
    folder.complete();
    return made;
  } catch (const Stopped&) {
    throw;
  } catch (...) {
    if (!goes_on) folder.give_up();
    throw;
  }
}

}  // namespace

SimulateSummary make_set(const SimulateOptions& given, const CutoutSource& source, Progress& progress, const StopFlag& stop) {
  const auto began = std::chrono::steady_clock::now();
  SimulateOptions options = given;
  options.survey = survey_of_scaling(given.survey, given.scaling);
  check(options);
  const SetLayout layout{options};
  const std::string manifest = description(options);
  SimulateSummary summary{options.lenses + options.test_lenses, options.nonlenses + options.test_nonlenses, 0, 0};
  if (options.only) {
    make_only(options, layout, source(options, no_progress()), manifest);
    summary.made = 1;
  } else {
    summary.made = make_all(options, layout, source, manifest, progress, stop);
  }
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return summary;
}

SimulateSummary simulate_set(const SimulateOptions& options, Progress& progress, const StopFlag& stop) {
  if (!options.paint.folder.empty()) throw Error{"a set painted on real cutouts is not simulated whole", "call inject::paint_set"};
  return make_set(options, simulated_cutouts, progress, stop);
}

}  // namespace lensfind::simulate
