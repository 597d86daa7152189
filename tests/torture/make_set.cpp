// Writes FOLDER/set, inputs as a survey's disk holds them after years, FOLDER/model.onnx, a small network, and FOLDER/expected.json: how
// many inputs there are and how many of them can be scored.
//   torture_set FOLDER [INPUTS]

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>

#include <fitsio.h>
#include <fmt/format.h>

#include "lensfind/base/random.h"
#include "lensfind/base/value.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/network/graph_builder.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/onnx.h"

namespace {

using namespace lensfind;
namespace fs = std::filesystem;

constexpr image::ImageShape shape{3, 64, 64};

class TortureSet {
 public:
  explicit TortureSet(fs::path folder) : folder_{std::move(folder)} { fs::create_directories(folder_); }

  void stack(const std::string& name, std::int64_t count) {
    std::ofstream file{path(name), std::ios::binary};
    const std::vector<std::int64_t> sizes{count, shape.bands, shape.height, shape.width};
    file << image::npy_header_text(sizes);
    for (std::int64_t i = 0; i < count; ++i) write(file, galaxy());
    good(count);
  }
  void cutout(const std::string& name) {
    image::write_npy(path(name), galaxy().view());
    good();
  }
  void larger_cutout(const std::string& name) {
    image::write_npy(path(name), galaxy({3, 80, 71}).view());
    good();
  }
  void legacy_cube(const std::string& name) {
    image::write_fits(path(name), galaxy().view(),
                      {{"BANDS", std::string{"gri"}, ""},
                       {"BAND0", std::string{"g"}, ""},
                       {"BAND1", std::string{"r"}, ""},
                       {"BAND2", std::string{"i"}, ""}});
    good();
  }
  /// One file a band with image, mask and variance, as the HSC pipeline writes them; a few pixels have no data.
  void hsc_object(const std::string& stem) {
    const image::Image image = galaxy();
    for (int b = 0; b < 3; ++b) hsc_file(path(fmt::format("{}_{}.fits", stem, "gri"[b])), image, b);
    good();
  }
  void hsc_object_without_a_band(const std::string& stem) {
    const image::Image image = galaxy();
    for (int b = 0; b < 2; ++b) hsc_file(path(fmt::format("{}_{}.fits", stem, "gri"[b])), image, b);
    bad();
  }
  /// `specification` as CFITSIO has it: "[compress]" or "".
  void compressed(const std::string& name, const std::string& specification) {
    const image::Image image = galaxy();
    fitsfile* file = nullptr;
    int status = 0;
    long sizes[] = {64, 64};
    fits_create_file(&file, (path(name).string() + specification).c_str(), &status);
    for (int b = 0; b < 3; ++b) {
      fits_create_img(file, FLOAT_IMG, 2, sizes, &status);
      fits_write_img(file, TFLOAT, 1, 64 * 64, const_cast<float*>(image.band(b).data()), &status);
    }
    fits_close_file(file, &status);
    require(status == 0, name);
    good();
  }
  void truncated(const std::string& name, const std::string& whole, double fraction) {
    const std::string bytes = read_text(folder_ / whole);
    text(name, bytes.substr(0, static_cast<std::size_t>(fraction * static_cast<double>(bytes.size()))));
  }
  void text(const std::string& name, const std::string& content) {
    std::ofstream{path(name), std::ios::binary} << content;
    bad();
  }
  void wrong_shape(const std::string& name, image::ImageShape other) {
    image::write_npy(path(name), galaxy(other).view());
    bad();
  }
  void with_nan(const std::string& name) {
    image::Image image = galaxy();
    image.at(1, 5, 7) = std::numeric_limits<float>::quiet_NaN();
    image::write_npy(path(name), image.view());
    bad();
  }
  void link(const std::string& target, const std::string& name) {
    fs::create_symlink(target, path(name));
    bad();
  }
  void loop(const std::string& target, const std::string& name) { fs::create_directory_symlink(target, path(name)); }

  [[nodiscard]] std::int64_t inputs() const { return good_ + bad_; }
  [[nodiscard]] Value expected() const { return empty_object().set("inputs", inputs()).set("scored", good_).set("rejected", bad_); }

 private:
  static void require(bool well, const std::string& what) {
    if (well) return;
    std::fprintf(stderr, "%s could not be written\n", what.c_str());
    std::exit(1);
  }
  static void write(std::ofstream& file, const image::Image& image) {
    file.write(reinterpret_cast<const char*>(image.values().data()), static_cast<std::streamsize>(image.values().size_bytes()));
  }
  fs::path path(const std::string& name) const {
    fs::create_directories((folder_ / name).parent_path());
    return folder_ / name;
  }
  /// A round galaxy with noise.
  image::Image galaxy(image::ImageShape size = shape) {
    RandomStream random{1, Purpose::test, number_++};
    image::Image image{size};
    const double width = random.uniform(2, 9);
    for (int b = 0; b < size.bands; ++b) {
      const double peak = random.uniform(1, 30);
      for (int row = 0; row < size.height; ++row) {
        for (int column = 0; column < size.width; ++column) {
          const double radius = std::hypot(row - (size.height - 1) / 2., column - (size.width - 1) / 2.);
          image.at(b, row, column) = static_cast<float>(peak * std::exp(-radius / width) + random.normal(0, .3));
        }
      }
    }
    return image;
  }
  static void hsc_file(const fs::path& path, const image::Image& image, int band) {
    fitsfile* file = nullptr;
    int status = 0;
    long sizes[] = {64, 64};
    std::vector<float> pixels(image.band(band).begin(), image.band(band).end());
    std::vector<int> mask(pixels.size(), 32);
    for (std::size_t i = 0; i < 20; ++i) mask[i * 40] = 256;
    fits_create_diskfile(&file, path.c_str(), &status);
    fits_create_img(file, BYTE_IMG, 0, sizes, &status);
    fits_update_key_longstr(file, "FILTER", fmt::format("HSC-{}", "GRI"[band]).c_str(), nullptr, &status);
    for (const char* name : {"IMAGE", "MASK", "VARIANCE"}) {
      const bool is_mask = std::string{name} == "MASK";
      fits_create_img(file, is_mask ? LONG_IMG : FLOAT_IMG, 2, sizes, &status);
      fits_update_key_longstr(file, "EXTNAME", name, nullptr, &status);
      if (is_mask) {
        fits_update_key_lng(file, "MP_NO_DATA", 8, nullptr, &status);
        fits_write_img(file, TINT, 1, 64 * 64, mask.data(), &status);
      } else {
        fits_write_img(file, TFLOAT, 1, 64 * 64, pixels.data(), &status);
      }
    }
    fits_close_file(file, &status);
    require(status == 0, path.string());
  }
  void good(std::int64_t count = 1) { good_ += count; }
  void bad() { ++bad_; }

