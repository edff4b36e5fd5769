// What was measured, and the table that shows it beside what is aimed at.
#ifndef WAVETANK_TESTS_BENCH_ENGINE_TABLE_H_
#define WAVETANK_TESTS_BENCH_ENGINE_TABLE_H_

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/engine/store.h"

namespace wt::bench {

enum class Unit { kPerSecond, kMegabytesPerSecond, kMicroseconds };  // of the last, less is better

struct Row {
  std::string test;  // its name on the command line
  std::string name;
  Unit unit = Unit::kPerSecond;
  // Aims; 0: none. Ratios of ours to the better of LevelDB and RocksDB, and to LMDB.
  double over_lsm = 0;
  double over_lmdb = 0;
  double least = 0;  // in the row's unit
};

// In the table's order.
std::span<const Row> Rows();

struct Measured {
  double value = 0;
  double cpu = 0;  // microseconds an operation, all threads; 0: not known
  double others = 0;
};

class Results {
 public:
  void Add(const std::string& row, const std::string& store, const Measured& measured);
  // The medians of all rounds; null when there are none.
  const Measured* Of(const std::string& row, const std::string& store) const;
  const std::vector<Measured>& Rounds(const std::string& row, const std::string& store) const;

 private:
  struct Cell {
    std::vector<Measured> rounds;
    Measured median;
  };
  std::map<std::pair<std::string, std::string>, Cell> cells_;
};

std::string TableOf(const Results& results, std::span<const Peer> peers);
std::string JsonOf(const Results& results, std::span<const Peer> peers, uint64_t keys);

}  // namespace wt::bench

#endif  // WAVETANK_TESTS_BENCH_ENGINE_TABLE_H_
