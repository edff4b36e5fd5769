// A plain table: a heading, columns two spaces apart, no lines, nothing after the last word.
//
//   Table table({{"scenario"}, {"runs", Align::kRight}});
//   table.AddRow({{"torn-tail"}, {"1,000"}});
//   std::string text = table.ToString({.colour = true});
#ifndef WAVETANK_REPORTS_TABLE_H_
#define WAVETANK_REPORTS_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "reports/text.h"

namespace wt::reports {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
  size_t widest = 200;  // longer cells stick out instead of widening the column
};

struct Cell {
  std::string text;
  Ink ink = Ink::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);

  // Requires: as many cells as columns.
  void AddRow(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  // Each line ends with a newline.
  std::string ToString(Look look) const;

 private:
  std::vector<size_t> Widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_TABLE_H_
