#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lensfind::cutouts {

/// A file that an INPUT argument names, or the files of one object's bands.
struct ListedFile {
  std::filesystem::path path;
  std::string name;                          ///< relative to its INPUT ("sub/12.npy"), for bands "sub/NAME_*.fits"
  std::string id;                            ///< name without suffix ("sub/12", "sub/NAME"), or as a list gives it
  bool id_given = false;                     ///< by a list
  std::vector<std::filesystem::path> bands;  ///< in the order of the model's bands; empty: `path` holds all
};

/// Gives one file after the other; nothing at the end.
using FileList = std::function<std::optional<ListedFile>()>;

/// The files that an argument stands for, always in the same order: those of a folder at any depth (folder_walk.h), a .npy or FITS file
/// itself, the paths in a .txt list (a line each; empty lines and lines that begin with # are passed over) or in a .csv (column `path`,
/// optionally `id`), relative to the list. FITS files named NAME_<band>.fits, with a band of `bands`, are one object NAME; with `pattern`
/// those whose path below the folder is it, as "{band}/cutout-{id}.fits". Where one of an object's bands is not there, reading it will say
/// so. Throws Error where the argument does not exist or is of no known kind, or the pattern does not hold {id} and {band} once each.
FileList files_of(const std::filesystem::path& argument, const std::vector<std::string>& bands, const std::string& pattern = {});

}  // namespace lensfind::cutouts
