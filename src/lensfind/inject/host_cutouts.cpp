#include "lensfind/inject/host_cutouts.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/hash128.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/cutouts/npz_sources.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_keywords.h"
#include "lensfind/image/missing.h"
#include "lensfind/inject/host_sky.h"
#include "lensfind/render/psf_file.h"
#include "lensfind/sky/columns.h"
#include "lensfind/sky/matching.h"
#include "lensfind/sky/table.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::inject {
namespace {

namespace fs = std::filesystem;

/// A file's name without its endings: "DES_1.fits.gz" is DES_1.
std::string stem_of(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.substr(0, name.size() - cutouts::cutout_suffix(name).size());
}

bool is_fits(const fs::path& path) { return cutouts::kind_of_file(path) == cutouts::FileKind::fits; }

std::shared_ptr<const cutouts::Source> source_of(const fs::path& path, const std::vector<std::string>& bands) {
  return cutouts::file_source(path, cutouts::kind_of_file(path), bands);
}

bool names_psf(const std::string& text) { return lower_case(text).find("psf") != std::string::npos; }

/// What a cutout's and its PSF's names have in common: "DES_PSF11" and "DES_11" are both "des11".
std::string shared_name(const std::string& stem) {
  std::string out = lower_case(stem);
  for (std::size_t at = out.find("psf"); at != std::string::npos; at = out.find("psf")) out.erase(at, 3);
  std::erase_if(out, [](unsigned char c) { return std::isalnum(c) == 0; });
  return out;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// The middle of one band of a cutout.
void copy_middle(image::ImageView from, int from_band, int to_band, image::MutableImageView to) {
  const int first_row = (from.shape.height - to.shape.height) / 2, first_column = (from.shape.width - to.shape.width) / 2;
  for (int row = 0; row < to.shape.height; ++row) {
    for (int column = 0; column < to.shape.width; ++column)
      to.at(to_band, row, column) = from.at(from_band, first_row + row, first_column + column);
  }
}

bool has_core(image::ImageView image) {
  const int first_row = image.shape.height / 2 - 2, first_column = image.shape.width / 2 - 2;
  for (int b = 0; b < image.shape.bands; ++b) {
    for (int k = 0; k < 25; ++k) {
      if (std::isnan(image.at(b, first_row + k / 5, first_column + k % 5))) return false;
    }
  }
  return true;
}

}  // namespace

HostFolder::HostFolder(const simulate::PaintOptions& options, const simulate::Survey& survey) : options_{options}, survey_{survey} {
  if (!fs::is_directory(options.folder)) throw Error{options.folder.string() + ": is no folder", "give a folder with real cutouts"};
  if (options_.zero_point.size() == 1) options_.zero_point.resize(survey.bands.size(), options_.zero_point.front());
  if (!options_.zero_point.empty() && options_.zero_point.size() != survey.bands.size()) {
    throw Error{fmt::format("{} zero points for {} bands", options_.zero_point.size(), survey.bands.size()),
                fmt::format("give one, or one for each of the bands of survey {}", survey.name)};
  }
  list_cutouts();
  list_psfs();
  if (!options_.catalogue.empty()) read_catalogue();
  if (entries_.empty()) {
    throw Error{
        options.folder.string() + ": holds no cutouts",
        "give the folder that itself holds FITS files (NAME.fits with all bands, or NAME_<band>.fits), or .npy files with --zero-point"};
  }
}

void HostFolder::list_cutouts() {
  std::map<std::string, std::vector<fs::path>> by_band;
  for (const fs::path& path : files_in(options_.folder)) {
    const std::string stem = stem_of(path);
    if (cutouts::kind_of_file(path) == cutouts::FileKind::none || names_psf(stem)) continue;
    const auto band =
        std::find_if(survey_.bands.begin(), survey_.bands.end(), [&](const std::string& b) { return stem.ends_with("_" + b); });
    if (band == survey_.bands.end() || !is_fits(path) || survey_.bands.size() == 1) {
      entries_.push_back({.name = stem, .files = {path}});
      continue;
    }
    auto& files = by_band[stem.substr(0, stem.size() - band->size() - 1)];
    files.resize(survey_.bands.size());
    files[static_cast<std::size_t>(band - survey_.bands.begin())] = path;
  }
  for (const auto& [name, files] : by_band) {
    const auto missing = std::find(files.begin(), files.end(), fs::path{});
    if (missing != files.end()) {
      throw Error{fmt::format("{}: {} has no file of the band {}", options_.folder.string(), name,
                              survey_.bands[static_cast<std::size_t>(missing - files.begin())]),
                  "give all bands of the survey, or another --survey"};
    }
    entries_.push_back({.name = name, .files = files});
  }
}

void HostFolder::list_psfs() {
  const std::string folder = (options_.folder / "").parent_path().string();
  for (const std::string& place :
       {folder, folder + "/psf", folder + "/PSF", folder + "psf", folder + "PSF", folder + "_psf", folder + "_PSF"}) {
    if (!fs::is_directory(place)) continue;
    for (const fs::path& path : files_in(place)) {
      const std::string stem = stem_of(path);
      if (is_fits(path) && (names_psf(stem) || place != folder)) psfs_.emplace(shared_name(stem), path);
    }
  }
}

void HostFolder::read_catalogue() {
  const auto rows = sky::open_table(options_.catalogue);
  const std::vector<std::string>& columns = rows->columns();
  std::vector<std::string> notes;
  const auto id = sky::find_id_column(columns, "", options_.catalogue, notes);
  if (!id) throw Error{options_.catalogue.string() + ": has no column of ids", "give each host an id: a column called id"};
  std::optional<sky::PositionColumns> position;
  if (sky::PositionColumns::are_in(rows->heads(), {})) position.emplace(rows->heads(), options_.catalogue, sky::ColumnNames{}, notes);
  const auto number = [&](const std::vector<std::string>& fields, const std::string& name) -> std::optional<double> {
    const auto column = std::ranges::find(columns, name);
    return column == columns.end() ? std::nullopt : parse_number(fields[static_cast<std::size_t>(column - columns.begin())]);
  };
  std::vector<Entry> named, placed;
  const std::vector<Entry> fields = entries_;
  for (std::vector<std::string> values; rows->next(values);) {
    Entry row{.name = values[*id]};
    row.z = number(values, "z");
    for (const std::string& band : survey_.bands) row.magnitudes.push_back(number(values, "mag_" + band));
    const auto own = std::find_if(fields.begin(), fields.end(), [&](const Entry& entry) { return entry.name == row.name; });
    const auto place = position ? position->of(values) : std::nullopt;
    if (own != fields.end()) {
      row.files = own->files;
      named.push_back(row);
    } else if (place) {
      row.from_field = true;
      row.ra_deg = place->ra_deg;
      row.dec_deg = place->dec_deg;
      placed.push_back(row);
    }
  }
  if (!named.empty()) {
    entries_ = std::move(named);
    return;
  }
  std::vector<sky::Field> skies;
  for (const Entry& field : fields) skies.emplace_back(field.files);
  entries_.clear();
  for (Entry& row : placed) {
    for (std::size_t f = 0; f < skies.size() && row.files.empty(); ++f) {
      if (skies[f].find({row.ra_deg, row.dec_deg})) row.files = fields[f].files;
    }
    if (!row.files.empty()) entries_.push_back(std::move(row));
  }
  keep_one_a_place(entries_);
  if (entries_.empty()) {
    throw Error{fmt::format("{}: no row has the name of a cutout or a position in a field of {}", options_.catalogue.string(),
                            options_.folder.string()),
                "give a column id with the names of files without their ending, or columns ra and dec in degrees"};
  }
}

void HostFolder::keep_one_a_place(std::vector<Entry>& placed) {
  constexpr double same_galaxy_arcsec = 2;
  std::vector<sky::Position> places;
  for (const Entry& entry : placed) places.push_back({entry.ra_deg, entry.dec_deg});
  const std::vector<std::size_t> galaxy = sky::group_positions(places, same_galaxy_arcsec);
  std::vector<Entry> first;
  // Groups are numbered in the order of their first positions.
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (galaxy[i] == first.size()) {
      first.push_back(std::move(placed[i]));
    } else {
      ++left_out_.copies;
    }
  }
  placed = std::move(first);
}

