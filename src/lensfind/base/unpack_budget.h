#pragma once

#include <cstdint>
#include <string>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// The most bytes that one input may take in memory once it is unpacked: pixels of an .npz or a compressed FITS file as float32, the arrays
/// of a weight file, what an ONNX network computes. It is the same for every reader (docs/files.md says so), because a small file can claim
/// any size.
constexpr std::uint64_t unpacked_bytes_limit = std::uint64_t{2} << 30;

/// Counts what one input unpacks to. Ask it before memory is taken.
class UnpackBudget {
 public:
  /// `origin` names the input in errors; `hint` says what to do with one that is too large.
  UnpackBudget(std::string origin, std::string hint, std::uint64_t limit = unpacked_bytes_limit);

  /// Takes `count` items of `bytes_each` bytes. Throws Error where the input has then taken more than its limit, also where the product
  /// overflows.
  void take(std::uint64_t count, std::uint64_t bytes_each = 1);

  [[nodiscard]] std::uint64_t taken() const { return taken_; }

 private:
  std::string origin_, hint_;
  std::uint64_t limit_, taken_ = 0;
};

}  // namespace lensfind::base
