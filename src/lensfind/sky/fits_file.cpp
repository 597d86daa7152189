#include "lensfind/sky/fits_file.h"

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {

FitsFile open_fits(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) throw Error{path.string() + ": there is no such file", "check the path"};
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_diskfile(&file, path.c_str(), READONLY, &status);
  FitsFile owner{file};
  check_fits(status, path.string());
  return owner;
}

void check_fits(int status, const std::string& about) {
  if (status == 0) return;
  char text[FLEN_STATUS] = "";
  fits_get_errstatus(status, text);
  fits_clear_errmsg();
  throw Error{fmt::format("{}: {} (CFITSIO {})", about, text, status), "is it a whole FITS file? Look at it with `fitsverify` or astropy"};
}

std::unique_lock<std::mutex> turn_at_cfitsio() {
  static std::mutex mutex;
  return fits_is_reentrant() != 0 ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex};
}

}  // namespace lensfind::sky
