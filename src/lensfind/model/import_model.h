#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/progress.h"
#include "lensfind/model/model.h"

namespace lensfind::model {

/// What `lensfind import` is told.
struct ImportOptions {
  std::string network;            ///< "resnet18"
  std::filesystem::path weights;  ///< a safetensors file or a state dictionary of torch.save, with timm's or torchvision's names
  std::filesystem::path out;      ///< the model folder to make
  int bands = 3;
  int size = 64;                             ///< of a cutout's side, pixels
  std::vector<std::string> band_names;       ///< empty: band1, band2, ...
  network::Preprocessing preprocessing;      ///< of raw pixels, as the weights were trained
  std::optional<double> pixel_scale_arcsec;  ///< of the cutouts it was trained on
  std::optional<double> zero_point;          ///< AB magnitude of one unit of their flux
  bool keep_head = false;                    ///< a head that has neither 1 nor 2 outputs is an error; otherwise it is replaced
  bool overwrite = false;
  std::function<void(const std::filesystem::path&)> check;  ///< called with the whole folder before it gets its name; throws Error
  std::uint64_t seed = 0;                                   ///< of a head that is drawn anew
};

/// Makes a model folder of weights that somebody else trained, and returns the model. `progress` is told what had to be changed (another
/// head, another number of bands). A failed import leaves no folder.
Model import_model(const ImportOptions& options, Progress& progress = no_progress());

}  // namespace lensfind::model
