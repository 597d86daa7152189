#include "lensfind/network/pickle.h"

#include <span>
#include <string>

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::network {
namespace {

using ::testing::HasSubstr;

Pickle parse_text(const std::string& bytes, std::uint64_t limit = unpacked_bytes_limit) {
  UnpackBudget budget{"w.pt", "save the weights alone", limit};
  return read_pickle(std::as_bytes(std::span{bytes}), "w.pt", budget);
}

std::string refusal(const std::string& bytes, std::uint64_t limit = unpacked_bytes_limit) {
  try {
    (void)parse_text(bytes, limit);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// Operations are those of Lib/pickletools.py: \x8c SHORT_BINUNICODE, \x93 STACK_GLOBAL, \x94 MEMOIZE, h BINGET, N NONE, . STOP.

TEST(Pickle, SaysHowLongItWas) {
  const Pickle read = parse_text("\x80\x04\x8c\x01m\x8c\x01n\x93.and more");
  EXPECT_EQ(read.length, 10);
  EXPECT_EQ(read.root->text, "m.n");
}

TEST(Pickle, LetsNoNameGrowFromNames) {
  // 40 times the name of the name before twice: 2^40 letters out of 200 bytes.
  std::string bytes = "\x8c\x01m\x8c\x01n\x93\x94";
  for (char i = 0; i < 40; ++i) bytes += std::string{"h"} + i + "h" + i + "\x93\x94";
  EXPECT_THAT(refusal(bytes + "."), HasSubstr("w.pt: a damaged pickle"));
}

TEST(Pickle, TakesItsObjectsOutOfTheBudget) {
  const std::string thousand = std::string(1000, 'N') + ".";
  EXPECT_EQ(parse_text(thousand).items.size(), 1000);
  EXPECT_THAT(refusal(thousand, 1000 * sizeof(PickleItem)), HasSubstr("unpacks to more than"));
  EXPECT_THAT(refusal("\x8c\x40" + std::string(64, 'x') + ".", sizeof(PickleItem) + 60), HasSubstr("unpacks to more than"));
}

}  // namespace
}  // namespace lensfind::network
