#include "lensfind/sky/wcs.h"

#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include <fitsio.h>
#include <fmt/format.h>
#include <wcslib/wcs.h>
#include <wcslib/wcsfix.h>
#include <wcslib/wcshdr.h>
#include <wcslib/wcsmath.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/sky/frame.h"
#include "lensfind/sky/wcs_header.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

/// Headers of the HDUs that hold an image, a record of 80 letters each, until `use` returns true.
bool for_each_image_header(const fs::path& path, const auto& use) {
  const auto turn = image::lock_cfitsio();
  const image::FitsFile file = image::open_fits(path, image::FitsUse::headers);
  int count = 0;
  int status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  image::check_fits(status, path.string());
  for (int hdu = 1; hdu <= count; ++hdu) {
    int type = 0;
    int dimensions = 0;
    fits_movabs_hdu(file.get(), hdu, &type, &status);
    if (status == 0 && type == IMAGE_HDU) fits_get_img_dim(file.get(), &dimensions, &status);
    image::check_fits(status, path.string());
    if (type != IMAGE_HDU || dimensions < 2) continue;
    char* records = nullptr;
    int number = 0;
    fits_convert_hdr2str(file.get(), 0, nullptr, 0, &records, &number, &status);
    image::check_fits(status, path.string());
    std::string header{records};
    fits_free_memory(records, &status);
    header.resize(static_cast<std::size_t>(number) * 80, ' ');
    if (use(std::move(header))) return true;
  }
  return false;
}

}  // namespace

struct Wcs::Parameters {
  wcsprm values{};
  Frame frame;  ///< of what WCSLIB calls world coordinates

  Parameters() { values.flag = -1; }  // WCSLIB's sign of memory that it has not seen
  ~Parameters() { wcsfree(&values); }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  /// Takes the celestial axes of a header; false where it has none. Throws Error where it has such as cannot be read.
  bool read(std::string header, const std::string& origin) {
    header = mended_header(std::move(header), origin);
    int rejected = 0;
    int count = 0;
    wcsprm* all = nullptr;
    if (wcspih(header.data(), static_cast<int>(header.size() / 80), WCSHDR_all, 0, &rejected, &count, &all) != 0) return false;
    int axes[] = {WCSSUB_LONGITUDE, WCSSUB_LATITUDE};
    int wanted = 2;
    const bool celestial = count > 0 && wcssub(1, all, &wanted, axes, &values) == 0 && wanted == 2;
    wcsvfree(&count, &all);
    if (!celestial) return false;
    require_matrix(origin);
    std::array<int, NWCSFIX> fixed{};
    wcsfix(0, nullptr, &values, fixed.data());
    if (const int status = wcsset(&values); status != 0 || values.lng < 0 || values.lat < 0) {
      throw Error{fmt::format("{}: its coordinates cannot be read: {}", origin, status == 0 ? "no celestial axes" : wcs_errmsg[status]),
                  "look at CTYPE, CRVAL, CD and PV in its header with astropy or wcsware"};
    }
    take_frame(origin);
    check_inverse(origin);
    return true;
  }

 private:
  /// wcsfix() would put pixels of one degree in the place of a matrix CD of noughts.
  void require_matrix(const std::string& origin) const {
    constexpr int has_cd = 2;
    if ((values.altlin & has_cd) != 0 && values.cd[0] * values.cd[3] == values.cd[1] * values.cd[2])
      throw Error{origin + ": its coordinates lead to no pixel", "its matrix CD is singular: correct it"};
  }
  void take_frame(const std::string& origin) {
    const std::optional<double> equinox = undefined(values.equinox) ? std::nullopt : std::optional{values.equinox};
    if (equinox && !(*equinox > 1800 && *equinox < 2200))
      throw Error{fmt::format("{}: EQUINOX = {} is no year", origin, *equinox), "correct it, or take it out where RADESYS says the system"};
    const std::optional<double> observed = undefined(values.mjdobs) ? std::nullopt : std::optional{values.mjdobs};
    frame = frame_of_header(values.ctype[values.lng], values.radesys, equinox, observed, origin);
  }
  /// A matrix that is singular, or nearly so, leads from pixels to the sky but not back.
  void check_inverse(const std::string& origin) {
    constexpr double far = 100;  // pixels from the reference pixel
    double pixels[] = {values.crpix[0] + far, values.crpix[1] + far};
    double image[2], world[2], back[2], phi = 0, theta = 0;
    int status = 0;
    if (wcsp2s(&values, 1, 2, pixels, image, &phi, &theta, world, &status) != 0) return;  // beyond the projection
    if (wcss2p(&values, 1, 2, world, &phi, &theta, image, back, &status) == 0 && std::hypot(back[0] - pixels[0], back[1] - pixels[1]) < 1)
      return;
    throw Error{origin + ": its coordinates lead to no pixel", "is its matrix CD, or CDELT with PC, of the right size?"};
  }
};

Wcs::Wcs(const fs::path& fits) {
  const bool found = for_each_image_header(fits, [&](std::string header) {
    parameters_ = std::make_unique<Parameters>();
    return parameters_->read(std::move(header), fits.string());
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
  const Position here = parameters_->frame.from_icrs(position);
  double world[2];
  world[parameters_->values.lng] = here.ra_deg;
  world[parameters_->values.lat] = here.dec_deg;
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
  return parameters_->frame.to_icrs({world[parameters_->values.lng], world[parameters_->values.lat]});
}

double Wcs::pixel_scale_arcsec(const Pixel& where) const {
  const auto centre = position(where);
  const auto right = position({where.x + 1, where.y});
  const auto above = position({where.x, where.y + 1});
  if (!centre || !right || !above) throw Error{"the image's coordinates have no position at its middle", "is its header complete?"};
  return std::sqrt(separation_arcsec(*centre, *right) * separation_arcsec(*centre, *above));
}

std::optional<image::SkyAxes> axes_at(const Wcs& wcs, const Pixel& place) {
  const auto centre = wcs.position(place);
  const auto right = wcs.position({place.x + 1, place.y});
  const auto above = wcs.position({place.x, place.y + 1});
  if (!centre || !right || !above) return {};
  const double east = 3600 * std::cos(centre->dec_deg * std::numbers::pi / 180);
  const auto step = [&](const Position& to) { return std::remainder(to.ra_deg - centre->ra_deg, 360); };
  return image::SkyAxes{.east_by_column = east * step(*right),
                        .north_by_column = 3600 * (right->dec_deg - centre->dec_deg),
                        .east_by_row = east * step(*above),
                        .north_by_row = 3600 * (above->dec_deg - centre->dec_deg)};
}

}  // namespace lensfind::sky
