#include "lensfind/base/toml_limits.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"

namespace lensfind::base {
namespace {

using ::testing::HasSubstr;

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_toml(text, "a.toml"));
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(TomlLimits, KeysOfManyPartsAreRefusedBeforeTheStackEnds) {
  for (const std::string part : {"a.", "\"a\".", "'a' . "}) {
    const std::string key = repeated(part, 50000) + "a";
    EXPECT_THAT(refusal("x = 1\n" + key + " = 1"), HasSubstr("a.toml, line 2: a key")) << part;
    EXPECT_THAT(refusal("[" + key + "]"), HasSubstr("line 1: a key")) << part;
    EXPECT_THAT(refusal("[[" + key + "]]"), HasSubstr("a key")) << part;
    EXPECT_THAT(refusal("x = { " + key + " = 1 }"), HasSubstr("a key")) << part;
  }
}

TEST(TomlLimits, DeepBracketsAreRefused) {
  EXPECT_THAT(refusal("x = " + repeated("[", 50000)), HasSubstr("nested"));
  EXPECT_THAT(refusal("x = " + repeated("{a=", 50000)), HasSubstr("nested"));
}

TEST(TomlLimits, LongFilesAreRefused) { EXPECT_THAT(refusal(repeated("# a comment\n", 400000)), HasSubstr("bytes of settings")); }

TEST(TomlLimits, WhatFilesOfSettingsHoldIsRead) {
  const std::string text = "a.b.c = \"" + repeated(".", 100) + "\"  # " + repeated(".", 100) + "\n" + "many = [" + repeated("1.5, ", 1000) +
                           "2.5]\n" + "[table.inner]\nx = '''" + repeated(".\n", 100) + "'''\ny = [[1], [2]]\nz = \"\\\"" +
                           repeated("[", 100) + "\"\n";
  const Value value = parse_toml(text, "a.toml");
  EXPECT_EQ(value.at("a").at("b").at("c").as_string().size(), 100u);
  EXPECT_EQ(value.at("many").as_array().size(), 1001u);
  EXPECT_EQ(value.at("table").at("inner").at("x").as_string().size(), 200u);
}

TEST(TomlLimits, ManyKeysAreReadInTheTimeOfTheirNumber) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "k" + std::to_string(i) + "=1\n";  // in quadratic time: minutes
  EXPECT_EQ(parse_toml(text, "a.toml").as_object().size(), 200000u);
}

}  // namespace
}  // namespace lensfind::base
