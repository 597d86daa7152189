#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/cutouts/file_kind.h"
#include "lensfind/cutouts/passed_over.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/position.h"

namespace lensfind::cutouts {

/// A file that an INPUT argument names, or the files of one object's bands.
struct ListedFile {
  std::filesystem::path path;
  std::string name;                            ///< relative to its INPUT ("sub/12.npy"), for bands "sub/NAME_*.fits"
  std::string id;                              ///< name without suffix ("sub/12", "sub/NAME"), or as a list gives it
  FileKind kind = FileKind::none;              ///< none: it cannot be told, and an attempt to read it will say what is wrong
  bool id_given = false;                       ///< a list gave it
  std::vector<std::filesystem::path> bands;    ///< in the order of the model's bands; empty: `path` holds all
  std::optional<sky::Position> position = {};  ///< as a list gives it
  std::vector<float> seeing = {};              ///< FWHM in arcsec of ListOptions::bands, as a list gives it, NaN where not; empty: no list
};

/// Gives one file after the other; nothing at the end.
using FileList = std::function<std::optional<ListedFile>()>;

/// What lists were found to hold besides files.
struct ListFindings {
  PassedOver passed_over;          ///< of folders
  std::vector<std::string> notes;  ///< of tables: which columns were taken
};

/// How the files of an argument are listed.
struct ListOptions {
  std::vector<std::string> bands = {};               ///< names of bands, in order; fewer than two: no file is one of a band
  std::string pattern = {};                          ///< how files of one band are named: below the folder, as "{band}/cutout-{id}.fits"
  sky::ColumnNames columns = {};                     ///< columns of a table's ids and positions, where the usual names do not tell
  bool long_ids = false;                             ///< ids begin with the argument: "DIR/sub/12"
  std::shared_ptr<ListFindings> findings = nullptr;  ///< null: they are not wanted
};

/// The files that an argument stands for, always in the same order:
/// - those of a folder at any depth (folder_walk.h) that file_kind.h knows. Where two files of a folder would have one id (a.npy and
///   a.fits), both keep their suffix in it. A file that is known by its content alone keeps its whole name;
/// - an .npy, .npz or FITS file itself;
/// - the paths in a list of lines (.txt, .lst, .list; empty lines and lines that begin with # are passed over), relative to the list;
/// - the paths in a table (.csv, .tsv, .ecsv, .parquet, .vot and others that sky/table.h reads) with a column `path`, `file`, `filename` or
///   the like, and optionally ids and positions under the names of sky/columns.h.
/// FITS files named NAME_<band>.fits, with a band of `bands`, or by `pattern`, are one object NAME. Where one of an object's bands is
/// missing, reading it will say so. Throws Error where the argument does not exist or is of no known kind, or where the pattern does not
/// hold {id} and {band} once each.
FileList files_of(const std::filesystem::path& argument, const ListOptions& options = {});

/// Whether an argument of this name is a list: of lines, or a table.
bool is_list_name(const std::filesystem::path& argument);
bool is_table_name(const std::filesystem::path& argument);

}  // namespace lensfind::cutouts
