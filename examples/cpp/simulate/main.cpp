// simulate_lenses SURVEYS COUNT: lenses as DES would see them, with what is known of each. SURVEYS is the folder of survey files: in an
// installed lensfind share/lensfind/surveys.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lensfind/base/error.h"
#include "lensfind/simulate/cutout.h"

int main(int argc, char** argv) {
  namespace simulate = lensfind::simulate;
  if (argc != 3) return std::fprintf(stderr, "usage: simulate_lenses SURVEYS COUNT\n"), 2;
  try {
    const simulate::CutoutMaker maker{simulate::find_survey("des", {argv[1]})};
    lensfind::render::Renderer renderer;  // one a thread
    for (int k = 0; k < std::atoi(argv[2]); ++k) {
      const simulate::SimulatedCutout cutout = maker.make({.lens = true, .number = k, .size = 48, .seed = 1}, renderer);
      const auto pixels = cutout.image.values();  // (bands, height, width), flux
      std::printf("lens %d: Einstein radius %.2f arcsec, brightest pixel %.1f\n", k, cutout.truth.deflector.theta_e_arcsec.value(),
                  static_cast<double>(*std::max_element(pixels.begin(), pixels.end())));
    }
  } catch (const lensfind::Error& error) {
    std::fprintf(stderr, "error: %s\nhint: %s\n", error.what(), error.hint().c_str());
    return 1;
  }
}
