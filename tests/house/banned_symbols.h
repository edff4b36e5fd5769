// What compiled engine code must not ask the system for: it has the seam for that, and what goes
// around the seam differs from run to run. Read from the archives with nm, so that inlined and
// indirect uses are seen as well (a std::mutex is a pthread_mutex_lock there).
//
// Not visible to nm: rdtsc and the like, iteration over a hash table, the order of addresses.
#ifndef WAVETANK_TESTS_HOUSE_BANNED_SYMBOLS_H_
#define WAVETANK_TESTS_HOUSE_BANNED_SYMBOLS_H_

#include <string>
#include <string_view>
#include <vector>

namespace wt::house {

struct Symbol {
  std::string object;  // "check.cc.o"
  std::string name;    // demangled
};

struct Ban {
  std::string_view what;                   // "threads and locks"
  std::string_view instead;                // "Tasks, Mutex and CondVar of engine/env"
  std::vector<std::string_view> patterns;  // as for fnmatch(3)
};

const std::vector<Ban>& Bans();

// The ban that the symbol falls under; null when it is allowed (in that object).
const Ban* BanOf(const Symbol& symbol);

// Of an archive or object file: what it needs from elsewhere, or with `all` also what it defines.
enum class SymbolSet { kUndefined, kAll };
std::vector<Symbol> SymbolsOf(const std::string& file, SymbolSet set);

}  // namespace wt::house

#endif  // WAVETANK_TESTS_HOUSE_BANNED_SYMBOLS_H_
