#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/base/progress.h"
#include "lensfind/model/model.h"
#include "lensfind/network/onnx_file.h"

namespace lensfind::workflows {

struct ExportOptions {
  std::filesystem::path model;      ///< a model folder or anyone's .onnx
  std::filesystem::path out;        ///< the .onnx file to write; with `packed` the model folder
  network::OnnxChoice onnx;         ///< where somebody's .onnx leaves one
  bool packed = false;              ///< as models ship: a folder with weights of 16 bits, a quarter of the size
  std::filesystem::path card;       ///< with `packed`: the TOML file of its card (model/shipped.h); empty: none
  bool average_symmetries = false;  ///< what is written scores means over the eight symmetries of the square
  bool overwrite = false;           ///< replace `out`

  static void describe(auto& field) {
    field(&ExportOptions::out, "out", any().taking("FILE"), "the .onnx file to write; with --packed the folder");
    field(&ExportOptions::packed, "packed", any(),
          "a model folder of a quarter of the size: weights of 16 bits, the ONNX file made of them when it is needed");
    field(&ExportOptions::card, "card", any().taking("CARD.toml"), "with --packed: the card that `lensfind models` shows (docs/models.md)");
    field(&ExportOptions::onnx, "onnx", any(), "what is taken of somebody's .onnx");
    field(&ExportOptions::average_symmetries, "average_symmetries", any().as("--tta"),
          "the exported model scores means over the eight symmetries of the square, at eight times the work");
    field(&ExportOptions::overwrite, "overwrite", any(), "replace FILE");
  }
};

/// Writes a model's ONNX file alone, or with `packed` a model folder: raw pixels (n, bands, h, w) in, logits (n, outputs) out, the batch
/// size free; of somebody's file its weights are put inside. Throws Error for a cascade, which is two networks, and where `out` exists
/// without `overwrite`. With `packed` it warns of ranges in int8 that are left out because they belong to other weights.
model::Model export_model(const ExportOptions& options, Progress& progress = no_progress());

}  // namespace lensfind::workflows
