#include "lensfind/cutouts/field_inputs.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <new>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/cutouts/file_list.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/field.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_bytes = std::size_t{1} << 30;  // of fields held in memory; the one in use may be larger

std::vector<sky::Field> open_fields(const InputOptions& options) {
  std::vector<sky::Field> fields;
  for (const fs::path& argument : options.arguments) {
    const FileList files = files_of(argument, {.bands = options.bands, .pattern = options.pattern});
    while (const std::optional<ListedFile> file = files()) {
      if (file->kind != FileKind::fits)
        throw Error{file->path.string() + ": is no field", "with a catalogue the inputs are FITS images that have coordinates"};
      fields.emplace_back(file->bands.empty() ? std::vector<fs::path>{file->path} : file->bands);
      const image::ImageShape shape = fields.back().shape();
      if (shape.bands != options.wanted.bands) {
        throw Error{fmt::format("{}: has {} bands, the model takes {}", file->path.string(), shape.bands, options.wanted.bands),
                    options.bands.empty()
                        ? "give one file with all bands"
                        : fmt::format("give a file a band named NAME_<band>.fits with the bands {}", fmt::join(options.bands, ", "))};
      }
    }
  }
  if (fields.empty()) throw Error{"there is no field in the inputs", "give FITS images that have coordinates"};
  return fields;
}

std::string in_small_letters(std::string name) {
  for (char& letter : name)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter + 32);
  return name;
}

/// A catalogue's column as the table of scores names it, with `catalogue_` before it as often as needed to differ from the table's own and
/// from those before it, whatever the case: FITS does not tell `ID` from `id`.
std::string free_name(std::string name, const std::vector<std::string>& before) {
  const auto is_taken = [&](const std::string& small) {
    return small == "id" || small == "logit" || small == "probability" || small == "missing" || small == "stage" ||
           std::ranges::any_of(before, [&](const std::string& other) { return in_small_letters(other) == small; });
  };
  while (is_taken(in_small_letters(name))) name = "catalogue_" + name;
  return name;
}

}  // namespace

/// Fields and the pixels of those used last.
class FieldPixels {
 public:
  FieldPixels(std::vector<sky::Field> fields, std::vector<std::string> mask_planes)
      : fields_{std::move(fields)}, mask_planes_{std::move(mask_planes)} {}

  [[nodiscard]] const std::vector<sky::Field>& fields() const { return fields_; }

  /// From any thread. A field that could not be read once is not tried again for each of its objects.
  std::shared_ptr<const image::FitsCutout> pixels(std::size_t field) {
    const std::lock_guard lock{mutex_};
    auto held = std::ranges::find(held_, field, &Held::field);
    if (held == held_.end()) {
      held_.push_front(read(field));
      drop_old();
    } else {
      held_.splice(held_.begin(), held_, held);
    }
    if (!held_.front().image) throw Error{held_.front().problem, "check the field"};
    return held_.front().image;
  }

 private:
  struct Held {
    std::size_t field = 0;
    std::shared_ptr<const image::FitsCutout> image;  ///< null: `problem` says why
    std::string problem;
  };

  Held read(std::size_t field) const {
    try {
      return {field, std::make_shared<const image::FitsCutout>(fields_[field].read(mask_planes_)), {}};
    } catch (const MachineFault&) {
      throw;  // that may pass
    } catch (const Error& error) {
      return {field, nullptr, error.what()};
    } catch (const std::bad_alloc&) {
      return {field, nullptr, "it needs more memory than there is"};
    }
  }
  void drop_old() {
    std::size_t bytes = 0;
    for (auto held = held_.begin(); held != held_.end(); ++held) {
      bytes += held->image ? held->image->image.values().size_bytes() : 0;
      if (bytes > max_bytes && held != held_.begin()) {
        held_.erase(held, held_.end());
        return;
      }
    }
  }

  std::vector<sky::Field> fields_;
  std::vector<std::string> mask_planes_;
  std::mutex mutex_;
  std::list<Held> held_;  ///< the one used last first
};

namespace {

class FieldCutout final : public Source {
 public:
  FieldCutout(std::shared_ptr<FieldPixels> fields, std::size_t field, sky::Pixel centre, int size)
      : fields_{std::move(fields)}, field_{field}, centre_{centre}, size_{size} {}
  Cutout read(std::int64_t) const override { return read_wider(1); }
  [[nodiscard]] Cutout read_wider(int times) const {
    const std::shared_ptr<const image::FitsCutout> field = fields_->pixels(field_);
    return {sky::cut(field->image.view(), centre_, size_ * times), field->facts};
  }
  bool names_bands() const override { return fields_->fields()[field_].files().size() > 1; }

 private:
  std::shared_ptr<FieldPixels> fields_;
  std::size_t field_;
  sky::Pixel centre_;
  int size_;
};

std::shared_ptr<const Source> cutout_of(const std::shared_ptr<FieldPixels>& fields, const sky::CatalogueObject& object,
                                        const InputOptions& options) {
  constexpr const char* hint = "correct the catalogue or give further fields";
  if (!object.position) return unreadable_source("its ra and dec are no position in degrees", hint);
  for (std::size_t i = 0; i < fields->fields().size(); ++i) {
    const sky::Field& field = fields->fields()[i];
    const auto place = field.find(*object.position);
    if (!place) continue;
    try {
      const int size = pixels_needed(options.wanted.width, field.pixel_scale_arcsec(), options.rules);
      return std::make_shared<FieldCutout>(fields, i, *place, size);
    } catch (const Error& error) {
      return unreadable_source(error.what(), error.hint());
    }
  }
  return unreadable_source("it lies in none of the fields", hint);
}

}  // namespace

FieldInputs::FieldInputs(const InputOptions& options)
    : fields_{std::make_shared<FieldPixels>(open_fields(options), options.rules.mask_planes)},
      catalogue_{*options.catalogue, options.columns},
      seeing_{catalogue_.columns()},
      options_{options} {
  for (const std::string& name : catalogue_.columns()) columns_.push_back(free_name(name, columns_));
  columns_.emplace_back("missing");
}

std::optional<Input> FieldInputs::next() {
  std::optional<sky::CatalogueObject> object = catalogue_.next();
  if (!object) return {};
  Input input{.id = object->id, .name = object->id, .source = cutout_of(fields_, *object, options_)};
  for (const std::string& value : object->values) input.columns += "," + csv_field(value);
  input.reports_missing = true;
  if (!seeing_.places().empty()) {
    std::vector<float> values;
    for (const std::size_t place : seeing_.places()) values.push_back(sky::seeing_in(object->values.at(place)));
    input.seeing = sky::seeing_by_band(values, seeing_.bands(), options_.bands);
  }
  return input;
}

std::optional<Cutout> read_wider(const Source& source, int times) {
  const auto* cutout = dynamic_cast<const FieldCutout*>(&source);
  return cutout ? std::optional{cutout->read_wider(times)} : std::nullopt;
}

}  // namespace lensfind::cutouts
