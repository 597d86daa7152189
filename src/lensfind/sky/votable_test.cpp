#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/sky/catalogue.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Fields = std::vector<std::string>;

constexpr const char* fields =
    R"(<FIELD ID="Name" arraysize="4" datatype="unicodeChar" name="Name"/>
   <FIELD ID="objectId" datatype="long" name="objectId"/>
   <FIELD ID="_RAJ2000" datatype="double" name="_RAJ2000" unit="deg"/>
   <FIELD ID="_DEJ2000" datatype="double" name="_DEJ2000" unit="deg"/>
   <FIELD ID="mag" datatype="float" name="mag"/>
   <FIELD ID="n" datatype="short" name="n"><VALUES null="-99"/></FIELD>
   <FIELD ID="good" datatype="bit" name="good"/>
   <FIELD ID="flux" arraysize="2" datatype="float" name="flux"/>)";

constexpr const char* cells =
    R"(<TABLEDATA><TR><TD>SL 1</TD><TD>9007199254740993</TD><TD>10.5</TD><TD>-1.5</TD><TD>20.1</TD><TD>1</TD><TD>1</TD><TD>0 1</TD></TR>
     <TR><TD>été</TD><TD>-5</TD><TD> 20.25
 </TD><TD>2.5</TD><TD/><TD>2</TD><TD>0</TD><TD>2 3</TD></TR>
     <TR><TD/><TD>0x7</TD><TD>359.75</TD><TD>89</TD><TD>22.5</TD><TD>-99</TD><TD>1</TD><TD>4 5</TD></TR></TABLEDATA>)";

// Of the same table by astropy.io.votable 8.0.2.
constexpr const char* binary =
    R"(<BINARY><STREAM encoding="base64">AFMATAAgADEAIAAAAAAAAUAlAAAAAAAAv/gAAAAAAABBoMzNAAEIAAAAAD+AAAAA6QB0AOkAAP/////////7QDRAAAAAAABABAAAAAAAAH/AAAAAAgBA
AAAAQEAAAAAAAAAAAAAAAAAAAAAAAAdAdnwAAAAAAEBWQAAAAAAAQbQAAP+dCECAAABAoAAA</STREAM></BINARY>)";
constexpr const char* binary2 =
    R"(<BINARY2><STREAM encoding="base64">AABTAEwAIAAxACAAAAAAAAFAJQAAAAAAAL/4AAAAAAAAQaDMzQABCAAAAAA/gAAACADpAHQA6QAA//////////tANEAAAAAAAEAEAAAAAAAAAAAAAAACAEAA
AABAQAAABAAAAAAAAAAAAAAAAAAAAAdAdnwAAAAAAEBWQAAAAAAAQbQAAP/9CECAAABAoAAA</STREAM></BINARY2>)";

std::string document(const std::string& tables, const std::string& before = "") {
  return fmt::format(
      R"(<?xml version="1.0" encoding="utf-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE>{}{}</RESOURCE></VOTABLE>)",
      before, tables);
}
std::string table_of(const std::string& head, const std::string& data) {
  return fmt::format(R"(<TABLE name="t">{}<DATA>{}</DATA></TABLE>)", head, data);
}

