#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/namespace.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::base {

/// A file in an archive.
struct ZipFile {
  std::span<const std::byte> bytes;  ///< as they lie in the archive
  std::size_t length = 0;            ///< of the file itself
  std::uint32_t crc = 0;             ///< CRC-32 of the file itself; 0 where the writer did not compute it
  bool deflated = false;             ///< else stored: `bytes` are the file
};

/// The files of a ZIP archive in memory, by name, stored or deflated; ZIP64 too. Every offset is checked against the archive's size. Throws
/// Error.
std::map<std::string, ZipFile> read_zip(std::span<const std::byte> archive, const std::string& origin);

/// Throws Error where `contents`, what `file` is once unpacked, do not have the length and the CRC-32 that the archive states: a disk or
/// transfer damaged them. `what` names the file in the archive and the archive.
void check_contents(const ZipFile& file, std::span<const std::byte> contents, const std::string& what);

/// A file of an archive as it was before it was packed.
struct UnpackedFile {
  std::vector<std::byte> held;  ///< empty where it was stored
  std::span<const std::byte> bytes;
};
/// Unpacks a file whole. `budget` is asked before memory is taken. Throws Error where the bytes are damaged: they do not give the length or
/// the CRC-32 that the archive states. `name` is the file's, for errors.
UnpackedFile unpack(const ZipFile& file, const std::string& name, UnpackBudget& budget);

/// Up to `max` bytes of a file's beginning. Their CRC-32 cannot be checked. Throws Error where they cannot be unpacked.
std::vector<std::byte> unpack_start(const ZipFile& file, std::size_t max, const std::string& name);

}  // namespace lensfind::base
