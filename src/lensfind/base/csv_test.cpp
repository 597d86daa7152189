#include "lensfind/base/csv.h"

#include <cmath>

#include <gtest/gtest.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind {
namespace {

std::filesystem::path file_of(const std::string& text) {
  const auto path =
      std::filesystem::path{testing::TempDir()} / (std::string{testing::UnitTest::GetInstance()->current_test_info()->name()} + ".csv");
  write_file(path, text);
  return path;
}

std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  CsvReader reader{file_of(text)};
  std::vector<std::vector<std::string>> rows;
  while (reader.next()) {
    rows.emplace_back();
    for (std::size_t i = 0; i < reader.columns().size(); ++i) rows.back().emplace_back(reader[i]);
  }
  return rows;
}

using Rows = std::vector<std::vector<std::string>>;

TEST(Csv, UnderstandsQuotesBreaksAndByteOrderMarks) {
  EXPECT_EQ(rows_of("\xEF\xBB\xBFid,name\r\n1,\"a, b\"\r\n\r\n2,\"say \"\"hi\"\"\nthere\"\n3,\n4,last"),
            (Rows{{"1", "a, b"}, {"2", "say \"hi\"\nthere"}, {"3", ""}, {"4", "last"}}));
}

TEST(Csv, CountsLinesOverQuotedBreaks) {
  CsvReader reader{file_of("a,b\n\"x\ny\",1\n2,3\n")};
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 4);
}

TEST(Csv, KeepsRowsWholeAcrossBlocks) {
  std::string text = "id,value\n";
  for (int i = 0; i < 300000; ++i) text += std::to_string(i) + ",\"v" + std::to_string(i) + "\"\n";
  CsvReader reader{file_of(text)};
  int count = 0;
  for (; reader.next(); ++count) {
    ASSERT_EQ(reader[0], std::to_string(count));
    ASSERT_EQ(reader[1], "v" + std::to_string(count));
  }
  EXPECT_EQ(count, 300000);
  EXPECT_EQ(reader.line(), 300002);
}

TEST(Csv, RefusesWhatIsNoTable) {
  EXPECT_THROW(CsvReader{file_of("")}, Error);
  EXPECT_THROW(CsvReader{file_of("a,a\n1,2\n")}, Error);
  EXPECT_THROW(CsvReader{"/nowhere/at/all.csv"}, Error);
  EXPECT_THROW(CsvReader{"/tmp"}, Error);
  EXPECT_THROW(rows_of("a,b\n1,2,3\n"), Error);
  EXPECT_THROW(rows_of("a,b\n1\n"), Error);
  EXPECT_THROW(rows_of("a,b\n\"1,2\n3,4\n"), Error);
  EXPECT_THROW(rows_of("a,b\n\"1\"x,2\n"), Error);
}

TEST(Csv, NamesTheLineOfAnError) {
  try {
    rows_of("a,b\n1,2\n1\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string{error.what()}.find("line 3: 1 fields, but the header names 2"), std::string::npos) << error.what();
  }
}

TEST(Csv, ReadsNumbersWholeOrNotAtAll) {
  EXPECT_EQ(parse_number(" -1.5e3 "), -1500);
  EXPECT_EQ(parse_number("+2"), 2);
  EXPECT_TRUE(std::isnan(*parse_number("nan")));
  EXPECT_TRUE(std::isinf(*parse_number("-inf")));
  for (const char* text : {"", " ", "1.5x", "1 2", "--1", "+-1", "0x10", "one"}) EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
  EXPECT_FALSE(parse_integer("9223372036854775808"));
  EXPECT_FALSE(parse_integer("1.0"));
}

TEST(Csv, WritesFieldsThatReadBack) {
  for (const std::string text : {"plain", "a,b", "say \"hi\"", "two\nlines", ""})
    EXPECT_EQ(rows_of("x,y\n" + csv_field(text) + ",1\n").at(0).at(0), text);
}

}  // namespace
}  // namespace lensfind