  fs::path folder_;
  std::uint64_t number_ = 0;
  std::int64_t good_ = 0, bad_ = 0;
};

void write_model(const fs::path& path) {
  network::GraphBuilder net;
  network::Tensor x = net.input({shape.bands, shape.height, shape.width});
  std::int64_t channels = 16;
  for (const char* name : {"conv1", "conv2", "conv3", "conv4"}) {
    x = net.relu(net.conv(x, channels, {.kernel = 3, .stride = 2, .bias = true}, name));
    channels *= 2;
  }
  const network::Tensor logits = net.linear(net.flatten(net.global_average(x)), 1, "head");
  network::Graph graph = std::move(net).finish(logits);
  graph.name = "torture";
  graph.bands = shape.bands;
  graph.size = shape.width;
  graph.outputs = 1;
  std::ofstream{path, std::ios::binary} << network::to_onnx(graph, network::initialise(graph, 1),
                                                            {.scaling = network::Preprocessing::Scaling::minmax});
}

/// Fractions of `all` inputs; the rest are plain .npy cutouts.
void fill(TortureSet& set, std::int64_t all) {
  const auto part = [&](double fraction) { return std::max<std::int64_t>(1, std::llround(fraction * static_cast<double>(all))); };
  set.stack("stacks/large.npy", part(.3));
  set.stack("stacks/small one.npy", 3);
  for (std::int64_t i = 0; i < part(.05); ++i) set.legacy_cube(fmt::format("legacy/{}.fits", i));
  for (std::int64_t i = 0; i < part(.03); ++i) set.hsc_object(fmt::format("hsc/object {}", i));
  set.hsc_object_without_a_band("hsc/incomplete");
  for (std::int64_t i = 0; i < part(.015); ++i) set.compressed(fmt::format("packed/{}.fits.gz", i), "");
  for (std::int64_t i = 0; i < part(.015); ++i) set.compressed(fmt::format("packed/{}.fits.fz", i), "[compress]");
  for (std::int64_t i = 0; i < part(.02); ++i) set.larger_cutout(fmt::format("larger/{}.npy", i));
  for (std::int64_t i = 0; i < part(.01); ++i)
    set.truncated(fmt::format("cut short/{}.npy", i), "larger/0.npy", static_cast<double>(i % 100) / 100);
  for (std::int64_t i = 0; i < part(.005); ++i)
    set.truncated(fmt::format("cut short/{}.fits", i), "legacy/0.fits", static_cast<double>(i % 90) / 100);
  for (std::int64_t i = 0; i < part(.005); ++i)
    set.truncated(fmt::format("cut short/{}.fits.gz", i), "packed/0.fits.gz", static_cast<double>(i % 90) / 100);
  for (std::int64_t i = 0; i < part(.01); ++i)
    set.text(fmt::format("texts/{}.{}", i, i % 3 == 0 ? "npy" : i % 3 == 1 ? "fits" : "npz"), "no pixels\n");
  for (std::int64_t i = 0; i < part(.01); ++i)
    set.wrong_shape(fmt::format("wrong/{}.npy", i), i % 2 == 0 ? image::ImageShape{3, 63, 64} : image::ImageShape{4, 64, 64});
  for (std::int64_t i = 0; i < part(.01); ++i) set.with_nan(fmt::format("wrong/nan {}.npy", i));
  for (std::int64_t i = 0; i < part(.002); ++i) set.link("nowhere.npy", fmt::format("links/gone {}.npy", i));
  const std::vector<std::int64_t> galaxies{100'000'000'000, 3, 64, 64};
  set.text("stacks/promises.npy", image::npy_header_text(galaxies));
  set.loop("..", "links/up");
  set.loop("../links", "links/self");
  set.loop(".", "links/here");
  for (std::int64_t i = set.inputs(); i < all; ++i)
    set.cutout(fmt::format("{}/{}.npy", i % 2 == 0 ? "names with spaces" : "na\xc3\xafve \xe5\x90\x8d", i));
}

}  // namespace

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "torture_set FOLDER [INPUTS]\n");
    return 2;
  }
  const fs::path folder{words[1]};
  TortureSet set{folder / "set"};
  write_model(folder / "model.onnx");
  fill(set, count > 2 ? std::atoll(words[2]) : 20'000);
  std::ofstream{folder / "expected.json"} << to_json(set.expected()) << '\n';
  std::printf("%s\n", to_json(set.expected(), -1).c_str());
  return 0;
}
