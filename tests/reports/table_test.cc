// Proves the layout of tables: columns line up whatever is in them, colour takes no room, and no
// line ends in spaces.
#include "reports/table.h"

#include <gtest/gtest.h>

namespace wt::reports {
namespace {

TEST(TableTest, LinesUpColumns) {
  Table table({{"scenario"}, {"runs", Align::kRight}, {"note"}});
  table.AddRow({{"torn-tail"}, {"1,000"}, {"← x"}});
  table.AddRow({{"kill"}, {"7"}, {""}});
  EXPECT_EQ(table.ToString({}),
            "scenario    runs  note\n"
            "torn-tail  1,000  ← x\n"
            "kill           7\n");
}

TEST(TableTest, AColumnLeftEmptyKeepsItsRoom) {
  Table table({{"a"}, {"b", Align::kRight}, {"c"}});
  table.AddRow({{"1"}, {""}, {"3"}});
  table.AddRow({{""}, {"22"}, {"3"}});
  EXPECT_EQ(table.ToString({}),
            "a   b  c\n"
            "1      3\n"
            "   22  3\n");
}

TEST(TableTest, ALongCellSticksOut) {
  Table table({{"what", Align::kLeft, 4}, {"note"}});
  table.AddRow({{"abcdefgh"}, {"x"}});
  table.AddRow({{"ab"}, {"y"}});
  EXPECT_EQ(table.ToString({}),
            "what  note\n"
            "abcdefgh  x\n"
            "ab    y\n");
}

TEST(TableTest, ColourTakesNoRoom) {
  Table table({{"a"}, {"b"}});
  table.AddRow({{"red", Ink::kRed}, {"x"}});
  table.AddRow({{"plain"}, {"y"}});
  std::string text = table.ToString({.colour = true});
  EXPECT_NE(text.find("\x1b[31mred\x1b[0m    x"), std::string::npos) << text;
}

}  // namespace
}  // namespace wt::reports
