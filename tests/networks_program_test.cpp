#include "lensfind/base/value.h"
#include "program.h"

namespace {

using program::Program;
using program::run;
using program::text_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Networks : public Program {};

TEST_F(Networks, MeasuresTheOneThatIsNamed) {
  const auto measured = run({"networks", "--network", "mobilevitv2_050", "--measure", "--json", "--threads", "1"});
  ASSERT_EQ(measured.status, 0) << measured.err;
  const lensfind::Value::Array rows = lensfind::parse_json(measured.out, "stdout").at("networks").as_array();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("name").as_string(), "mobilevitv2_050");
  EXPECT_EQ(rows[0].at("parameters").as_integer(), 1114107);  // timm 1.0.31, 2 outputs
  const lensfind::Value& speed = rows[0].at("images_per_second");
  EXPECT_EQ(speed.at("threads").as_integer(), 1);
  EXPECT_GT(speed.at("f32").as_number(), 1);
  EXPECT_TRUE(speed.at("bf16").is_null() || speed.at("bf16").as_number() > 1);
  EXPECT_TRUE(speed.at("int8").is_null() || speed.at("int8").as_number() > 1);
}

TEST_F(Networks, ListsAllAndMeasuresNothingUnasked) {
  const auto listed = run({"networks", "--json"});
  ASSERT_EQ(listed.status, 0) << listed.err;
  const lensfind::Value::Array rows = lensfind::parse_json(listed.out, "stdout").at("networks").as_array();
  EXPECT_GE(rows.size(), 11u);
  for (const lensfind::Value& row : rows) EXPECT_EQ(row.find("images_per_second"), nullptr);
}

TEST_F(Networks, DrawsAPictureAndReplacesNone) {
  ASSERT_EQ(run({"networks", "--draw", "resnet18", "--out", at("r.svg")}).status, 0);
  const std::string picture = text_of(folder_ / "r.svg");
  EXPECT_THAT(picture, StartsWith("<svg"));
  EXPECT_THAT(picture, HasSubstr("layer4"));
  EXPECT_NE(run({"networks", "--draw", "resnet18", "--out", at("r.svg")}).status, 0);
}

TEST_F(Networks, NamesTheNearestOfAnUnknownOne) {
  const auto unknown = run({"networks", "--network", "resnet81"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("resnet18"));
}

}  // namespace
