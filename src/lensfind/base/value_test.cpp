#include "lensfind/base/value.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

TEST(Json, KeepsOrderExactIntegersAndDoubles) {
  const std::string text = R"({"z":9007199254740993,"a":[0.1,1e-300,-0.0,true,null,"\u00e9\n"]})";
  const Value value = parse_json(text, "t");
  EXPECT_EQ(value.as_object()[0].first, "z");
  EXPECT_EQ(value.at("z").as_integer(), 9007199254740993);
  EXPECT_EQ(value.at("a").as_array()[0].as_number(), 0.1);
  EXPECT_EQ(parse_json(to_json(value), "again"), value);
}

TEST(Json, RefusesWhatIsNoJsonAndBottomlessNesting) {
  for (const std::string text : {"", "{", "[1,]", "{\"a\":1}x", "nul"}) EXPECT_THROW(parse_json(text, "t"), Error) << text;
  EXPECT_THROW(parse_json(std::string(100'000, '['), "t"), Error);
}

TEST(Json, WritesNotFiniteNumbersAsNull) { EXPECT_EQ(to_json(Value{std::nan("")}, -1), "null"); }

TEST(Toml, ErrorsNameLineAndColumn) {
  try {
    parse_toml("a = 1\nb = = 2", "my.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string{error.what()}.find("my.toml, line 2"), std::string::npos) << error.what();
  }
}

TEST(Value, AccessorsThrowOnTheWrongKind) {
  EXPECT_THROW((void)Value{1}.as_string(), Error);
  EXPECT_THROW((void)Value{"x"}.as_number(), Error);
  EXPECT_THROW((void)empty_object().at("missing"), Error);
}

}  // namespace
}  // namespace lensfind::base
