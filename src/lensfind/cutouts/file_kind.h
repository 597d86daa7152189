#pragma once

#include <filesystem>
#include <string_view>

namespace lensfind::cutouts {

/// What a file of cutouts is.
enum class FileKind { none, npy, npz, fits };

/// As its name says, in any case of letters: .npy, .npz, .fits, .fit or .fts, the last three also with .gz or .fz behind. Else none.
FileKind kind_by_name(std::string_view name);

/// As its name says. Where the name says nothing, and is not a usual one of texts, tables and pictures, the first bytes decide: numpy's,
/// those of an archive of numpy arrays, or of FITS, also gzipped. None too where the file cannot be read. Throws MachineFault
/// (base/open_file.h) where that is the machine's fault.
FileKind kind_of_file(const std::filesystem::path& path);

/// All of a cutout's name that is no part of its id: ".npy", ".fits.gz". Empty where the name does not say its kind.
std::string_view cutout_suffix(std::string_view name);

}  // namespace lensfind::cutouts