class Votable : public ::testing::Test {
 protected:
  static fs::path file_of(const std::string& text) {
    const fs::path path = fs::path{::testing::TempDir()} /
                          (std::string{"lensfind-votable-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".xml");
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  static std::vector<Fields> rows_of(const std::string& text) {
    const auto table = open_table(file_of(text));
    std::vector<Fields> rows{table->columns()};
    Fields row;
    while (table->next(row)) rows.push_back(row);
    return rows;
  }
  static std::string error_of(const std::string& text) {
    try {
      rows_of(text);
    } catch (const Error& error) {
      EXPECT_FALSE(error.hint().empty());
      return error.what();
    }
    return "no error";
  }
};

TEST_F(Votable, EverySerialisationGivesTheSameRows) {
  for (const char* data : {cells, binary, binary2}) {
    EXPECT_THAT(rows_of(document(table_of(fields, data))),
                ElementsAre(Fields{"Name", "objectId", "_RAJ2000", "_DEJ2000", "mag", "n", "good"},
                            Fields{"SL 1", "9007199254740993", "10.5", "-1.5", "20.1", "1", "1"},
                            Fields{"été", "-5", "20.25", "2.5", "", "2", "0"}, Fields{"", "7", "359.75", "89", "22.5", "", "1"}))
        << data;
  }
}

TEST_F(Votable, ColumnsOfSeveralValuesAreNamed) {
  EXPECT_THAT(open_table(file_of(document(table_of(fields, cells))))->notes(), ElementsAre(HasSubstr("left out: flux")));
}

TEST_F(Votable, TheTableWithPositionsIsTakenElseTheFirst) {
  const std::string other = table_of(R"(<FIELD name="a" datatype="int"/>)", "<TABLEDATA><TR><TD>1</TD></TR></TABLEDATA>");
  const std::string two = document(other + table_of(fields, binary2));
  EXPECT_THAT(rows_of(two), ElementsAre(Fields{"a"}, Fields{"1"}));
  Catalogue catalogue{file_of(two)};
  EXPECT_EQ(catalogue.next()->id, "9007199254740993");
  EXPECT_THAT(catalogue.notes(), ::testing::Contains(HasSubstr("the table is number 2 (t)")));
  const auto first = open_table(file_of(two), [](const ColumnHeads&) { return false; });
  EXPECT_THAT(first->columns(), ElementsAre("a"));
}

// SkyCoord("15d", "-5d", frame=FK4()).icrs of astropy 8.
TEST_F(Votable, SystemsOfCoordinatesAreHonouredOrRefusedByName) {
  const auto with = [](const std::string& system) {
    return document(
        table_of(R"(<FIELD name="ra" datatype="double" unit="deg" ref="s"/><FIELD name="dec" datatype="double" unit="deg" ref="s"/>)",
                 "<TABLEDATA><TR><TD>15</TD><TD>-5</TD></TR></TABLEDATA>"),
        "<COOSYS ID=\"s\" " + system + "/>");
  };
  EXPECT_EQ(Catalogue{file_of(with(R"(system="ICRS")"))}.next()->position->ra_deg, 15);
  Catalogue fk4{file_of(with(R"(system="eq_FK4" equinox="B1950")"))};
  EXPECT_LT(separation_arcsec(*fk4.next()->position, {15.634395905683991, -4.731468438737805}), .005);
  EXPECT_THAT(fk4.columns(), ElementsAre("catalogue_ra", "catalogue_dec", "ra", "dec"));
  EXPECT_THROW(Catalogue{file_of(with(R"(system="geo_app")"))}, Error);
}

TEST_F(Votable, TextsOfAnyLengthAreReadFromBinary) {
  // Two rows of a long and a char*: (1, "ab"), (2, ""), by Python's struct and base64.
  EXPECT_THAT(rows_of(document(table_of(R"(<FIELD name="id" datatype="long"/><FIELD name="t" datatype="char" arraysize="*"/>)",
                                        R"(<BINARY><STREAM encoding="base64">AAAAAAAAAAEAAAACYWIAAAAAAAAAAgAAAAA=</STREAM></BINARY>)"))),
              ElementsAre(Fields{"id", "t"}, Fields{"1", "ab"}, Fields{"2", ""}));
}

TEST_F(Votable, WhatCannotBeReadIsRefusedByName) {
  EXPECT_THAT(error_of(document(table_of(fields, "<FITS><STREAM href=\"x.fits\"/></FITS>"))), HasSubstr("FITS file inside"));
  EXPECT_THAT(error_of(document(table_of(fields, "<BINARY><STREAM href=\"x.bin\"/></BINARY>"))), HasSubstr("another file"));
  EXPECT_THAT(error_of(document(table_of(fields, "<BINARY><STREAM encoding=\"gzip\"/></BINARY>"))), HasSubstr("`gzip`"));
  EXPECT_THAT(error_of(document("")), HasSubstr("no table"));
  EXPECT_THAT(error_of("<?xml version=\"1.0\"?><html><body>Error 500</body></html>"), HasSubstr("no table"));
  const std::string whole = document(table_of(fields, cells));
  EXPECT_THAT(error_of(whole.substr(0, whole.size() - 200)), HasSubstr("no whole VOTable"));
  EXPECT_THAT(error_of(document(table_of(fields, std::string{binary}.replace(60, 4, "")))), HasSubstr("ends amid a row"));
  EXPECT_THAT(error_of(document(table_of(R"(<FIELD name="x" datatype="quaternion"/>)", binary))), HasSubstr("`quaternion`"));
}

TEST_F(Votable, EntitiesDoNotExplode) {
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE v [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaa\">";
  for (char letter = 'b'; letter <= 'n'; ++letter) {
    bomb += fmt::format("<!ENTITY {} \"", letter);
    for (int i = 0; i < 10; ++i) bomb += fmt::format("&{};", static_cast<char>(letter - 1));
    bomb += "\">";
  }
  bomb += "]><VOTABLE><RESOURCE>" + table_of(fields, "<TABLEDATA><TR><TD>&n;</TD></TR></TABLEDATA>") + "</RESOURCE></VOTABLE>";
  EXPECT_NE(error_of(bomb), "");  // it comes back at once, whatever it says
}

}  // namespace
}  // namespace lensfind::sky
