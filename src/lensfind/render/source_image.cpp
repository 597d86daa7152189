#include "lensfind/render/source_image.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/render/light_samples.h"

namespace lensfind::render {
namespace {

constexpr std::int32_t max_levels = 5;

/// Keys's cubic convolution with a = -1/2, the weights of the four pixels about a place `t` beyond the second.
std::array<float, 4> cubic_weights(float t) {
  const float s = 1 - t;
  return {-0.5f * t * s * s, 1 + t * t * (1.5f * t - 2.5f), 1 + s * s * (1.5f * s - 2.5f), -0.5f * s * t * t};
}

/// Radius about the middle within which half of the flux lies.
double half_light_radius(int rows, int columns, const std::vector<float>& flux) {
  std::vector<std::size_t> order(flux.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto radius = [&](std::size_t k) {
    const auto row = static_cast<int>(k) / columns, column = static_cast<int>(k) % columns;
    return std::hypot(row - 0.5 * (rows - 1), column - 0.5 * (columns - 1));
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return radius(a) < radius(b); });
  double within = 0;
  for (const std::size_t k : order) {
    within += static_cast<double>(flux[k]);
    if (within >= 0.5) return std::max(radius(k), 0.5);
  }
  return radius(order.back());
}

/// From the lattice's plane of the source to the picture's pixels.
struct Placement {
  const SourceImage& image;
  float centre_x, centre_y, cosine, sine, pixel_arcsec;

  Placement(const SourceImage& of, const Sersic& place)
      : image{of},
        centre_x{static_cast<float>(place.centre_arcsec.x)},
        centre_y{static_cast<float>(place.centre_arcsec.y)},
        cosine{static_cast<float>(std::cos(place.angle_rad))},
        sine{static_cast<float>(std::sin(place.angle_rad))},
        pixel_arcsec{static_cast<float>(place.effective_radius_arcsec / of.half_light_radius_pixels)} {}

