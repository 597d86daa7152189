// Cutouts a second of one thread, cut from fields and read from FITS files, as the scoring's readers do it.
//   lensfind_cutouts_benchmark FOLDER      (FOLDER as cutouts_peer.py makes it)

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lensfind/cutouts/inputs.h"
#include "lensfind/image/fits.h"

namespace {

using namespace lensfind;
namespace fs = std::filesystem;

constexpr image::ImageShape shape{3, 64, 64};

/// All inputs once, after a first pass that warms the disk's cache. The fields are read within the time.
void measure(const char* what, const cutouts::InputOptions& options) {
  image::Image image{shape};
  double seconds = 0;
  std::int64_t count = 0;
  for (const bool warm : {false, true}) {
    cutouts::InputStream stream{options};
    const auto begin = std::chrono::steady_clock::now();
    count = 0;
    while (const auto input = stream.next()) {
      read_input(*input, image.view());
      ++count;
    }
    if (warm) seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  fmt::print("{{\"what\": \"{}\", \"cutouts\": {}, \"per_second\": {:.0f}}}\n", what, count, static_cast<double>(count) / seconds);
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) return 2;
  const fs::path folder{words[1]};
  const std::vector<std::string> bands{"g", "r", "i"};
  measure("cut from a field", {.arguments = {folder / "field"}, .bands = bands, .catalogue = folder / "catalogue.csv", .wanted = shape});
  measure("cubes", {.arguments = {folder / "cubes"}, .bands = bands, .wanted = shape});
  measure("an HDU a band", {.arguments = {folder / "hdus"}, .bands = bands, .wanted = shape});
  measure("a file a band", {.arguments = {folder / "files"}, .bands = bands, .wanted = shape});
  cutouts::PixelRules rules;
  rules.pixel_scale_arcsec = .25;
  measure("a field resampled to .25 arcsec",
          {.arguments = {folder / "field"}, .bands = bands, .catalogue = folder / "catalogue.csv", .wanted = shape, .rules = rules});
  return 0;
}
