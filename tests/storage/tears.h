// Torn sectors for crash tests: every sector in doubt torn in every way, with all that was issued
// until then, or everything, beside it. Also those that take synced bytes of their sector along.
#ifndef WAVETANK_TESTS_STORAGE_TEARS_H_
#define WAVETANK_TESTS_STORAGE_TEARS_H_

#include <functional>

#include "scenarios/crash_states.h"

namespace wt::test {

// Calls `visit` with each, legal or not, until it returns false.
inline void ForEachTear(const scenarios::CrashPoint& point,
                        const std::function<bool(const sim::CrashSubset&)>& visit) {
  const size_t atoms = point.atoms().size();
  for (size_t atom = 0; atom < atoms; ++atom) {
    if (point.atoms()[atom].kind != sim::AtomKind::kData) continue;
    for (const size_t upto : {atom + 1, atoms}) {
      for (const sim::TearKind kind :
           {sim::TearKind::kPrefixNew, sim::TearKind::kSuffixNew, sim::TearKind::kGarbage,
            sim::TearKind::kZeros, sim::TearKind::kGarbled}) {
        sim::CrashSubset subset{.kept = std::vector<bool>(atoms, false)};
        for (size_t i = 0; i < upto; ++i) subset.kept[i] = true;
        subset.tear =
            sim::CrashTear{.atom = atom, .at = point.atoms()[atom].length / 2, .kind = kind};
        if (!visit(subset)) return;
      }
    }
  }
}

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STORAGE_TEARS_H_
