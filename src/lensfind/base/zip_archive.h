#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace lensfind {

/// A file in an archive.
struct ZipFile {
  std::span<const std::byte> bytes;  ///< as they lie there
  std::size_t length = 0;            ///< of the file itself
  bool deflated = false;             ///< else stored: `bytes` are the file
};

/// The files of a ZIP archive in memory, by name, stored or deflated; no ZIP64. Every offset is checked against the archive's size. Throws
/// Error.
std::map<std::string, ZipFile> read_zip(std::span<const std::byte> archive, const std::string& origin);

}  // namespace lensfind
