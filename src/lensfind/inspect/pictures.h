#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/image/orientation.h"
#include "lensfind/image/picture.h"

namespace lensfind::inspect {

/// How a picture is drawn.
struct View {
  enum class Scaling { linear, sqrt, asinh, zscale };
  Scaling scaling = Scaling::asinh;
  int band = -1;  ///< this band alone, as grey; -1: colours
  /// What is taken away: nothing, a smooth model of the galaxy in the middle (smooth_model.h), or what a lens fit explains.
  enum class Residual { none, smooth, fit };
  Residual residual = Residual::none;
  int field = 1;  ///< times the sky around it; more than 1 only where objects are cut from fields
};

/// A picture with what is needed to draw a scale and a compass on it.
struct Drawn {
  image::Picture picture;
  double pixel_scale_arcsec = 0;   ///< 0: not known
  bool north_up = false;           ///< north is up and east is left; else as the file has it
  std::vector<std::string> bands;  ///< their names, or "band 1", ...
  std::string colours;             ///< what the colours are, as a sentence
};

/// Where pictures come from.
struct PictureOptions {
  std::vector<std::filesystem::path> inputs;
  std::optional<std::filesystem::path> catalogue;  ///< then the inputs are fields
  sky::ColumnNames columns = {};
  std::vector<std::string> bands;  ///< of NAME_<band>.fits
  std::string pattern = {};
  int size = 64;  ///< pixels a side that are cut from fields

  static void describe(auto& field) {
    using P = PictureOptions;
    field(&P::inputs, "inputs", any().as("--images").taking("INPUT"),
          "folders, stacks, lists or FITS fields that hold the objects' images");
    field(&P::catalogue, "catalogue", any().taking("FILE"), "INPUTs are FITS fields: cut this table's objects from them");
    field(&P::columns, "columns", any(), "of positions and ids");
    field(&P::bands, "bands", any().as("--band").taking("NAME"), "a band of NAME_<band>.fits, once each, from blue to red");
    field(&P::pattern, "pattern", any(), "how files of one band are named, as '{band}/cutout-{id}.fits'");
    field(&P::size, "size", between(8, 2048).in("pixels"), "side of what is cut from fields");
  }
};

/// The files and folders that they name.
std::vector<std::filesystem::path> paths_of(const PictureOptions& options);

/// How `score` would list these inputs; sizes of what is cut from fields are options.size.
cutouts::InputOptions input_options(const PictureOptions& options);

/// The images of objects by their ids: folders, stacks, lists, and fields with a catalogue. Draws from any thread.
class Pictures {
 public:
  /// Lists the inputs and keeps those whose id is in `wanted`; all where `wanted` is null. Throws Error.
  Pictures(const PictureOptions& options, const std::unordered_set<std::string>* wanted);
  ~Pictures();
  Pictures(Pictures&&) noexcept;
  Pictures& operator=(Pictures&&) noexcept;

  [[nodiscard]] bool has(const std::string& id) const;
  /// In the order of the inputs; empty where `wanted` was given.
  [[nodiscard]] const std::vector<std::string>& ids() const;
  /// Widest `View::field` there is: 4 for fields, else 1.
  [[nodiscard]] int widest_field() const;
  /// Throws Error where there is no such object, its pixels cannot be read, or the view asks for what is not there. No fits are made here:
  /// Residual::fit draws the pixels as they are, and is for Pictures of residuals.
  [[nodiscard]] Drawn draw(const std::string& id, const View& view) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The axes of the sky in the middle of a FITS image; nothing where its header has none.
std::optional<image::SkyAxes> sky_axes(const std::filesystem::path& fits, image::ImageShape shape);

}  // namespace lensfind::inspect