std::optional<int> HostFolder::own_side() const {
  const Entry& first = entries_.front();
  if (first.from_field) return std::nullopt;
  const fs::path& file = first.files.front();
  const image::ImageShape shape = source_of(file, survey_.bands)->shape(0);
  return std::min(shape.height, shape.width);
}

void HostFolder::leave_out_unfit(int side) {
  constexpr double max_missing = 0.1;
  const std::size_t before = entries_.size();
  std::set<Hash128> known;
  std::erase_if(entries_, [&](const Entry& entry) {
    const image::Image image = cutout(entry, side).image;
    if (image::missing_fraction(image.view()) > max_missing || !has_core(image.view())) {
      ++left_out_.incomplete;
      return true;
    }
    refuse_scaled(image, entry.files.front().string());
    if (has_no_noise(image.view())) {
      ++left_out_.cut_off;
      return true;
    }
    const bool copy = !known.insert(xxh3(std::as_bytes(image.values()))).second;
    left_out_.copies += copy ? 1 : 0;
    return copy;
  });
  if (entries_.empty() && left_out_.cut_off > left_out_.incomplete) {
    throw Error{fmt::format("{}: the sky of {} of the {} cutouts is cut off at its lowest value: nothing can be painted on it",
                            options_.folder.string(), left_out_.cut_off, before),
                flux_hint};
  }
  if (entries_.empty()) {
    throw Error{
        fmt::format("{}: of each of the {} cutouts a tenth of a band's pixels or the core is missing", options_.folder.string(), before),
        "give a smaller --size where they lie at a field's edge, or others"};
  }
}