  [[nodiscard]] float column(float x, float y) const {
    return (cosine * (x - centre_x) + sine * (y - centre_y)) / pixel_arcsec + 0.5f * static_cast<float>(image.columns - 1);
  }
  [[nodiscard]] float row(float x, float y) const {
    return (cosine * (y - centre_y) - sine * (x - centre_x)) / pixel_arcsec + 0.5f * static_cast<float>(image.rows - 1);
  }
  /// Whether a circle about a place touches the picture.
  [[nodiscard]] bool touches(float x, float y, float radius) const {
    const float reach = radius / pixel_arcsec + 1, c = column(x, y), r = row(x, y);
    return c > -reach && r > -reach && c < static_cast<float>(image.columns - 1) + reach && r < static_cast<float>(image.rows - 1) + reach;
  }
};

/// How far the source plane goes by from a pixel to the next ones.
float step_about(const Plane& sx, const Plane& sy, int row, int column) {
  const int up = row + 1 < sx.side ? row + 1 : row - 1, right = column + 1 < sx.side ? column + 1 : column - 1;
  const auto length = [&](int r, int c) { return std::hypot(sx.at(r, c) - sx.at(row, column), sy.at(r, c) - sy.at(row, column)); };
  return std::max(length(up, column), length(row, right));
}

/// All cells of a pixel.
void add_cells(int row, int column, std::int32_t level, CellList& cells) {
  const std::int32_t side = 1 << level;
  cells.make_room(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (std::int32_t j = 0; j < side; ++j) {
    for (std::int32_t i = 0; i < side; ++i) cells.push(row, column, i, j);
  }
}

/// Samples all cells of a level, a node of all at a time, and keeps them.
void shoot(const Placement& placement, const Lattice& lattice, const PreparedMass* mass, std::int32_t level, SampledCells& out) {
  out.make_room();
  const CellList& cells = out.cells;
  const std::size_t stride = padded(cells.count);
  std::vector<float> x(stride), y(stride), to_x(stride), to_y(stride);
  std::fill(out.light.begin(), out.light.end(), 0.0f);
  const float pixel_fraction = lattice.pixel * lattice.pixel / (placement.pixel_arcsec * placement.pixel_arcsec),
              cell_fraction = 1.0f / static_cast<float>(1 << 2 * level);
  for (std::size_t k = 0; k < 9; ++k) {
    for (std::size_t c = 0; c < cells.count; ++c) {
      x[c] = lattice.coordinate(cells.column[c]) + lattice.pixel * node_offset(level, cells.i[c], k % 3);
      y[c] = lattice.coordinate(cells.row[c]) + lattice.pixel * node_offset(level, cells.j[c], k / 3);
    }
    if (mass) map_to_source(*mass, x, y, to_x, to_y);
    const std::vector<float>&from_x = mass ? to_x : x, &from_y = mass ? to_y : y;
    for (std::size_t c = 0; c < cells.count; ++c) {
      const float brightness =
          pixel_fraction * placement.image.at(placement.column(from_x[c], from_y[c]), placement.row(from_x[c], from_y[c]));
      out.brightness[k * stride + c] = brightness;
      out.light[c] += cell_weights[k % 3] * cell_weights[k / 3] * cell_fraction * brightness;
    }
  }
  for (std::size_t c = 0; c < cells.count; ++c) {
    if (out.light[c] != 0) out.kept.index[out.kept.count++] = static_cast<std::int32_t>(c);
  }
}

/// Where one axis of the lattice's nodes falls in a picture that lies along it: a node's four pixels and their weights.
struct StraightNodes {
  std::vector<int> first;  ///< of the four pixels; may lie beyond the picture
  std::vector<std::array<float, 4>> weights;

  void add(float at) {
    const float below = std::floor(at);
    first.push_back(static_cast<int>(below) - 1);
    weights.push_back(cubic_weights(at - below));
  }
};

/// The pixels [first, end) of one axis that touch the picture.
ColumnSpan touched(int side, const auto& touches) {
  ColumnSpan out{side, 0};
  for (int k = 0; k < side; ++k) {
    if (touches(k)) out = {std::min(out.first, k), k + 1};
  }
  return out;
}

/// As shoot() does, of a picture that is neither lensed nor turned: rows of its pixels are combined once for all nodes of a row. The cells
/// are those of whole pixels, row by row.
void shoot_straight(const Placement& placement, const Lattice& lattice, ColumnSpan rows, ColumnSpan columns, std::int32_t level,
                    SampledCells& out) {
  out.make_room();
  const SourceImage& image = placement.image;
  const std::size_t stride = padded(out.cells.count), cells = std::size_t{1} << level, width = static_cast<std::size_t>(image.columns);
  const auto across = static_cast<std::size_t>(columns.end - columns.first);
  std::fill(out.light.begin(), out.light.end(), 0.0f);
  const float pixel_fraction = lattice.pixel * lattice.pixel / (placement.pixel_arcsec * placement.pixel_arcsec),
              cell_fraction = 1.0f / static_cast<float>(1 << 2 * level);
  StraightNodes of_x;
  const auto place = [&](int pixel, std::size_t cell, std::size_t node) {
    return lattice.coordinate(pixel) + lattice.pixel * node_offset(level, static_cast<std::int32_t>(cell), node);
  };
  for (int column = columns.first; column < columns.end; ++column) {
    for (std::size_t n = 0; n < 3 * cells; ++n) of_x.add(placement.column(place(column, n / 3, n % 3), placement.centre_y));
  }
  // Beyond its ends there is no light.
  constexpr int beyond = 4;
  std::vector<float> line(width + 2 * beyond);
  for (int row = rows.first; row < rows.end; ++row) {
    for (std::size_t n = 0; n < 3 * cells; ++n) {
      StraightNodes of_y;
      of_y.add(placement.row(placement.centre_x, place(row, n / 3, n % 3)));
      std::fill(line.begin(), line.end(), 0.0f);
      for (int k = 0; k < 4; ++k) {
        const int from_row = of_y.first[0] + k;
        if (from_row < 0 || from_row >= image.rows) continue;
        const float weight = pixel_fraction * of_y.weights[0][static_cast<std::size_t>(k)];
        const float* from = image.flux.data() + static_cast<std::size_t>(from_row) * width;
        for (std::size_t c = 0; c < width; ++c) line[c + beyond] += weight * from[c];
      }
      const std::size_t j = n / 3, up = n % 3;
      for (std::size_t pixel = 0, m = 0; pixel < across; ++pixel) {
        const std::size_t of_pixel = static_cast<std::size_t>(row - rows.first) * across + pixel;
        for (std::size_t i = 0; i < cells; ++i) {
          const std::size_t cell = (of_pixel * cells + j) * cells + i;
          for (std::size_t right = 0; right < 3; ++right, ++m) {
            const float* at = line.data() + std::clamp(of_x.first[m] + beyond, 0, static_cast<int>(width) + beyond);
            const std::array<float, 4>& weights = of_x.weights[m];
            const float here = weights[0] * at[0] + weights[1] * at[1] + weights[2] * at[2] + weights[3] * at[3];
            out.brightness[(3 * up + right) * stride + cell] = here;
            out.light[cell] += cell_weights[right] * cell_weights[up] * cell_fraction * here;
          }
        }
      }
    }
  }
  for (std::size_t c = 0; c < out.cells.count; ++c) {
    if (out.light[c] != 0) out.kept.index[out.kept.count++] = static_cast<std::int32_t>(c);
  }
}

/// Cells of a picture's pixel or less for a step of the source plane from a pixel to the next. Pixels that are as wide to rounding take no
/// finer cells.
std::int32_t level_of(float step, const Placement& placement) {
  const auto wanted = static_cast<std::int32_t>(std::ceil(std::log2(std::max(step / (3.001f * placement.pixel_arcsec), 1e-3f))));
  return std::clamp(wanted, 0, max_levels);
}

void sample_straight(const Placement& placement, const Lattice& lattice, LightSamples& out) {
  const int side = lattice.x.side;
  const float reach = 1.5f * lattice.pixel;
  const ColumnSpan columns = touched(side, [&](int k) { return placement.touches(lattice.coordinate(k), placement.centre_y, reach); }),
                   rows = touched(side, [&](int k) { return placement.touches(placement.centre_x, lattice.coordinate(k), reach); });
  out.box = {rows.first, rows.end, columns.first, columns.end};
  if (out.box.empty()) {
    out.box = {};
    return;
  }
  const std::int32_t level = level_of(lattice.pixel, placement);
  SampledCells& sampled = out.levels[static_cast<std::size_t>(level)];
  for (int row = rows.first; row < rows.end; ++row) {
    for (int column = columns.first; column < columns.end; ++column) add_cells(row, column, level, sampled.cells);
  }
  shoot_straight(placement, lattice, rows, columns, level, sampled);
}

}  // namespace

float SourceImage::at(float column, float row) const {
  const float left = std::floor(column), below = std::floor(row);
  if (!(left >= -2 && below >= -2 && left <= static_cast<float>(columns) && below <= static_cast<float>(rows))) return 0;
  const std::array<float, 4> across = cubic_weights(column - left), up = cubic_weights(row - below);
  float sum = 0;
  if (left >= 1 && below >= 1 && left <= static_cast<float>(columns - 3) && below <= static_cast<float>(rows - 3)) {
    const float* from = flux.data() + (static_cast<int>(below) - 1) * columns + static_cast<int>(left) - 1;
    for (std::size_t j = 0; j < 4; ++j, from += columns)
      sum += up[j] * (across[0] * from[0] + across[1] * from[1] + across[2] * from[2] + across[3] * from[3]);
    return sum;
  }
  for (int j = 0; j < 4; ++j) {
    const int r = static_cast<int>(below) - 1 + j;
    if (r < 0 || r >= rows) continue;
    for (int i = 0; i < 4; ++i) {
      const int c = static_cast<int>(left) - 1 + i;
      if (c >= 0 && c < columns)
        sum += up[static_cast<std::size_t>(j)] * across[static_cast<std::size_t>(i)] * flux[static_cast<std::size_t>(r * columns + c)];
    }
  }
  return sum;
}

SourceImage source_image(std::string name, int rows, int columns, std::vector<float> flux) {
  if (rows < 3 || columns < 3 || rows > 4096 || columns > 4096)
    throw Error{fmt::format("{}: a picture of {} x {} pixels", name, columns, rows), "give 3 to 4096 pixels a side"};
  const double sum = std::accumulate(flux.begin(), flux.end(), 0.0);
  if (!std::isfinite(sum) || sum <= 0) {
    throw Error{fmt::format("{}: its pixels sum up to {}", name, sum),
                "give a galaxy by itself, its background subtracted, without masked pixels"};
  }
  for (float& value : flux) value = static_cast<float>(static_cast<double>(value) / sum);
  const double radius = half_light_radius(rows, columns, flux);
  return {std::move(name), rows, columns, std::move(flux), radius};
}

SourceImage read_source_image(const std::filesystem::path& path) {
  const image::Image image = image::is_fits_name(path) ? image::read_fits(path) : image::read_npy(path);
  const auto [bands, height, width] = image.shape();
  if (bands != 1)
    throw Error{fmt::format("{}: holds {} images", path.string(), bands), "give one band: a source has one shape in all bands"};
  return source_image(path.filename().string(), height, width, {image.values().begin(), image.values().end()});
}

namespace {

bool is_npy_name(const std::filesystem::path& path) {
  std::string suffix{image::suffix_of(path.native())};
  std::ranges::transform(suffix, suffix.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return suffix == ".npy";
}

}  // namespace

std::vector<std::shared_ptr<const SourceImage>> read_source_images(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
      if (image::is_fits_name(entry.path()) || is_npy_name(entry.path())) files.push_back(entry.path());
    }
  }
  if (files.empty())
    throw Error{folder.string() + ": holds no pictures of sources", "give a folder with .npy (height, width) or FITS images of galaxies"};
  std::sort(files.begin(), files.end());
  std::vector<std::shared_ptr<const SourceImage>> out;
  for (const auto& file : files) out.push_back(std::make_shared<const SourceImage>(read_source_image(file)));
  return out;
}

void sample_image(const SourceImage& image, const Sersic& place, const Lattice& lattice, const PreparedMass* mass, LightSamples& out) {
  out.clear();
  const Placement placement{image, place};
  if (!mass && place.angle_rad == 0) {
    sample_straight(placement, lattice, out);
    return;
  }
  const Plane &sx = mass ? lattice.source_x : lattice.x, &sy = mass ? lattice.source_y : lattice.y;
  const int side = sx.side;
  PixelBox box{side, 0, side, 0};
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side; ++column) {
      const float step = step_about(sx, sy, row, column);
      if (!placement.touches(sx.at(row, column), sy.at(row, column), 1.5f * step)) continue;
      const std::int32_t level = level_of(step, placement);
      add_cells(row, column, level, out.levels[static_cast<std::size_t>(level)].cells);
      box = {std::min(box.row_first, row), row + 1, std::min(box.column_first, column), std::max(box.column_end, column + 1)};
    }
  }
  out.box = box.empty() ? PixelBox{} : box;
  for (std::int32_t level = 0; level <= max_levels; ++level)
    shoot(placement, lattice, mass, level, out.levels[static_cast<std::size_t>(level)]);
}

}  // namespace lensfind::render
