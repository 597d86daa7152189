#include <cmath>
#include <cstdint>

#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/catalogue.h"

/// Whatever bytes come, as CSV or (where the first is even) as a FITS table, a catalogue gives rows with a value a column and positions on
/// the sky, or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const MemoryFile file{data + 1, size - 1, data[0] % 2 == 0 ? ".fits" : ".csv"};
  try {
    lensfind::sky::Catalogue catalogue{file.path()};
    for (int row = 0; row < 10'000; ++row) {
      const auto object = catalogue.next();
      if (!object) break;
      if (object->values.size() != catalogue.columns().size()) __builtin_trap();
      if (object->position &&
          !(object->position->ra_deg >= 0 && object->position->ra_deg < 360 && std::abs(object->position->dec_deg) <= 90))
        __builtin_trap();
    }
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
