#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <fitsio.h>

namespace lensfind::sky {

struct CloseFits {
  void operator()(fitsfile* file) const {
    int status = 0;
    fits_close_file(file, &status);
  }
};
using FitsFile = std::unique_ptr<fitsfile, CloseFits>;

/// Opens a file under its plain name (no brackets, pipes or addresses are read in it). Throws Error.
FitsFile open_fits(const std::filesystem::path& path);

/// Throws Error with CFITSIO's words where `status` is not 0; `about` says what it was about.
void check_fits(int status, const std::string& about);

/// CFITSIO built without --enable-reentrant may be used by one thread at a time.
std::unique_lock<std::mutex> turn_at_cfitsio();

}  // namespace lensfind::sky
