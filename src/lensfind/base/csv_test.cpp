#include "lensfind/base/csv.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::base {
namespace {

std::filesystem::path file_of(const std::string& text) {
  const auto path =
      std::filesystem::path{::testing::TempDir()} / (std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()} + ".csv");
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
  EXPECT_EQ(parse_number("1.5D+02"), 150);
  EXPECT_EQ(parse_number("-2d-1"), -.2);
  EXPECT_EQ(parse_number("4.9e-324"), 4.9e-324);
  EXPECT_EQ(parse_number("1e-310"), 1e-310);
  EXPECT_EQ(parse_number("1e-400"), 0);
  EXPECT_EQ(parse_number("-1e400"), -std::numeric_limits<double>::infinity());
  for (const char* text : {"", " ", "1.5x", "1 2", "--1", "+-1", "0x10", "one", "1D", "1D+", "12D4E5", "D4"})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
  EXPECT_FALSE(parse_integer("9223372036854775808"));
  EXPECT_FALSE(parse_integer("1.0"));
}

TEST(Csv, WritesFieldsThatReadBack) {
  for (const std::string text :
       {"plain", "a,b", "say \"hi\"", "two\nlines", "", " 7", "7 ", "#5", "=1+2", "+5", "-0", "-x", "@a", "a;b", "a\tb"})
    EXPECT_EQ(rows_of("x,y\n" + csv_field(text) + ",1\n").at(0).at(0), text);
  EXPECT_EQ(csv_field("-1.5e-3"), "-1.5e-3");
  EXPECT_EQ(csv_field("=HYPERLINK(1)"), "\"=HYPERLINK(1)\"");
}

// What each table says is the same: ids a and b, labels 1 and 0, scores .5 and -2.
TEST(CsvDialects, OfSpreadsheetsAndAstronomersToolsReadAlike) {
  const std::vector<std::pair<const char*, std::string>> tables{
      {"plain", "id,label,score\na,1,.5\nb,0,-2\n"},
      {"no newline at the end", "id,label,score\na,1,.5\nb,0,-2"},
      {"semicolons", "id;label;score\na;1;.5\nb;0;-2\n"},
      {"tabs", "id\tlabel\tscore\na\t1\t.5\nb\t0\t-2\n"},
      {"bars", "id|label|score\na|1|.5\nb|0|-2\n"},
      {"blanks (TOPCAT, astropy's basic)", "id label   score\na     1 .5\n b    0     -2 \n"},
      {"blanks behind commas", "id, label, score\na, 1, .5\nb, 0, -2\n"},
      {"blanks behind the rows' commas, with quotes", "id,label,score\n\"a\", 1, .5\nb, \"0\", -2\n"},
      {"comments before the header", "# made by x\n# on Monday, at noon\nid,label,score\na,1,.5\nb,0,-2\n"},
      {"comments between rows", "id,label,score\na,1,.5\n# half way\nb,0,-2\n# the end\n"},
      {"commented header", "# id,label,score\na,1,.5\nb,0,-2\n"},
      {"commented header below a title, of blanks", "# my scores\n#   id   label score\na   1 .5\nb   0  -2\n"},
      {"CRLF and byte-order mark", "\xEF\xBB\xBFid,label,score\r\na,1,.5\r\nb,0,-2\r\n"},
      {"CR", "id,label,score\ra,1,.5\rb,0,-2\r"},
      {"VizieR's units and rule", "#RESOURCE=yCat\n#Name: x\n\nid\tlabel\tscore\n \t \tmag\n--\t-\t----\na\t1\t.5\nb\t0\t-2\n"},
      {"psql's rule", " id | label | score \n----+-------+-------\n a  | 1     | .5\n b  | 0     | -2\n"},
      {"SExtractor's ASCII_HEAD",
       "#   1 id      Object number\n#   2 label   Class\n#   3 score   The score  [mag]\n   a  1   .5\n   b  0   -2\n"}};
  for (const auto& [name, text] : tables) {
    EXPECT_EQ(CsvReader(text, name).columns(), (std::vector<std::string>{"id", "label", "score"})) << name;
    EXPECT_EQ(rows_of(text), (Rows{{"a", "1", ".5"}, {"b", "0", "-2"}})) << name;
  }
}

TEST(CsvDialects, TheSeparatorIsTheOneThatPartsRowsToo) {
  EXPECT_EQ(CsvReader("name; first,id\nx; y,2\n", "").columns(), (std::vector<std::string>{"name; first", "id"}));
  EXPECT_EQ(CsvReader("id,a;b;c;d\n1,2\n", "").columns(), (std::vector<std::string>{"id", "a;b;c;d"}));
  EXPECT_EQ(CsvReader("path\nmy file.npy\n", "").columns(), (std::vector<std::string>{"path"}));
  EXPECT_EQ(rows_of("path\nmy file.npy\n"), (Rows{{"my file.npy"}}));
}

