#include "lensfind/sky/table.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "lensfind/base/error.h"

namespace lensfind::sky {
namespace {

using testing::ElementsAre;
namespace fs = std::filesystem;
using Fields = std::vector<std::string>;

class Table : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path{testing::TempDir()} / (std::string{"lensfind-table-"} + testing::UnitTest::GetInstance()->current_test_info()->name());
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

TEST_F(Table, WithoutParquetTheHintSaysHowToHaveIt) {
  if (has_parquet()) GTEST_SKIP() << "built with Parquet";
  try {
    open_table(folder_ / "t.parquet");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.hint(), testing::HasSubstr("LENSFIND_PARQUET=1 scripts/setup"));
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

TEST_F(Table, DamagedFilesAreErrors) {
  for (const char* name : {"t.fits", "t.csv", "t.parquet"}) {
    std::ofstream{folder_ / name};
    EXPECT_THROW(open_table(folder_ / name), Error) << name;
    EXPECT_THROW(open_table(folder_ / "none" / name), Error) << name;
  }
}

}  // namespace
}  // namespace lensfind::sky
