#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lensfind::image {

/// An 8-bit picture for people: (height, width, channels) row-major, row 0 at the top.
struct Picture {
  int height = 0;
  int width = 0;
  int channels = 1;  ///< 1: grey, 3: red, green, blue
  std::vector<std::uint8_t> values;
};

/// The bytes of a PNG file. Throws Error where the picture's sizes do not fit together.
std::string encode_png(const Picture& picture);

/// Writes a PNG file, atomically.
void write_png(const std::filesystem::path& path, const Picture& picture);

}  // namespace lensfind::image
