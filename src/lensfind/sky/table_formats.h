#pragma once

#include "lensfind/sky/table.h"

namespace lensfind::sky {

std::unique_ptr<TableReader> open_fits_table(const std::filesystem::path& path);
std::unique_ptr<TableWriter> create_fits_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows);

std::unique_ptr<TableReader> open_parquet_table(const std::filesystem::path& path);
std::unique_ptr<TableWriter> create_parquet_table(const std::filesystem::path& path, std::vector<TableColumn> columns, std::int64_t rows);

}  // namespace lensfind::sky
