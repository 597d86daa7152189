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
  std::string type;  ///< numpy's descr: "<f4", ">f8", "<f2", "|u1", "<u2", ...
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t data_offset = 0;  ///< bytes before the first value

  [[nodiscard]] std::uint64_t values() const;  ///< product of the shape
  [[nodiscard]] std::uint64_t value_bytes() const;
};

/// Parses the header at the start of `bytes`, which may be the file's first 64 KiB; `file_bytes` is the file's whole size. Throws Error
/// where it is no .npy file, the type is none of float16/32/64, uint8 and uint16 (either endianness), or the promised values do not fit
/// into file_bytes.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, const std::string& origin);

/// The header of a file, without its values.
NpyHeader read_npy_header(const std::filesystem::path& path);

/// The shape of the cutout that a header promises: 3-D (bands, height, width) or 2-D (height, width: one band). Throws Error for anything
/// else.
ImageShape npy_cutout_shape(const NpyHeader& header, const std::string& origin);

/// A cutout from a 3-D (bands, height, width) or 2-D (height, width: one band) .npy file: converted to float32, C order, native endianness;
/// integers are not rescaled. At most 2^28 values. Throws Error for anything else.
Image read_npy(const std::filesystem::path& path);
/// The same straight into `out`; false, with nothing of use there, where the cutout has another shape.
bool read_npy(const std::filesystem::path& path, MutableImageView out);
Image parse_npy(std::span<const std::byte> bytes, const std::string& origin);

/// A 4-D .npy stack (n, bands, height, width) whose images are read one by one; it may be far larger than memory. In C order each image is
/// one read, so memory stays flat and a disk that vanishes is an Error; in Fortran order, where an image lies all over the file, it is
/// memory-mapped.
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
  /// Asks the system to fetch image `index` of a stack in C order into its cache, and does not wait for it.
  void prefetch(std::int64_t index) const;

 private:
  /// Bytes of the file that image `index` takes, in C order.
  struct Extent {
    std::uint64_t offset, bytes;
  };
  [[nodiscard]] Extent extent_of(std::int64_t index) const;

  std::filesystem::path path_;
  NpyHeader header_;
  int descriptor_ = -1;
  const std::byte* mapped_ = nullptr;  ///< the whole file; in Fortran order only
  std::size_t mapped_bytes_ = 0;
};

/// Whether the file is a 4-D stack; false for 2-D and 3-D. Throws Error where it is no .npy file.
bool is_npy_stack(const std::filesystem::path& path);

/// The header of a C-order .npy file, version 1.0, padded to 64 bytes as numpy does; the values follow it.
std::string npy_header_text(std::span<const std::int64_t> shape, const std::string& type = "<f4");
/// Writes (bands, height, width) as '<f4', atomically.
void write_npy(const std::filesystem::path& path, ImageView image);

}  // namespace lensfind
