#pragma once

#include "lensfind/cli/arguments.h"
#include "lensfind/sky/columns.h"

namespace lensfind::cli {

/// --id-column, --ra-column and --dec-column.
inline void declare_column_names(Arguments& arguments, sky::ColumnNames& into) {
  arguments.option(into.id, "--id-column", "NAME", "column of the ids, where the usual names (id, object_id, TARGETID, ...) do not tell");
  arguments.option(into.ra, "--ra-column", "NAME", "column of the right ascension (default ra, RAJ2000, ALPHA_J2000, ...)");
  arguments.option(into.dec, "--dec-column", "NAME", "column of the declination (default dec, DEJ2000, DELTA_J2000, ...)");
}

}  // namespace lensfind::cli