TEST(CsvDialects, DecimalCommasAreReadWhereNothingElseIsPossible) {
  EXPECT_EQ(rows_of("id;score\na,5;0,53\nb;1,250e3\nc;7\n"), (Rows{{"a,5", "0.53"}, {"b", "1.250e3"}, {"c", "7"}}));
  EXPECT_EQ(rows_of("id;score\na;1,250\nb;2,125\n"), (Rows{{"a", "1,250"}, {"b", "2,125"}}));            // thousands?
  EXPECT_EQ(rows_of("id;score;z\na;1,25;0.5\nb;2;1\n"), (Rows{{"a", "1,25", "0.5"}, {"b", "2", "1"}}));  // points too
  EXPECT_FALSE(parse_number("1,25"));
}

TEST(CsvDialects, UnitsAreKept) {
  EXPECT_EQ(CsvReader("RAJ2000;DEJ2000\ndeg;deg\n---;---\n1;2\n", "").units(), (std::vector<std::string>{"deg", "deg"}));
  EXPECT_EQ(CsvReader("#  1 NUMBER  n\n#  2 ALPHA_SKY  ra  [deg]\n1 2\n", "").units(), (std::vector<std::string>{"", "deg"}));
  EXPECT_TRUE(CsvReader("a,b\n1,2\n", "").units().empty());
}

TEST(CsvDialects, SExtractorsVectorsHaveAColumnEach) {
  EXPECT_EQ(CsvReader("# 1 NUMBER n\n# 2 FLUX_APER f\n# 4 FLAGS x\n 1 2 3 4\n", "").columns(),
            (std::vector<std::string>{"NUMBER", "FLUX_APER", "FLUX_APER_1", "FLAGS"}));
}

TEST(CsvDialects, FieldsKeepTheirBlanksWhereNotEverySeparatorHasOne) {
  EXPECT_EQ(rows_of("path,id\na, 7\nb,8\n"), (Rows{{"a", " 7"}, {"b", "8"}}));
  EXPECT_EQ(rows_of("id,x\n\" 7\", 1\n"), (Rows{{" 7", "1"}}));
}

TEST(CsvDialects, RowsThatWereCommentedOutAreCounted) {
  CsvReader reader{"id,x\na,1\n#b,2\n# a note\nc,3\n", ""};
  while (reader.next()) {
  }
  EXPECT_EQ(reader.commented_rows(), 1);
  EXPECT_EQ(reader.line(), 6);
}

TEST(CsvDialects, QuotesInTheMiddleOfAFieldOpenNothing) {
  EXPECT_EQ(rows_of("id\tnote\na\t5\" wide\nb\tx\n"), (Rows{{"a", "5\" wide"}, {"b", "x"}}));
}

TEST(CsvDialects, Utf16IsRefusedByName) {
  for (const std::string& text : {std::string{"\xFF\xFEi\0d\0", 6}, std::string{"i\0d\0,\0x\0", 8}}) {
    try {
      rows_of(text);
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string{error.what()}.find("UTF-16"), std::string::npos) << error.what();
    }
  }
}

TEST(CsvDialects, GzippedTablesAreUnpackedAndCutOnesRefused) {
  // printf 'id,x\na,1\nb,2\n' | gzip -n
  const std::string packed{
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x4c\xd1\xa9\xe0\x4a\xd4\x31\xe4\x4a\xd2\x31\xe2\x02\x00\xa6\x91\x67\x6d\x0d\x00\x00"
      "\x00",
      33};
  EXPECT_EQ(rows_of(packed), (Rows{{"a", "1"}, {"b", "2"}}));
  EXPECT_THROW(rows_of(packed.substr(0, 22)), Error);
}

TEST(CsvDialects, AMillionColumnsAreReadInTime) {
  std::string names = "c0", row = "0";
  for (int i = 1; i < 1000000; ++i) names += ",c" + std::to_string(i), row += ",0";
  const CsvReader reader{names + "\n" + row + "\n", "wide"};
  EXPECT_EQ(reader.columns().size(), 1000000u);
  EXPECT_THROW(CsvReader(names + ",c7\n" + row + ",0\n", "wide"), Error);
}

TEST(Csv, FindsColumnsInAnyCaseButPrefersTheirOwn) {
  const CsvReader reader{"ID,Label,id,RA\n", ""};
  EXPECT_EQ(reader.find("id"), 2u);
  EXPECT_EQ(reader.find("label"), 1u);
  EXPECT_EQ(reader.column("ra"), 3u);
  EXPECT_FALSE(reader.find("dec"));
}

}  // namespace
}  // namespace lensfind::base
