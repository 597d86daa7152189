#pragma once

#include <map>
#include <string>

#include "lensfind/sky/table.h"

namespace lensfind::sky {

/// No format reads, or holds at once, more bytes of one row than this.
constexpr std::size_t max_row_bytes = std::size_t{64} << 20;

/// Opens a table of one format, as open_table() does after it has told the format. Throws Error.
std::unique_ptr<TableReader> open_text_table(const std::filesystem::path& path);

std::unique_ptr<TableReader> open_fits_table(const std::filesystem::path& path, const TableTest& wanted);
std::unique_ptr<TableWriter> create_fits_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                               const std::vector<TableFact>& facts);

std::unique_ptr<TableReader> open_parquet_table(const std::filesystem::path& path);
std::unique_ptr<TableWriter> create_parquet_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                                  const std::vector<TableFact>& facts);

std::unique_ptr<TableReader> open_votable(const std::filesystem::path& path, const TableTest& wanted);

/// Units by column, from the YAML by which astropy describes a table (APE 6): the header of ECSV, `table_meta_yaml` of Parquet.
std::map<std::string, std::string> yaml_units(const std::string& yaml);

/// "columns that hold no single number or text were left out: a, b and 3 more".
std::string left_out_note(const std::vector<std::string>& columns);

}  // namespace lensfind::sky
