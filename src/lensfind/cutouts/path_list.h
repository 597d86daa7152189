#pragma once

#include <filesystem>
#include <string>

#include "lensfind/cutouts/band_files.h"
#include "lensfind/cutouts/file_list.h"

namespace lensfind::cutouts {

/// A file, known by its name below an INPUT, or by its content where the name does not say its kind.
ListedFile listed_file(std::filesystem::path path, std::string name);

/// Turns a file that holds one band into its whole object. Leaves others as they are.
ListedFile object_of(ListedFile file, const BandPattern& bands);

/// Which of a table's columns holds paths: `path`, `file`, `filename` and their like, in any case of letters and with or without
/// underscores. Throws Error that names the columns where there is none.
std::size_t path_column(const std::vector<std::string>& columns, const std::filesystem::path& table);

/// The paths in a list, a line each.
FileList lines_of(const std::filesystem::path& list, const BandPattern& bands);

/// The paths in a table. Throws Error where it has no column of paths, or none of those that options.columns names.
FileList rows_of(const std::filesystem::path& table, const BandPattern& bands, const ListOptions& options);

}  // namespace lensfind::cutouts
