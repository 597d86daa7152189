#include <algorithm>
#include <filesystem>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/version.h"
#include "lensfind/cli/build_facts.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/score/openvino_version.h"
#ifdef LENSFIND_WITH_TRAIN
#include "lensfind/workflows/train_library.h"
#endif

namespace lensfind::cli {
namespace {

/// One line of the findings.
struct Finding {
  std::string what, found, advice;  ///< advice: empty where all is well
};

Finding processor_finding() {
  const Processor found = processor();
  const bool fast = std::ranges::find(found.features, "avx2") != found.features.end();
  return {"processor",
          fmt::format("{}, {} threads, {}", found.name, std::thread::hardware_concurrency(),
                      found.features.empty() ? "no AVX2" : fmt::format("{}", fmt::join(found.features, ", "))),
          fast ? "" : "without AVX2 everything works, but several times slower"};
}

Finding memory() {
  std::istringstream words{first_value_in("/proc/meminfo", "MemAvailable")};
  double kibibytes = 0;
  words >> kibibytes;
  const double gibibytes = kibibytes / (1024 * 1024);
  return {"memory", fmt::format("{:.1f} GiB available", gibibytes), gibibytes < 2 ? "training wants 2 GiB or more" : ""};
}

Finding disk() {
  struct statvfs status {};
  if (::statvfs(".", &status) != 0) return {"disk", "unknown", ""};
  const double gibibytes = static_cast<double>(status.f_bavail) * static_cast<double>(status.f_frsize) / (1024. * 1024 * 1024);
  return {"disk", fmt::format("{:.1f} GiB free in {}", gibibytes, std::filesystem::current_path().string()),
          gibibytes < 5 ? "a set of the study's size takes 2.5 GiB" : ""};
}

Finding gpu() {
  const bool nvidia = std::filesystem::exists("/proc/driver/nvidia/version");
  return {"graphics processor", nvidia ? "an NVIDIA driver is loaded" : "none with an NVIDIA driver", ""};
}

Finding gnuplot() {
  for (std::istringstream folders{std::getenv("PATH") ? std::getenv("PATH") : ""}; folders;) {
    std::string folder;
    std::getline(folders, folder, ':');
    if (!folder.empty() && ::access((folder + "/gnuplot").c_str(), X_OK) == 0) return {"gnuplot", folder + "/gnuplot", ""};
  }
  return {"gnuplot", "not found", "apt-get install gnuplot-nox (evaluate and compare draw their figures with it)"};
}

Finding installed_data(const std::string& kind) {
  for (const auto& folder : data_folders(kind)) {
    if (std::filesystem::is_directory(folder)) return {kind, folder.string(), ""};
  }
  return {kind, "not found", fmt::format("set LENSFIND_DATA to the folder that holds {}/, or install with `cmake --install`", kind)};
}

Finding torch() {
#ifdef LENSFIND_WITH_TRAIN
  try {
    return {"torch", workflows::train_library().torch_version(), ""};
  } catch (const Error& error) {
    return {"torch", error.what(), error.hint()};
  }
#else
  return {"torch", "built without training", "run scripts/setup and build the preset `release` for `lensfind train`"};
#endif
}

}  // namespace

int doctor_command(const std::vector<std::string>& words) {
  CommonArguments common;
  Arguments arguments{"doctor", "Says what this machine has for lensfind, and what to install where something is missing."};
  common.declare(arguments);
  arguments.parse(words);

  std::vector<Finding> findings{
      {"lensfind", version(), ""}, processor_finding(), memory(), disk(), gpu(), {"OpenVINO", score::openvino_version(), ""}};
  findings.push_back(torch());
  findings.push_back(gnuplot());
  findings.push_back(installed_data("recipes"));
  findings.push_back(installed_data("surveys"));

  Console console{common};
  Value rows = empty_object();
  bool well = true;
  for (const Finding& finding : findings) {
    console.say(fmt::format("{} {:<19} {}", finding.advice.empty() ? "ok  " : "look", finding.what, finding.found));
    if (!finding.advice.empty()) console.say(fmt::format("     {:<19} {}", "", finding.advice));
    rows.set(finding.what, empty_object().set("found", finding.found).set("advice", finding.advice));
    well = well && finding.advice.empty();
  }
  console.say(well ? "All is well." : "See the lines marked `look`.");
  console.result(rows);
  return 0;
}

}  // namespace lensfind::cli
