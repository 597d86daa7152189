#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lensfind/cutouts/sources.h"
#include "lensfind/image/npz.h"

namespace lensfind::cutouts {

/// The stacks of .npz files, unpacked when they are first asked for. Those used last are kept, up to what one input may unpack to. So of
/// many files in one folder not all are in memory.
class NpzStacks {
 public:
  /// From any thread. Throws Error where it cannot be read.
  std::shared_ptr<const image::NpzCutouts> of(const std::filesystem::path& path, const std::vector<std::string>& bands);

 private:
  struct Held {
    std::filesystem::path path;
    std::shared_ptr<const image::NpzCutouts> cutouts;
    std::uint64_t bytes = 0;
  };
  std::mutex mutex_;
  std::list<Held> held_;  ///< the one used last first
};

/// What an .npz file holds: images of a stack, kept in `stacks`, or one cutout, unpacked each time it is read. Throws Error where its
/// headers say that it holds neither.
StackSource npz_source(const std::filesystem::path& path, const std::vector<std::string>& bands, std::shared_ptr<NpzStacks> stacks);

/// A file of any kind that holds one cutout. That of an .npz file is unpacked each time it is read.
std::shared_ptr<const Source> file_source(const std::filesystem::path& path, FileKind kind, const std::vector<std::string>& bands,
                                          const std::vector<std::string>& mask_planes = PixelRules{}.mask_planes);

}  // namespace lensfind::cutouts
