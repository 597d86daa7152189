#pragma once

#include <string>

#include "lensfind/inspect/export.h"

namespace lensfind::inspect {

/// CSV with a header of names.
std::string csv_text(const ResultTable& table);
/// ECSV 1.0 (APE 6), as astropy reads it: types, units and descriptions in its header.
std::string ecsv_text(const ResultTable& table);
/// VOTable 1.4, TABLEDATA.
std::string votable_text(const ResultTable& table);
/// A deluxetable of the columns name to settled.
std::string latex_text(const ResultTable& table);

}  // namespace lensfind::inspect
