#include "lensfind/inspect/scheme.h"

#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::inspect {
namespace {

const std::filesystem::path schemes = std::filesystem::path{LENSFIND_SOURCE_DIR} / "schemes";

TEST(Scheme, TheOnesThatShipAreWell) {
  const Scheme half = find_scheme("half", {schemes});
  EXPECT_THAT(half.values(), ::testing::ElementsAre(0, .5, 1, 1.5, 2, 2.5, 3));
  EXPECT_EQ(half.find("2.50")->value, 2.5);
  EXPECT_EQ(half.find("4"), nullptr);
  EXPECT_TRUE(half.has_kind("ring"));
  EXPECT_EQ(scheme_toml(find_scheme("abcx", {schemes})), scheme_toml(abcx())) << "the file is what is built in";
  EXPECT_EQ(abcx().find("b")->value, 2);
}

TEST(Scheme, ReadsBackWhatItWrites) {
  const Scheme half = find_scheme("half", {schemes});
  EXPECT_EQ(scheme_toml(parse_scheme(scheme_toml(half), "x.toml")), scheme_toml(half));
}

std::string failure(const std::string& toml) {
  try {
    parse_scheme(toml, "s.toml");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(Scheme, FaultsAreNamed) {
  const std::string two = "[[grades]]\ngrade='Y'\nkey='1'\nvalue=1\n[[grades]]\ngrade='N'\nkey='0'\nvalue=0\n";
  EXPECT_EQ(failure(two), "none");
  EXPECT_THAT(failure("[[grades]]\ngrade='Y'\nvalue=1\n"), ::testing::HasSubstr("two grades or more"));
  EXPECT_THAT(failure(two + "[[grades]]\ngrade='M'\nkey='1'\n"), ::testing::HasSubstr("the key `1` of `M` stands twice"));
  EXPECT_THAT(failure(two + "[[grades]]\ngrade='y'\nkey='2'\n"), ::testing::HasSubstr("the grade `y` stands twice"));
  EXPECT_THAT(failure(two + "[[kinds]]\nkind='ring'\nkey='u'\n"), ::testing::HasSubstr("one of the page's own"));
  EXPECT_THAT(failure(two + "[[kinds]]\nkind='ring'\nkey='rr'\n"), ::testing::HasSubstr("the key of `ring` is `rr`"));
  EXPECT_THAT(failure("[[grades]]\ngrade='Y'\nkey='1'\n[[grades]]\ngrade='N'\nkey='0'\n"),
              ::testing::HasSubstr("all grades have one value"));
  EXPECT_THAT(failure(two + "colour='red'\n"), ::testing::HasSubstr("colour"));
}

}  // namespace
}  // namespace lensfind::inspect
