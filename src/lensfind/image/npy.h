#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lensfind/image/image.h"

namespace lensfind {

/// What a .npy header says (numpy's format versions 1.0, 2.0, 3.0), checked against the file's real size.
struct NpyHeader {
  std::string type;              ///< numpy's descr: "<f4", ">f8", "<f2", "|u1", "<u2", ...
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data_offset = 0; ///< bytes before the first value

  [[nodiscard]] std::uint64_t values() const;  ///< product of the shape
  [[nodiscard]] std::uint64_t value_bytes() const;
};

/// Parses the header at the start of `bytes`, which may be the file's first few KiB; `file_bytes` is the file's whole size. Throws Error where it is
/// no .npy file, the type is none of float16/32/64, uint8 and uint16 (either endianness), or the promised values do not fit into file_bytes.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, const std::string& origin);

/// A cutout from a 3-D (bands, height, width) or 2-D (height, width: one band) .npy file: converted to float32, C order, native endianness;
/// integers are not rescaled. Throws Error for anything else.
Image read_npy(const std::filesystem::path& path);
Image parse_npy(std::span<const std::byte> bytes, const std::string& origin);

/// A memory-mapped 4-D .npy stack (n, bands, height, width). The file may be larger than memory. Reading from any thread.
class NpyStack {
 public:
  explicit NpyStack(const std::filesystem::path& path);
  ~NpyStack();
  NpyStack(NpyStack&& other) noexcept;
  NpyStack& operator=(NpyStack&&) = delete;

  [[nodiscard]] std::int64_t size() const { return header_.shape[0]; }
  [[nodiscard]] ImageShape shape() const;
  /// Converts image `index` into `out` (float32, shape().values() long).
  void read(std::int64_t index, std::span<float> out) const;

 private:
  NpyHeader header_;
  const std::byte* bytes_ = nullptr;
  std::size_t mapped_ = 0;
};

/// Whether the file is a 4-D stack; false for 2-D and 3-D. Throws Error where it is no .npy file.
bool is_npy_stack(const std::filesystem::path& path);

/// Header and values of a float32 ('<f4', C order) .npy file, version 1.0, padded to 64 bytes as numpy does.
std::string npy_header_text(std::span<const std::int64_t> shape, const std::string& type = "<f4");
/// Writes (bands, height, width) as '<f4', atomically.
void write_npy(const std::filesystem::path& path, ImageView image);

}  // namespace lensfind
