#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/namespace.h"
#include "lensfind/image/image.h"

namespace lensfind::base {

class OpenFile;

}  // namespace lensfind::base

namespace lensfind::image {

/// What a .npy header says (numpy's format versions 1.0, 2.0, 3.0), checked against the file's real size.
struct NpyHeader {
  std::string type;  ///< numpy's descr with its order of bytes: "<f4", ">f8", "<u2", "<b1", ...
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data_offset = 0;  ///< bytes before the first value

  [[nodiscard]] std::uint64_t values() const;  ///< product of the shape
  [[nodiscard]] std::uint64_t value_bytes() const;
};

/// Parses the header at the start of `bytes`, which may be the file's first 64 KiB; `file_bytes` is the file's whole size. Throws Error
/// where it is no .npy file, where the type is not known, or where the promised values do not fit into file_bytes. Types are float16/32/64,
/// integers of 8 to 64 bits with or without sign, and bool (either endianness; also this machine's own longdouble). Axes of length 1 that
/// neither a cutout nor a stack can have are left out: (n, 1, bands, h, w) is (n, bands, h, w), and (h, w, 1) is (1, h, w).
NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, const std::string& origin);

/// The header of a file, without its values.
NpyHeader read_npy_header(const std::filesystem::path& path);
NpyHeader read_npy_header(const OpenFile& file, const std::filesystem::path& path);

/// Bands, height and width from the last `dimensions` sizes of a header (3, or 2: one band). Throws Error where one is zero, or more than
/// 2^28 values would come of them.
ImageShape npy_image_shape(const NpyHeader& header, std::size_t dimensions, const std::string& origin);

/// The shape of the cutout that a header promises: 3-D (bands, height, width), 2-D (height, width: one band), or a stack of one. Throws
/// Error for anything else.
ImageShape npy_cutout_shape(const NpyHeader& header, const std::string& origin);

/// A cutout from a .npy file: 3-D (bands, height, width), 2-D (height, width: one band) or a stack of one. It is converted to float32, C
/// order, native endianness; integers are not rescaled. At most 2^28 values. Throws Error for anything else.
Image read_npy(const std::filesystem::path& path);
/// The same straight into `out`. False where the cutout has another shape; then `out` holds nothing of use.
bool read_npy(const std::filesystem::path& path, MutableImageView out);
Image parse_npy(std::span<const std::byte> bytes, const std::string& origin);

/// A 4-D .npy stack (n, bands, height, width) whose images are read one by one; it may be far larger than memory. In C order each image is
/// one read. In Fortran order an image lies all over the file, and up to 32 MiB of neighbours are read together. Memory stays flat. A file
/// that vanishes or is cut short is an Error.
class NpyStack {
 public:
  explicit NpyStack(const std::filesystem::path& path);
  ~NpyStack();
  NpyStack(NpyStack&& other) noexcept;
  NpyStack& operator=(NpyStack&&) = delete;

  [[nodiscard]] std::int64_t size() const { return header_.shape[0]; }
  [[nodiscard]] ImageShape shape() const;
  /// Reads image `index` into `out` (float32, shape().values() long). From any thread.
  void read(std::int64_t index, std::span<float> out) const;
  /// Asks the system to fetch image `index` of a stack in C order into its cache. Does not wait for it.
  void prefetch(std::int64_t index) const;

 private:
  /// Bytes of the file that image `index` takes, in C order.
  struct Extent {
    std::uint64_t offset, bytes;
  };
  [[nodiscard]] Extent extent_of(std::int64_t index) const;

  class FortranBlocks;

  std::filesystem::path path_;
  NpyHeader header_;
  int descriptor_ = -1;
  std::unique_ptr<FortranBlocks> blocks_;  ///< in Fortran order only
};

/// Whether the file is a 4-D stack; false for 2-D and 3-D. Throws Error where it is no .npy file.
bool is_npy_stack(const std::filesystem::path& path);

/// The header of a C-order .npy file, version 1.0, padded to 64 bytes as numpy does; the values follow it.
std::string npy_header_text(std::span<const std::int64_t> shape, const std::string& type = "<f4");
/// Writes (bands, height, width) as '<f4', atomically.
void write_npy(const std::filesystem::path& path, ImageView image);

}  // namespace lensfind::image
