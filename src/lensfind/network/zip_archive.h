#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace lensfind::network {

/// The files of a ZIP archive in memory, by name, as torch.save writes it: stored, not compressed, no 4 GiB. Every offset is checked
/// against the archive's size. Throws Error.
std::map<std::string, std::span<const std::byte>> read_zip(std::span<const std::byte> archive, const std::string& origin);

}  // namespace lensfind::network
