#include "lensfind/sky/wcs.h"

#include <cmath>
#include <string>

#include <fitsio.h>
#include <fmt/format.h>
#include <wcslib/wcs.h>
#include <wcslib/wcshdr.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

/// Headers of the HDUs that hold an image, a record of 80 letters each, until `use` returns true.
bool for_each_image_header(const fs::path& path, const auto& use) {
  const auto turn = turn_at_cfitsio();
  const FitsFile file = open_fits(path);
  int count = 0;
  int status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  check_fits(status, path.string());
  for (int hdu = 1; hdu <= count; ++hdu) {
    int type = 0;
    int dimensions = 0;
    fits_movabs_hdu(file.get(), hdu, &type, &status);
    if (status == 0 && type == IMAGE_HDU) fits_get_img_dim(file.get(), &dimensions, &status);
    check_fits(status, path.string());
    if (type != IMAGE_HDU || dimensions < 2) continue;
    char* records = nullptr;
    int number = 0;
    fits_convert_hdr2str(file.get(), 0, nullptr, 0, &records, &number, &status);
    check_fits(status, path.string());
    std::string header{records};
    fits_free_memory(records, &status);
    if (use(std::move(header), number)) return true;
  }
  return false;
}

}  // namespace

struct Wcs::Parameters {
  wcsprm values{};

  Parameters() { values.flag = -1; }  // WCSLIB's sign of memory that it has not seen
  ~Parameters() { wcsfree(&values); }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  /// Takes the celestial axes of a header; false where it has none.
  bool read(std::string header, int records) {
    int rejected = 0;
    int count = 0;
    wcsprm* all = nullptr;
    if (wcspih(header.data(), records, WCSHDR_all, 0, &rejected, &count, &all) != 0) return false;
    int axes[] = {WCSSUB_LONGITUDE, WCSSUB_LATITUDE};
    int wanted = 2;
    const bool celestial = count > 0 && wcssub(1, all, &wanted, axes, &values) == 0 && wanted == 2 && wcsset(&values) == 0 &&
                           values.lng >= 0 && values.lat >= 0;
    wcsvfree(&count, &all);
    return celestial;
  }
};

Wcs::Wcs(const fs::path& fits) {
  const bool found = for_each_image_header(fits, [&](std::string header, int records) {
    parameters_ = std::make_unique<Parameters>();
    return parameters_->read(std::move(header), records);
  });
  if (!found) {
    throw Error{fits.string() + ": its header has no celestial coordinates that can be read",
                "a field needs CTYPE1 = 'RA---TAN' or the like, CRVAL, CRPIX and CD"};
  }
}

Wcs::~Wcs() = default;
Wcs::Wcs(Wcs&&) noexcept = default;
Wcs& Wcs::operator=(Wcs&&) noexcept = default;

std::optional<Pixel> Wcs::pixel(const Position& position) const {
  double world[2];
  world[parameters_->values.lng] = position.ra_deg;
  world[parameters_->values.lat] = position.dec_deg;
  double phi = 0;
  double theta = 0;
  double image[2];
  double pixels[2];
  int status = 0;
  if (wcss2p(&parameters_->values, 1, 2, world, &phi, &theta, image, pixels, &status) != 0 || status != 0) return {};
  return Pixel{pixels[0] - 1, pixels[1] - 1};
}

std::optional<Position> Wcs::position(const Pixel& pixel) const {
  const double pixels[] = {pixel.x + 1, pixel.y + 1};
  double phi = 0;
  double theta = 0;
  double image[2];
  double world[2];
  int status = 0;
  if (wcsp2s(&parameters_->values, 1, 2, pixels, image, &phi, &theta, world, &status) != 0 || status != 0) return {};
  return Position{world[parameters_->values.lng], world[parameters_->values.lat]};
}

double Wcs::pixel_scale_arcsec(const Pixel& where) const {
  const auto centre = position(where);
  const auto right = position({where.x + 1, where.y});
  const auto above = position({where.x, where.y + 1});
  if (!centre || !right || !above) throw Error{"the image's coordinates have no position at its middle", "is its header complete?"};
  return std::sqrt(separation_arcsec(*centre, *right) * separation_arcsec(*centre, *above));
}

}  // namespace lensfind::sky
