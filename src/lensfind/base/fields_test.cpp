#include "lensfind/base/fields.h"

#include <gmock/gmock.h>

namespace lensfind::base {
namespace {

using ::testing::HasSubstr;

/// Its table is in another order than the enum.
enum class Fruit { apple, pear };
constexpr auto enum_names(Fruit) { return names_of<Fruit>({{Fruit::pear, "pear"}, {Fruit::apple, "apple"}}); }

struct Row {
  std::string name;
  double weight = 1;
  static void describe(auto& field) {
    field(&Row::name, "name", any(), "what it is");
    field(&Row::weight, "weight", positive().in("kg"), "how heavy");
  }
};

struct Basket {
  int epochs = 15;
  double rate = 1e-4;
  Fruit fruit = Fruit::apple;
  bool open = false;
  std::vector<double> sizes{1, 2};
  std::vector<Row> rows;
  static void describe(auto& field) {
    field(&Basket::epochs, "epochs", between(1, 1000), "passes over the data");
    field(&Basket::rate, "rate", positive(), "learning rate");
    field(&Basket::fruit, "fruit", any(), "kind");
    field(&Basket::open, "open", any(), "lid");
    field(&Basket::sizes, "sizes", at_least(0), "sizes");
    field(&Basket::rows, "row", any(), "rows");
  }
};

struct Renamed {
  double fraction = 0;
  static void describe(auto& field) { field(&Renamed::fraction, "fraction", between(0, 1), "of lenses", "share"); }
};

std::string hint_of(const auto& action, std::string* what = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (what) *what = error.what();
    return error.hint();
  }
  return "no error";
}

TEST(Fields, AreReadUnderTheirFormerNameAndWrittenUnderTheirPresentOne) {
  Renamed read;
  read_fields(parse_toml("share = 0.25", "t"), read, "t");
  EXPECT_EQ(read.fraction, .25);
  set_field(read, "share=0.5");
  EXPECT_EQ(to_json(write_fields(read), -1), R"({"fraction":0.5})");
  std::string what;
  hint_of([&] { read_fields(parse_toml("share = 0.25\nfraction = 0.5", "t"), read, "t"); }, &what);
  EXPECT_THAT(what, HasSubstr("`share`"));
  EXPECT_THAT(what, HasSubstr("the old name of `fraction`, which is given too"));
}

TEST(Fields, AreReadFromTomlAndKeepDefaults) {
  Basket basket;
  read_fields(parse_toml("epochs = 3\nfruit = 'pear'\nsizes = [4, 5.5]\n[[row]]\nname = 'a'\n[[row]]\nname = 'b'\nweight = 2", "t"), basket,
              "t.toml");
  EXPECT_EQ(basket.epochs, 3);
  EXPECT_EQ(basket.rate, 1e-4);
  EXPECT_EQ(basket.fruit, Fruit::pear);
  EXPECT_EQ(basket.sizes, (std::vector<double>{4, 5.5}));
  ASSERT_EQ(basket.rows.size(), 2u);
  EXPECT_EQ(basket.rows[1].weight, 2);
}

TEST(Fields, WhatIsWrittenReadsBack) {
  Basket basket{.epochs = 7, .rate = .1234567890123, .fruit = Fruit::pear, .open = true, .sizes = {}, .rows = {{"x", 3}}};
  Basket again;
  read_fields(parse_toml(to_toml(write_fields(basket)), "t"), again, "t");
  EXPECT_EQ(write_fields(again), write_fields(basket));
}

TEST(Fields, AnUnknownKeyNamesTheNearest) {
  Basket basket;
  EXPECT_THAT(hint_of([&] { set_field(basket, "epoch=1"); }), HasSubstr("`epochs`"));
  std::string what;
  EXPECT_THAT(hint_of([&] { read_fields(parse_toml("epocs = 1", "t"), basket, "my.toml"); }, &what), HasSubstr("`epochs`"));
  EXPECT_THAT(what, HasSubstr("my.toml"));
}

TEST(Fields, AValueOutOfRangeOrOfTheWrongKindIsRefused) {
  Basket basket;
  std::string what;
  EXPECT_THAT(hint_of([&] { set_field(basket, "epochs=0"); }, &what), HasSubstr("1 to 1000"));
  EXPECT_THAT(what, HasSubstr("epochs"));
  EXPECT_NE(hint_of([&] { set_field(basket, "rate=0"); }), "no error");
  EXPECT_NE(hint_of([&] { set_field(basket, "rate=nan"); }), "no error");
  EXPECT_NE(hint_of([&] { set_field(basket, "epochs=2.5"); }), "no error");
  EXPECT_NE(hint_of([&] { set_field(basket, "epochs=many"); }), "no error");
  EXPECT_THAT(hint_of([&] { set_field(basket, "fruit=paer"); }), HasSubstr("`pear`"));
}

TEST(Fields, SetTakesTextWithAndWithoutQuotes) {
  Basket basket;
  set_field(basket, "fruit = pear");
  EXPECT_EQ(basket.fruit, Fruit::pear);
  set_field(basket, "fruit=\"apple\"");
  EXPECT_EQ(basket.fruit, Fruit::apple);
  set_field(basket, "sizes=[7]");
  EXPECT_EQ(basket.sizes, std::vector<double>{7});
}

TEST(Fields, HelpShowsNameDefaultRangeAndMeaning) {
  const std::string help = fields_help(list_fields<Basket>());
  EXPECT_THAT(help, HasSubstr("rate = 0.0001"));
  EXPECT_THAT(help, HasSubstr("learning rate (> 0)"));
  EXPECT_THAT(fields_markdown(list_fields<Basket>()), HasSubstr("pear \\| apple"));
}

struct Parcel {
  std::optional<double> weight;
  std::optional<Fruit> fruit;
  std::filesystem::path file;
  std::int64_t number = 0;
  static void describe(auto& field) {
    field(&Parcel::weight, "weight", positive(), "how heavy");
    field(&Parcel::fruit, "fruit", any(), "what is in it");
    field(&Parcel::file, "file", any(), "where it is said");
    field(&Parcel::number, "number", any(), "which");
  }
};

TEST(Fields, AnOptionalWithoutAValueIsWrittenNowhere) {
  EXPECT_EQ(to_json(write_fields(Parcel{.file = "a/b"}), -1), R"({"file":"a/b","number":0})");
  Parcel parcel;
  read_fields(parse_toml("weight = 2\nfruit = 'pear'\nfile = 'c'", "t"), parcel, "t");
  EXPECT_EQ(parcel.weight, 2);
  EXPECT_EQ(parcel.fruit, Fruit::pear);
  EXPECT_EQ(parcel.file, "c");
  EXPECT_EQ(to_json(write_fields(parcel), -1), R"({"weight":2.0,"fruit":"pear","file":"c","number":0})");
  EXPECT_NE(hint_of([&] { set_field(parcel, "weight=0"); }), "no error");
}

struct Kinds {
  bool integer = false;
  static void describe(auto& field) { field(&Kinds::integer, "integer", any(), "whether it is one"); }
};

TEST(Fields, AWrongKindIsNamedWithFileAndKeyWhateverTheErrorSays) {
  Kinds kinds;
  std::string what;
  hint_of([&] { read_fields(parse_toml("integer = 1", "t"), kinds, "kinds.toml"); }, &what);
  EXPECT_THAT(what, HasSubstr("kinds.toml: `integer`: "));
}

TEST(Range, SaysAndHoldsItsEnds) {
  EXPECT_EQ(inside(0, 1).text(), "between 0 and 1");
  EXPECT_EQ(between(0, 1).text(), "0 to 1");
  EXPECT_EQ((Range{.min = 0, .max = 1, .below_max = true}.text()), "0 to below 1");
  for (const double end : {0., 1.}) {
    EXPECT_FALSE(inside(0, 1).holds(end));
    EXPECT_TRUE(between(0, 1).holds(end));
  }
  EXPECT_TRUE(inside(0, 1).holds(.5));
}

TEST(EnumNames, BindByTableAndNotByOrder) {
  EXPECT_STREQ(name_of(Fruit::apple), "apple");
  EXPECT_STREQ(name_of(static_cast<Fruit>(7)), "");
  EXPECT_EQ(value_named<Fruit>("pear"), Fruit::pear);
  EXPECT_EQ(find_named<Fruit>("plum"), std::nullopt);
  EXPECT_THAT(all_names<Fruit>(), ::testing::ElementsAre("pear", "apple"));
  std::string what;
  EXPECT_THAT(hint_of([] { value_named<Fruit>("appel"); }, &what), HasSubstr("`apple`"));
  EXPECT_THAT(what, HasSubstr("`appel` is none of pear | apple"));
}

}  // namespace
}  // namespace lensfind::base
