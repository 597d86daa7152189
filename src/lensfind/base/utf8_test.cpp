#include "lensfind/base/utf8.h"

#include <gtest/gtest.h>

namespace lensfind::base {
namespace {

constexpr const char* no_letter = "\xEF\xBF\xBD";

TEST(ValidUtf8, KeepsWhatIsWellFormed) {
  const std::string text = "a\xC3\xA9\xE6\x97\xA5\xF0\x9F\x94\xAD\xED\x9F\xBF\xF4\x8F\xBF\xBF\n";
  EXPECT_EQ(valid_utf8(text), text);
}

// The sequences of the Unicode standard's table 3-7 that are just outside.
TEST(ValidUtf8, ReplacesEachByteThatIsNoPartOfALetter) {
  EXPECT_EQ(valid_utf8("a\xFF"
                       "b"),
            std::string{"a"} + no_letter + "b");
  EXPECT_EQ(valid_utf8("\xC3"), no_letter);
  EXPECT_EQ(valid_utf8("\xE6\x97"), std::string{no_letter} + no_letter);
  for (const char* two : {"\xC0\xAF", "\xC1\xBF"}) EXPECT_EQ(valid_utf8(two), std::string{no_letter} + no_letter);
  for (const char* three : {"\xE0\x9F\x80", "\xED\xA0\x80"}) EXPECT_EQ(valid_utf8(three), std::string{no_letter} + no_letter + no_letter);
  for (const char* four : {"\xF0\x8F\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"})
    EXPECT_EQ(valid_utf8(four), std::string{no_letter} + no_letter + no_letter + no_letter);
}

}  // namespace
}  // namespace lensfind::base
