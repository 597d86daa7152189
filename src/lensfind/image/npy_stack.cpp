#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/npy_values.h"

namespace lensfind::image {
namespace {

constexpr std::uint64_t block_bytes = std::uint64_t{1} << 25;  // of images in Fortran order that are fetched together

}  // namespace

/// Images of a stack in Fortran order: one lies all over the file, so that neighbours are fetched together and kept for the next reader.
/// They are read, not mapped: a file that is cut short meanwhile is an Error, where touching mapped memory would end the program.
class NpyStack::FortranBlocks {
 public:
  FortranBlocks(const NpyStack& stack)
      : positions_{stack.shape().values()},
        images_{static_cast<std::uint64_t>(stack.size())},
        value_bytes_{stack.header_.value_bytes() / stack.header_.values()} {}

  /// Converts image `index`. From any thread.
  void read(const NpyStack& stack, std::uint64_t index, std::span<float> out) {
    const std::shared_ptr<const Block> block = block_of(stack, index);
    const ValueStrides strides = strides_of(true, static_cast<std::int64_t>(block->count), stack.shape());
    convert_values(stack.header_.type, block->bytes.data() + (index - block->first) * value_bytes_, strides, stack.shape(), out);
  }

 private:
  struct Block {
    std::uint64_t first = 0, count = 0;
    std::vector<std::byte> bytes;  ///< (width, height, bands, count): as in the file, of these images alone
  };

  std::shared_ptr<const Block> block_of(const NpyStack& stack, std::uint64_t index) {
    const std::lock_guard lock{mutex_};
    for (const auto& block : last_) {
      if (block && index >= block->first && index - block->first < block->count) return block;
    }
    last_[1] = std::move(last_[0]);  // given back before the next takes memory
    last_[0] = fetch(stack, index);
    return last_[0];
  }

  std::shared_ptr<const Block> fetch(const NpyStack& stack, std::uint64_t index) const {
    const std::uint64_t max = std::clamp<std::uint64_t>(block_bytes / (positions_ * value_bytes_), 1, images_);
    auto block = std::make_shared<Block>();
    block->first = index / max * max;
    block->count = std::min(max, images_ - block->first);
    block->bytes.resize(positions_ * block->count * value_bytes_);
    const std::uint64_t start = stack.header_.data_offset + block->first * value_bytes_;
    // All of them lie in one piece.
    const std::uint64_t pieces = block->count == images_ ? 1 : positions_;
    const std::uint64_t piece = block->bytes.size() / pieces;
    for (std::uint64_t i = 0; i < pieces; ++i)
      OpenFile::read_at(stack.descriptor_, stack.path_, start + i * images_ * value_bytes_,
                        std::span{block->bytes}.subspan(i * piece, piece));
    return block;
  }

  std::uint64_t positions_, images_, value_bytes_;
  std::mutex mutex_;
  std::array<std::shared_ptr<const Block>, 2> last_;
};

NpyStack::NpyStack(const std::filesystem::path& path) : path_{path} {
  OpenFile file{path};
  header_ = read_npy_header(file, path);
  if (header_.shape.size() != 4) {
    throw Error{fmt::format("{}: an array of ({}) is no stack", path.string(), fmt::join(header_.shape, ", ")),
                "a stack is (n, bands, height, width)"};
  }
  npy_image_shape(header_, 3, path.string());
  if (header_.fortran_order && size() > 0) blocks_ = std::make_unique<FortranBlocks>(*this);
  descriptor_ = file.release();
}

NpyStack::~NpyStack() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

NpyStack::NpyStack(NpyStack&& other) noexcept
    : path_{std::move(other.path_)},
      header_{std::move(other.header_)},
      descriptor_{std::exchange(other.descriptor_, -1)},
      blocks_{std::move(other.blocks_)} {}

ImageShape NpyStack::shape() const { return npy_image_shape(header_, 3, path_.string()); }

void NpyStack::read(std::int64_t index, std::span<float> out) const {
  if (index < 0 || index >= size()) {
    throw Error{fmt::format("{}: image {} was asked for, it holds {}", path_.string(), index, size()), "images are counted from 0"};
  }
  if (blocks_) return blocks_->read(*this, static_cast<std::uint64_t>(index), out);
  const auto [offset, image_bytes] = extent_of(index);
  if (is_native_float32(header_.type)) {
    OpenFile::read_at(descriptor_, path_, offset, std::as_writable_bytes(out));
    return;
  }
  std::vector<std::byte> values(image_bytes);
  OpenFile::read_at(descriptor_, path_, offset, values);
  const ImageShape cutout = shape();
  convert_values(header_.type, values.data(), strides_of(false, 1, cutout), cutout, out);
}

NpyStack::Extent NpyStack::extent_of(std::int64_t index) const {
  const std::uint64_t bytes = header_.value_bytes() / static_cast<std::uint64_t>(size());
  return {header_.data_offset + static_cast<std::uint64_t>(index) * bytes, bytes};
}

void NpyStack::prefetch(std::int64_t index) const {
  if (blocks_ || index < 0 || index >= size()) return;
  const auto [offset, bytes] = extent_of(index);
  ::posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
}

}  // namespace lensfind::image
