#include <cmath>
#include <cstdint>

#include "fuzz/fits_table_bytes.h"
#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/catalogue.h"

namespace {

/// By the first byte: a FITS table made of the others, any bytes as FITS, as CSV, or as a VOTable's XML or its binary rows.
MemoryFile file_of(const std::uint8_t* data, std::size_t size) {
  const unsigned kind = data[0] % 8;
  if (kind == 7) {
    static const std::string head = "<?xml version=\"1.0\"?><VOTABLE>";
    const std::string xml = head + std::string{reinterpret_cast<const char*>(data + 1), size - 1};
    return {reinterpret_cast<const std::uint8_t*>(xml.data()), xml.size(), ".vot"};
  }
  if (kind == 6) {
    // Any letters of base64 as rows; what is none of them is passed over.
    static const std::string head =
        "<?xml version=\"1.0\"?><VOTABLE><RESOURCE><TABLE><FIELD name=\"ra\" datatype=\"double\"/><FIELD name=\"dec\" datatype=\"float\"/>"
        "<FIELD name=\"id\" datatype=\"char\" arraysize=\"*\"/><FIELD name=\"n\" datatype=\"bit\" arraysize=\"9x*\"/>"
        "<FIELD name=\"u\" datatype=\"unicodeChar\" arraysize=\"3\"/><DATA><BINARY2><STREAM encoding=\"base64\">";
    std::string xml = head;
    for (std::size_t i = 1; i < size; ++i) xml += static_cast<char>('?' + data[i] % 60);  // no < among them
    xml += "</STREAM></BINARY2></DATA></TABLE></RESOURCE></VOTABLE>";
    return {reinterpret_cast<const std::uint8_t*>(xml.data()), xml.size(), ".vot"};
  }
  if (kind >= 4) return {data + 1, size - 1, ".csv"};
  if (kind == 3) return {data + 1, size - 1, ".fits"};
  const std::string table = FitsTableBytes{data + 1, size - 1}.file();
  return {reinterpret_cast<const std::uint8_t*>(table.data()), table.size(), ".fits"};
}

}  // namespace

/// Whatever bytes come, a catalogue gives rows with a value a column and positions on the sky, or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const MemoryFile file = file_of(data, size);
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