cutouts::Cutout HostFolder::cut_from_field(const Entry& entry, int side) const {
  std::shared_ptr<const cutouts::Cutout> all;
  std::optional<sky::Pixel> at;
  {
    const std::lock_guard lock{last_field_->mutex};
    if (last_field_->files != entry.files) {
      last_field_->field.emplace(entry.files);
      image::FitsCutout read = last_field_->field->read();
      auto field = std::make_shared<cutouts::Cutout>(cutouts::Cutout{std::move(read.image), std::move(read.facts)});
      cutouts::choose_bands(*field, survey_.bands);
      last_field_->all = std::move(field);
      last_field_->files = entry.files;
    }
    all = last_field_->all;
    at = last_field_->field->find({entry.ra_deg, entry.dec_deg});
  }
  return {at ? sky::cut(all->image.view(), *at, side) : image::Image{}, all->facts};
}

cutouts::Cutout HostFolder::read_files(const Entry& entry, int side) const {
  const auto bands = static_cast<int>(survey_.bands.size());
  cutouts::Cutout out{image::Image{image::ImageShape{bands, side, side}}};
  for (std::size_t f = 0; f < entry.files.size(); ++f) {
    const fs::path& path = entry.files[f];
    const int wanted = entry.files.size() == 1 ? bands : 1;
    cutouts::Cutout file = source_of(path, survey_.bands)->read(0);
    if (wanted == bands) cutouts::choose_bands(file, survey_.bands);
    const image::ImageShape shape = file.image.shape();
    if (shape.bands != wanted) {
      throw Error{fmt::format("{}: has {} bands, {} wanted", path.string(), shape.bands, wanted),
                  "give the --survey whose bands these are"};
    }
    if (shape.height < side || shape.width < side) {
      throw Error{fmt::format("{}: {} x {} pixels are fewer than {}", path.string(), shape.width, shape.height, side),
                  "give a smaller --size"};
    }
    for (int b = 0; b < wanted; ++b) copy_middle(file.image.view(), b, static_cast<int>(f) + b, out.image.view());
    file.facts.zero_points.resize(static_cast<std::size_t>(wanted));
    out.facts.zero_points.insert(out.facts.zero_points.end(), file.facts.zero_points.begin(), file.facts.zero_points.end());
    if (!out.facts.pixel_scale_arcsec) out.facts.pixel_scale_arcsec = file.facts.pixel_scale_arcsec;
  }
  return out;
}

cutouts::Cutout HostFolder::cutout(const Entry& entry, int side) const {
  cutouts::Cutout out = entry.from_field ? cut_from_field(entry, side) : read_files(entry, side);
  const bool may_miss = is_fits(entry.files.front());
  const auto is_fault = [&](float value) { return std::isinf(value) || (std::isnan(value) && !may_miss); };
  if (std::ranges::any_of(std::as_const(out.image).values(), is_fault))
    throw Error{fmt::format("{}: holds infinite pixels or such as are no number", entry.name), "mend it or take it out of the folder"};
  return out;
}

double HostFolder::zero_point(const Entry& entry, const image::PixelFacts& facts, std::size_t band) const {
  const fs::path& file = entry.files.size() > 1 ? entry.files[band] : entry.files.front();
  if (!options_.zero_point.empty()) return options_.zero_point[band];
  if (band < facts.zero_points.size() && facts.zero_points[band]) return *facts.zero_points[band];
  throw Error{file.string() + ": its zero point is not known", "give --zero-point: the AB magnitude of one unit of its flux"};
}

