#include "reports/table.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace wt::reports {
namespace {

std::string Line(const std::vector<Column>& columns, const std::vector<size_t>& widths,
                 const std::vector<Cell>& cells, Look look) {
  std::string line;
  size_t owed = 0;  // spaces that are written only if something follows
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& text = cells[i].text;
    const size_t width = DisplayWidth(text);
    const size_t padding = width < widths[i] ? widths[i] - width : 0;
    if (columns[i].align == Align::kRight) owed += padding;
    if (!text.empty()) {
      line.append(owed, ' ');
      line += Paint(look, cells[i].ink, text);
      owed = 0;
    } else {
      owed += width;
    }
    if (columns[i].align == Align::kLeft) owed += padding;
    owed += 2;
  }
  return line + "\n";
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  WT_CHECK(!columns_.empty());
}

void Table::AddRow(std::vector<Cell> row) {
  WT_CHECK_EQ(row.size(), columns_.size());
  rows_.push_back(std::move(row));
}

std::vector<size_t> Table::Widths() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) {
      width = std::max(width, std::min(DisplayWidth(row[i].text), columns_[i].widest));
    }
    widths.push_back(width);
  }
  return widths;
}

std::string Table::ToString(Look look) const {
  const std::vector<size_t> widths = Widths();
  std::vector<Cell> heading;
  for (const Column& column : columns_) heading.push_back({column.title, Ink::kDim});
  std::string text = Line(columns_, widths, heading, look);
  for (const auto& row : rows_) text += Line(columns_, widths, row, look);
  return text;
}

}  // namespace wt::reports
