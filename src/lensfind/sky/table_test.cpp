#include "lensfind/sky/table.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"
#include "lensfind/sky/catalogue.h"

namespace lensfind::sky {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;
using Fields = std::vector<std::string>;

class Table : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path{::testing::TempDir()} / (std::string{"lensfind-table-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::vector<Fields> rows_of(const fs::path& path) {
    const auto table = open_table(path);
    std::vector<Fields> rows{table->columns()};
    Fields fields;
    while (table->next(fields)) rows.push_back(fields);
    return rows;
  }
  /// A FITS file of an empty first HDU and a table.
  void write_table(const std::vector<std::string>& cards, const std::string& data) const {
    const auto header = [](const std::vector<std::string>& lines) {
      std::string text;
      for (const std::string& line : lines) text += fmt::format("{:<80}", line);
      return fmt::format("{:<2880}", text + "END");
    };
    std::ofstream{folder_ / "t.fits"} << header({"SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "EXTEND  = T"}) << header(cards)
                                      << fmt::format("{:<2880}", data);
  }
  void round_trip(const fs::path& path) const {
    const std::vector<Fields> rows{{"id", "big", "logit", "mag", "name", "gap"},
                                   {"9223372036854775807", "18446744073709551615", "0.1", "21.25", "a, \"b\"", "7"},
                                   {"-9007199254740993", "0", "-3e-08", "-1e300", "\xc3\xa9toile", ""},
                                   {"0", "1", "5", "", "", "-2"}};
    ColumnKinds kinds{rows[0]};
    for (std::size_t i = 1; i < rows.size(); ++i) kinds.add(rows[i]);
    std::vector<TableColumn> columns = kinds.columns();
    columns[2].kind = ColumnKind::single_real;
    const auto writer = create_table(path, columns, 3);
    for (std::size_t i = 1; i < rows.size(); ++i) writer->add(rows[i]);
    EXPECT_FALSE(fs::exists(path));
    writer->commit();
    const auto read = rows_of(path);
    ASSERT_EQ(read.size(), 4u);
    EXPECT_EQ(read[0], rows[0]);
    EXPECT_EQ(read[1], rows[1]);
    EXPECT_THAT(read[2], ElementsAre(rows[2][0], "0", "-3e-08", "-1e+300", rows[2][4], ""));
    EXPECT_EQ(read[3], rows[3]);
  }

  fs::path folder_;
};

TEST_F(Table, ColumnsTakeTheKindThatHoldsTheirValuesExactly) {
  ColumnKinds kinds{{"whole", "unsigned", "real", "zeros", "huge", "text", "empty", "gap and unsigned"}};
  kinds.add(Fields{"-5", "18446744073709551615", "1", "007", "123456789012345678901", "12a", "", "18446744073709551615"});
  kinds.add(Fields{"", "3", "2.5e3", "8", "1", "3", "", ""});
  std::vector<ColumnKind> found;
  for (const TableColumn& column : kinds.columns()) found.push_back(column.kind);
  EXPECT_THAT(found, ElementsAre(ColumnKind::whole, ColumnKind::unsigned_whole, ColumnKind::real, ColumnKind::text, ColumnKind::text,
                                 ColumnKind::text, ColumnKind::real, ColumnKind::text));
}

TEST_F(Table, FitsKeepsEveryValue) { round_trip(folder_ / "t.fits"); }

TEST_F(Table, ParquetKeepsEveryValue) {
  if (!has_parquet()) GTEST_SKIP() << "built without Parquet";
  round_trip(folder_ / "t.parquet");
}

TEST_F(Table, SaysOfItselfWhatItWasTold) {
  std::string text = "{'a': [";  // quotes, and far longer than a card
  for (int i = 0; i < 100; ++i) text += fmt::format("\"it's {}\", ", i);
  text += "0]}";
  std::vector<fs::path> paths{folder_ / "t.fits"};
  if (has_parquet()) paths.push_back(folder_ / "t.parquet");
  for (const fs::path& path : paths) {
    const auto writer = create_table(path, {{"id", ColumnKind::whole}}, 1, {{"PREVAL", 1e-5, "fraction of lenses"}, {"LENSRUN", text}});
    writer->add(Fields{"7"});
    writer->commit();
    const auto table = open_table(path);
    EXPECT_DOUBLE_EQ(std::stod(table->fact("PREVAL").value()), 1e-5);
    EXPECT_EQ(table->fact("LENSRUN"), text);
    EXPECT_FALSE(table->fact("NOTHING"));
    EXPECT_THAT(rows_of(path), ElementsAre(Fields{"id"}, Fields{"7"}));
  }
}

TEST_F(Table, ParquetsKindsOfColumnsAreRead) {
  if (!has_parquet()) GTEST_SKIP() << "built without Parquet";
  const fs::path path = fs::path{LENSFIND_SOURCE_DIR} / "tests" / "reference" / "parquet_kinds.parquet";  // parquet_kinds.py made it
  EXPECT_THAT(rows_of(path),
              ElementsAre(Fields{"objectId", "unsigned", "small", "name", "large", "view", "bytes", "fixed", "decimal", "half", "single",
                                 "truth", "day", "sky.ra", "sky.dec"},
                          Fields{"9007199254740993", "18446744073709551615", "-7", "a, b", "x", "0012", "SL 1", "ab", "4848.10", "1.5",
                                 "20.1", "1", "2026-01-02", "0.5", "-0.25"},
                          Fields{"-5", "", "8", "\xc3\x85ngstr\xc3\xb6m", "", "12E4", "00ff", "cdef", "-0.05", "-2", "", "0", "", "", ""}));
  EXPECT_THAT(open_table(path)->notes(), ElementsAre(::testing::HasSubstr("left out: flux")));
  Catalogue catalogue{path};
  const auto object = catalogue.next();
  EXPECT_EQ(object->id, "9007199254740993");
  EXPECT_NEAR(object->position->ra_deg, 28.64788975654116, 1e-12);  // .5 rad
  EXPECT_EQ(open_table(path)->heads()[10].unit, "mag");
}

TEST_F(Table, TheHintSaysHowToHaveParquetWhereItIsNotBuiltIn) {
  try {
    open_table(folder_ / "t.parquet");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.hint().find("LENSFIND_PARQUET=1 scripts/setup") == std::string::npos, has_parquet()) << error.hint();
  }
}

TEST_F(Table, AWriterThatWasPromisedMoreRowsLeavesNothing) {
  {
    const auto writer = create_table(folder_ / "t.fits", {{"id", ColumnKind::whole}}, 2);
    writer->add(Fields{"1"});
    EXPECT_THROW(writer->commit(), Error);
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Table, TextOfAnAsciiTableIsReadWhole) {
  write_table(
      {"XTENSION= 'TABLE   '", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 12", "NAXIS2  = 2", "PCOUNT  = 0", "GCOUNT  = 1", "TFIELDS = 2",
       "TTYPE1  = 'ID      '", "TFORM1  = 'A9      '", "TBCOL1  = 1", "TTYPE2  = 'N       '", "TFORM2  = 'I3      '", "TBCOL2  = 10"},
      "object-01 12object-02345");
  EXPECT_THAT(rows_of(folder_ / "t.fits"), ElementsAre(Fields{"ID", "N"}, Fields{"object-01", "12"}, Fields{"object-02", "345"}));
}

TEST_F(Table, ColumnsOfSeveralTextsARowAreLeftOut) {
  write_table({"XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 7", "NAXIS2  = 2", "PCOUNT  = 0", "GCOUNT  = 1",
               "TFIELDS = 2", "TTYPE1  = 'ID      '", "TFORM1  = '3A      '", "TTYPE2  = 'PAIR    '", "TFORM2  = '4A2     '"},
              "o-1aabbo-2ccdd");
  EXPECT_THAT(rows_of(folder_ / "t.fits"), ElementsAre(Fields{"ID"}, Fields{"o-1"}, Fields{"o-2"}));
}

TEST_F(Table, NamesAndIdsStayLetterByLetter) {
  ColumnKinds kinds{{"id", "objectId", "tract_id", "Name", "mag"}};
  kinds.add(Fields{"4848.10", "12E4", "nan", "1.50", "20.10"});
  kinds.add(Fields{"4848.1", "7", "3", "2", "12E4"});
  std::vector<ColumnKind> found;
  for (const TableColumn& column : kinds.columns()) found.push_back(column.kind);
  EXPECT_THAT(found, ElementsAre(ColumnKind::text, ColumnKind::text, ColumnKind::text, ColumnKind::text, ColumnKind::real));
  for (const char* text : {"007", "+5", "-0", " 7", "1e3", "12345678901234567890123", "inf"}) {
    ColumnKinds one{{"id"}};
    one.add(Fields{text});
    EXPECT_EQ(one.columns()[0].kind, ColumnKind::text) << text;
  }
  ColumnKinds whole{{"id"}};
  whole.add(Fields{"-7"});
  EXPECT_EQ(whole.columns()[0].kind, ColumnKind::whole);
}

// As SExtractor writes FITS_LDAC: a table of the image's header cards, then the objects.
TEST_F(Table, TheTableWithPositionsIsTakenFromAFileOfSeveral) {
  const auto cards = [](const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += fmt::format("{:<80}", line);
    return fmt::format("{:<2880}", text + "END");
  };
  const std::string first = cards({"SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 0", "EXTEND  = T"});
  const std::string head =
      cards({"XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 80", "NAXIS2  = 1", "PCOUNT  = 0", "GCOUNT  = 1",
             "TFIELDS = 1", "EXTNAME = 'LDAC_IMHEAD'", "TTYPE1  = 'Field Header Card'", "TFORM1  = '80A     '"}) +
      fmt::format("{:<2880}", "SIMPLE  = T");
  const std::string objects = cards({"XTENSION= 'TABLE   '", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 12", "NAXIS2  = 2", "PCOUNT  = 0",
                                     "GCOUNT  = 1", "TFIELDS = 3", "EXTNAME = 'LDAC_OBJECTS'", "TTYPE1  = 'NUMBER  '",
                                     "TFORM1  = 'I4      '", "TBCOL1  = 1", "TTYPE2  = 'ALPHA_J2000'", "TFORM2  = 'F4.1    '",
                                     "TBCOL2  = 5", "TTYPE3  = 'DELTA_J2000'", "TFORM3  = 'F4.1    '", "TBCOL3  = 9"}) +
                              fmt::format("{:<2880}", "  1210.5-5.5  13 9.5 1.5");
  std::ofstream{folder_ / "ldac.fits"} << first << head << objects;
  Catalogue catalogue{folder_ / "ldac.fits"};
  EXPECT_THAT(catalogue.notes(), ::testing::Contains(::testing::HasSubstr("HDU 3 (LDAC_OBJECTS)")));
  const auto object = catalogue.next();
  EXPECT_EQ(object->id, "12");
  EXPECT_EQ(object->position->ra_deg, 10.5);
  EXPECT_EQ(catalogue.next()->id, "13");
  EXPECT_THAT(open_table(folder_ / "ldac.fits")->columns(), ElementsAre("Field Header Card"));
}

TEST_F(Table, RowsOfFiftyMegabytesAreReadWithinABudget) {
  write_table({"XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 50000004", "NAXIS2  = 4000", "PCOUNT  = 0", "GCOUNT  = 1",
               "TFIELDS = 2", "TTYPE1  = 'ID      '", "TFORM1  = '4A      '", "TTYPE2  = 'BLOB    '", "TFORM2  = '50000000A'"},
              "");
  fs::resize_file(folder_ / "t.fits", 2880 * 2 + 4000LL * 50000004 + 2880);  // a hole, which costs no disk
  const auto table = open_table(folder_ / "t.fits");
  EXPECT_THAT(table->columns(), ElementsAre("ID"));
  EXPECT_THAT(table->notes(), ElementsAre(::testing::HasSubstr("left out: BLOB")));
}

TEST_F(Table, UnitsAndTruthValuesOfFitsAreRead) {
  write_table({"XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 9", "NAXIS2  = 1", "PCOUNT  = 0", "GCOUNT  = 1",
               "TFIELDS = 2", "TTYPE1  = 'coord_ra'", "TFORM1  = 'D       '", "TUNIT1  = 'rad     '", "TFORM2  = 'L       '"},
              std::string{"\x3f\xe0\0\0\0\0\0\0T", 9});
  const auto table = open_table(folder_ / "t.fits");
  EXPECT_EQ(table->heads()[0].unit, "rad");
  EXPECT_THAT(rows_of(folder_ / "t.fits"), ElementsAre(Fields{"coord_ra", "column_2"}, Fields{"0.5", "1"}));
}

TEST_F(Table, UnitsOfEcsvAreRead) {
  std::ofstream{folder_ / "t.ecsv"}
      << "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: source_id, datatype: int64}\n# - {name: ra, unit: rad, datatype: float64, "
         "description: 'a, b'}\n# -\n#   name: dec\n#   unit: rad\n#   datatype: float64\n# meta: !!omap\n# - {unit: x}\n# schema: "
         "astropy-2.0\n"
         "source_id ra dec\n9007199254740993 0.5 -0.25\n";
  Catalogue catalogue{folder_ / "t.ecsv"};
  const auto object = catalogue.next();
  EXPECT_EQ(object->id, "9007199254740993");
  EXPECT_NEAR(object->position->ra_deg, 28.64788975654116, 1e-12);
  EXPECT_NEAR(object->position->dec_deg, -14.32394487827058, 1e-12);
  EXPECT_THAT(catalogue.columns(), ElementsAre("source_id", "catalogue_ra", "catalogue_dec", "ra", "dec"));
}

TEST_F(Table, IpacTablesAreReadByTheirBars) {
  std::ofstream{folder_ / "t.tbl"}
      << "\\fixlen = T\n\\ made by IRSA\n| designation       | ra        | dec     |\n| char              | double    | double  |\n"
         "|                   | deg       | deg     |\n| null              | null      | null    |\n"
         "  10000 000+0 b      150.125     2.5      \n  x                  null       -1.0     \n";
  EXPECT_THAT(rows_of(folder_ / "t.tbl"),
              ElementsAre(Fields{"designation", "ra", "dec"}, Fields{"10000 000+0 b", "150.125", "2.5"}, Fields{"x", "", "-1.0"}));
  EXPECT_EQ(open_table(folder_ / "t.tbl")->heads()[1].unit, "deg");
}

TEST_F(Table, FormatsAreKnownByTheirContent) {
  round_trip(folder_ / "t.FITS");
  fs::rename(folder_ / "t.FITS", folder_ / "t.dat");
  EXPECT_EQ(format_of_file(folder_ / "t.dat"), TableFormat::fits);
  EXPECT_EQ(rows_of(folder_ / "t.dat").size(), 4u);
}

TEST_F(Table, DamagedFilesAreErrors) {
  for (const char* name : {"t.fits", "t.csv", "t.parquet"}) {
    std::ofstream{folder_ / name}.close();
    EXPECT_THROW(open_table(folder_ / name), Error) << name;
    EXPECT_THROW(open_table(folder_ / "none" / name), Error) << name;
  }
}

}  // namespace
}  // namespace lensfind::sky
