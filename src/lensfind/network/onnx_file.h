#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/network/onnx.h"

namespace lensfind::network {

/// What to take where somebody's network leaves a choice.
struct OnnxChoice {
  std::string output;  ///< name; empty: the only one that can be logits
  int size = 0;        ///< of a cutout's side, pixels, where height and width are free; 0: not said

  static void describe(auto& field) {
    field(&OnnxChoice::output, "output", any().as("--onnx-output").taking("NAME"),
          "of an .onnx file with several outputs the one that is the logits");
    field(&OnnxChoice::size, "size", at_least(0).as("--onnx-size").in("pixels"),
          "side of the cutouts of an .onnx file that takes any; 0: as the cutouts have");
  }
};

/// Anyone's network in the one form that the rest of the program knows: float32 pixels (n, bands, size, size) in, one float32 output
/// (n, 1), (n, 2) or (n), weights inside.
struct OnnxNetwork {
  std::string bytes;               ///< the file's own where it has that form
  OnnxShape shape;                 ///< size 0: height and width are free, and `choice` gave none
  std::vector<std::string> notes;  ///< what was changed or chosen, a sentence each
  bool takes_seeing = false;       ///< it is ours and has that as a second input, which may be left out (onnx.h)
};

/// Reads anyone's ONNX file: float16, bfloat16 and float64 pixels and outputs are converted, channels may be last, weights may lie in
/// another file beside it (external data), outputs that are no logits go. Throws Error where it is damaged, needs a choice that was not
/// made, is no network of cutouts, or takes more than one input may (base/unpack_budget.h). External data must lie in the file's folder.
OnnxNetwork read_onnx(const std::filesystem::path& path, const OnnxChoice& choice = {});

/// The same from the bytes of a file in `folder`; `origin` names it in errors.
OnnxNetwork parse_onnx(std::string bytes, const std::filesystem::path& folder, const std::string& origin, const OnnxChoice& choice = {});

}  // namespace lensfind::network