/// `unit`: of the survey's flux in one of the file's, a band.
simulate::Conditions HostFolder::conditions(const Entry& entry, const image::Image& image, double pixel_scale_arcsec,
                                            const std::vector<double>& unit) const {
  simulate::Conditions out;
  const auto psf = psfs_.find(shared_name(entry.name));
  const std::vector<render::ImagePsf> measured = psf == psfs_.end() ? std::vector<render::ImagePsf>{} : render::read_psfs(psf->second);
  if (!measured.empty() && measured.size() != survey_.bands.size() && measured.size() != 1) {
    throw Error{fmt::format("{}: {} PSFs for {} bands", psf->second.string(), measured.size(), survey_.bands.size()),
                "give an image for each band, or one for all"};
  }
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    if (measured.empty()) {
      out.psfs.push_back(simulate::rendered_psf(survey_, b, survey_.seeing_fwhm_arcsec[b]));
      out.seeing_fwhm_arcsec.push_back(survey_.seeing_fwhm_arcsec[b]);
    } else {
      out.psfs.emplace_back(render::without_pixel(measured[measured.size() == 1 ? 0 : b]));
      out.seeing_fwhm_arcsec.push_back(fwhm_arcsec(measured[measured.size() == 1 ? 0 : b], pixel_scale_arcsec));
    }
    simulate::Noise noise = simulate::band_noise(survey_, b);
    const fs::path& file = entry.files.size() > 1 ? entry.files[b] : entry.files.front();
    const auto gain = is_fits(file) ? image::read_fits_number(file, image::keywords::gain) : std::nullopt;
    if (gain && *gain > 0) noise.gain = *gain / unit[b];
    // Of a pixel before resampling correlated it: sums over many pixels, as an arc's S/N takes them, scatter by that one.
    const Background measured_background = background(image.view(), static_cast<int>(b));
    noise.kernel = kernel_of(measured_background);
    noise.background_rms = 1;
    noise.background_rms = measured_background.rms / noise.pixel_rms();
    out.noise.push_back(noise);
  }
  return out;
}

simulate::HostSky HostFolder::sky_of(const Entry& entry, const cutouts::Cutout& read, int side) const {
  simulate::HostSky out{.pixel_scale_arcsec = read.facts.pixel_scale_arcsec.value_or(survey_.pixel_scale_arcsec)};
  const fs::path& file = entry.files.front();
  if (!is_fits(file)) return out;
  try {
    const sky::Wcs wcs{file};
    sky::Pixel middle;
    if (entry.from_field) {
      middle = sky::middle_of_cut(wcs.pixel({entry.ra_deg, entry.dec_deg}).value(), side);
    } else {
      const image::ImageShape shape = source_of(file, survey_.bands)->shape(0);
      const int first_column = (shape.width - side) / 2, first_row = (shape.height - side) / 2;
      middle = {first_column + (side - 1) / 2., first_row + (side - 1) / 2.};
    }
    const auto axes = sky::axes_at(wcs, middle);
    out.middle = axes ? wcs.position(middle) : std::nullopt;
    if (out.middle) out.axes = *axes;
  } catch (const Error&) {
    return out;  // most cutouts have no coordinates
  }
  return out;
}

HostCutout HostFolder::read(std::int64_t index, int side) const {
  const Entry& entry = entries_[static_cast<std::size_t>(index)];
  cutouts::Cutout read = cutout(entry, side);
  HostCutout out{.name = entry.name, .image = std::move(read.image), .z = entry.z, .magnitudes = entry.magnitudes};
  refuse_scaled(out.image, entry.files.front().string());
  refuse_without_noise(out.image.view(), entry.files.front().string());
  std::vector<double> unit;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    unit.push_back(std::pow(10, 0.4 * (survey_.output_zero_point[b] - zero_point(entry, read.facts, b))));
    if (unit[b] == 1) continue;
    for (float& value : out.image.band(static_cast<int>(b))) value = static_cast<float>(static_cast<double>(value) * unit[b]);
  }
  out.sky = sky_of(entry, read, side);
  out.conditions = conditions(entry, out.image, out.sky.pixel_scale_arcsec, unit);
  return out;
}

}  // namespace lensfind::inject
