// LogShape against the plain list of terms that it stands for.
#include "replicas/consensus/log_shape.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace wt {
namespace {

struct PlainLog {
  LogEnd base;
  std::vector<Term> terms;  // behind base

  LogIndex last() const { return base.index + terms.size(); }
  std::optional<Term> TermAt(LogIndex index) const {
    if (index == base.index) return base.term;
    if (index < base.index || index > last()) return std::nullopt;
    return terms[index - base.index - 1];
  }
  Term LastTerm() const { return terms.empty() ? base.term : terms.back(); }
};

void AssertEqual(const LogShape& shape, const PlainLog& plain) {
  RC_ASSERT(shape.base() == plain.base);
  RC_ASSERT(shape.last() == plain.last());
  RC_ASSERT(shape.LastTerm() == plain.LastTerm());
  for (uint64_t i = 0; i <= plain.last().value() + 2; ++i) {
    RC_ASSERT(shape.TermAt(LogIndex(i)) == plain.TermAt(LogIndex(i)));
  }
}

void AssertSearches(const LogShape& shape, const PlainLog& plain) {
  const LogIndex index(*rc::gen::inRange<uint64_t>(0, plain.last().value() + 3));
  const Term term(*rc::gen::inRange<uint64_t>(0, plain.LastTerm().value() + 2));
  LogIndex want = plain.base.index;
  for (LogIndex i = plain.base.index + 1; i <= std::min(index, plain.last()); ++i) {
    if (*plain.TermAt(i) <= term) want = i;
  }
  RC_ASSERT(shape.LastAtOrBelow(index, term) == want);
  if (index <= plain.base.index || index > plain.last()) return;
  LogIndex start = index;
  while (start > shape.first() && plain.TermAt(start - 1) == plain.TermAt(index)) start = start - 1;
  RC_ASSERT(shape.StartOfRun(index) == start);
}

RC_GTEST_PROP(LogShapePropertyTest, IsTheListOfItsTerms, ()) {
  LogShape shape;
  PlainLog plain;
  const int steps = *rc::gen::inRange(1, 40);
  for (int i = 0; i < steps; ++i) {
    const int what = *rc::gen::inRange(0, 10);
    if (what < 6) {
      const Term term = plain.LastTerm() + *rc::gen::element(0u, 0u, 1u, 2u);
      shape.Append(plain.last() + 1, term);
      plain.terms.push_back(term);
    } else if (what < 8) {
      const LogIndex from(*rc::gen::inRange(shape.first().value(), plain.last().value() + 3));
      shape.Truncate(from);
      if (from <= plain.last()) plain.terms.resize(from - shape.first());
    } else if (what == 8) {
      const LogIndex through(*rc::gen::inRange<uint64_t>(0, plain.last().value() + 1));
      shape.Compact(through);
      if (through > plain.base.index) {
        const LogEnd base{*plain.TermAt(through), through};
        plain.terms.erase(plain.terms.begin(),
                          plain.terms.begin() + static_cast<long>(through - plain.base.index));
        plain.base = base;
      }
    } else if (*rc::gen::inRange(0, 4) == 0) {
      plain = {{plain.LastTerm() + 1, plain.last() + 3}, {}};
      shape.Reset(plain.base);
    }
    AssertEqual(shape, plain);
    AssertSearches(shape, plain);
  }
}

}  // namespace
}  // namespace wt
