// What a cutout costs from nothing to pixels, but for the file: populations, selection, rendering, neighbours, noise. Processor time of one
// thread, so that other work on the machine counts less.
//     lensfind_whole_cutouts SURVEY LENSES NONLENSES [SETTING=VALUE...]     as simulate's --survey and --set; minmax before SURVEY scales
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "lensfind/simulate/cutout.h"

namespace {

using namespace lensfind;

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

/// Milliseconds a cutout. The first of a class is made before: a non-lens's draws the survey's targets.
double cost(const simulate::CutoutMaker& maker, simulate::Scaling scaling, bool lens, std::int64_t number) {
  render::Renderer renderer;
  double began = 0;
  for (std::int64_t k = -1; k < number; ++k) {
    if (k == 0) began = user_seconds();
    static_cast<void>(
        maker.make({.split = simulate::Split::train, .lens = lens, .number = k + 1, .scaling = scaling, .seed = 7}, renderer));
  }
  return number > 0 ? 1e3 * (user_seconds() - began) / static_cast<double>(number) : 0;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> arguments(words + 1, words + count);
  const bool minmax = !arguments.empty() && arguments.front() == "minmax";
  if (minmax) arguments.erase(arguments.begin());
  if (arguments.size() < 3) {
    fmt::print(stderr, "lensfind_whole_cutouts [minmax] SURVEY LENSES NONLENSES [SETTING=VALUE...]\n");
    return 2;
  }
  const std::vector<std::string> settings(arguments.begin() + 3, arguments.end());
  const simulate::Scaling scaling = minmax ? simulate::Scaling::minmax : simulate::Scaling::none;
  const simulate::CutoutMaker maker{
      simulate::survey_of_scaling(simulate::find_survey(arguments[0], {LENSFIND_SOURCE_DIR "/surveys"}, settings), scaling)};
  fmt::print("{}{}: {:.2f} ms a lens, {:.2f} ms a non-lens\n", arguments[0], minmax ? ", min-max scaled" : "",
             cost(maker, scaling, true, std::atol(arguments[1].c_str())), cost(maker, scaling, false, std::atol(arguments[2].c_str())));
}
