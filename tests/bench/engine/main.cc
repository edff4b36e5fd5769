// Our database beside LevelDB, RocksDB and LMDB: one harness, one run, one table.
//
//   wavetank_engine_bench [--keys 4000000] [--tests fillrandom,readseq] [--rounds 3]
//                         [--peers wavetank,leveldb,rocksdb,lmdb] [--folder DIR] [--json FILE]
//
// Keys of 16 bytes, values of 100, no compression; 128 MB of write buffer, tables of 64 MB, 10 bits
// of filter a key, 2 GiB of block cache for whoever has one. Processor time is that of the whole
// process, background included: on a machine that others use it says more than the rate.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_format.h"
#include "tests/bench/engine/measure.h"
#include "tests/bench/engine/store.h"
#include "tests/bench/engine/table.h"
#include "tests/bench/engine/workloads.h"

namespace wt::bench {

void Die(const std::string& why) {
  std::fprintf(stderr, "wavetank_engine_bench: %s\n", why.c_str());
  std::_Exit(1);
}

namespace {

constexpr const char* kOurs = "in memory, synced within 100 ms";
constexpr const char* kCached = "in the page cache";

const std::vector<Peer>& AllPeers() {
  static const std::vector<Peer> peers = {
      {.name = "wavetank", .promise = kOurs, .is_ours = true, .open = OpenWavetank},
      {.name = "wavetank-10ms",
       .promise = "in memory, synced within 10 ms",
       .is_ours = true,
       .open = OpenWavetank10ms},
      {.name = "wavetank+rocksdb",
       .promise = kOurs,
       .has_log = false,  // it makes tables of all that it has when it is closed
       .is_ours = true,
       .open = OpenWavetankOverRocksDb},
      {.name = "leveldb", .promise = kCached, .is_lsm = true, .open = OpenLevelDb},
      {.name = "rocksdb", .promise = kCached, .is_lsm = true, .open = OpenRocksDb},
      {.name = "lmdb",
       .promise = "in the page cache (NOSYNC: a crash of the machine may damage all)",
       .has_log = false,
       .open = OpenLmdb},
  };
  return peers;
}

std::vector<Peer> PeersOf(const std::vector<std::string>& names) {
  std::vector<Peer> chosen;
  for (const std::string& name : names) {
    const auto found = std::find_if(AllPeers().begin(), AllPeers().end(),
                                    [&](const Peer& peer) { return peer.name == name; });
    if (found != AllPeers().end()) {
      chosen.push_back(*found);
      continue;
    }
    std::string known;
    for (const Peer& peer : AllPeers()) known += " " + peer.name;
    Die("no store \"" + name + "\"; there are:" + known);
  }
  return chosen;
}

std::set<std::string> AllTests() {
  std::set<std::string> all;
  for (const Group& group : Groups()) all.insert(group.tests.begin(), group.tests.end());
  return all;
}

std::set<std::string> TestsOf(const std::vector<std::string>& names) {
  const std::set<std::string> all = AllTests();
  if (names.empty()) return all;
  for (const std::string& name : names) {
    if (all.count(name) > 0) continue;
    std::string known;
    for (const std::string& one : all) known += " " + one;
    Die("no test \"" + name + "\"; there are:" + known);
  }
  return {names.begin(), names.end()};
}

Results RunAll(const Plan& plan, const std::vector<Peer>& peers, int rounds) {
  Results results;
  for (const Group& group : Groups()) {
    const bool wanted = std::any_of(group.tests.begin(), group.tests.end(),
                                    [&](const std::string& test) { return plan.Wants(test); });
    for (int round = 1; wanted && round <= rounds; ++round) {
      std::fprintf(stderr, "%s, round %d of %d\n", group.name.c_str(), round, rounds);
      for (const Peer& peer : peers) group.run(plan, peer, results);
    }
  }
  return results;
}

std::string HeaderOf(const Plan& plan, const std::vector<Peer>& peers, int rounds) {
  std::string header = absl::StrFormat(
      "%d keys of 16 bytes, values of 100, %d rounds. A write that was not synced is\n", plan.keys,
      rounds);
  for (const Peer& peer : peers) header += absl::StrFormat("  %-16s %s\n", peer.name, peer.promise);
  return header + "* processor time of all threads; ! behind the aim; others: cores they used\n\n";
}

std::string DefaultFolder() {
  const char* const temporary = std::getenv("TMPDIR");
  return std::string(temporary == nullptr ? "/tmp" : temporary) +
         absl::StrFormat("/wavetank_engine_bench.%d", ::getpid());
}

int Main(int argc, char** argv) {
  CLI::App app("Our database beside LevelDB, RocksDB and LMDB.");
  Plan plan = {.keys = 4'000'000, .folder = DefaultFolder()};
  std::vector<std::string> tests;
  std::vector<std::string> names = {"wavetank", "leveldb", "rocksdb", "lmdb"};
  int rounds = 3;
  std::string json;
  app.add_option("--keys", plan.keys, "how many")->check(CLI::Range(1000, 1'000'000'000));
  app.add_option("--tests", tests, "some of them")->delimiter(',');
  app.add_option("--rounds", rounds, "of which medians are shown")->check(CLI::Range(1, 100));
  app.add_option("--peers", names, "which stores, also wavetank-10ms, wavetank+rocksdb")
      ->delimiter(',');
  app.add_option("--folder", plan.folder, "made, and removed afterwards");
  app.add_option("--sync-seconds", plan.sync_seconds, "of each fillsync");
  app.add_option("--quiet-seconds", plan.quiet_seconds, "waited at most for others to be still");
  app.add_option("--json", json, "a file for the results");
  CLI11_PARSE(app, argc, argv);
  plan.tests = TestsOf(tests);
  const std::vector<Peer> peers = PeersOf(names);
  if (std::filesystem::exists(plan.folder)) Die(plan.folder + " exists");
  std::filesystem::create_directories(plan.folder);
  const Results results = RunAll(plan, peers, rounds);
  std::filesystem::remove_all(plan.folder);
  std::fputs((HeaderOf(plan, peers, rounds) + TableOf(results, peers)).c_str(), stdout);
  if (json.empty()) return 0;
  std::ofstream out(json);
  out << JsonOf(results, peers, plan.keys);
  Require(out.flush().good(), "the results could not be written");
  return 0;
}

}  // namespace
}  // namespace wt::bench

int main(int argc, char** argv) { return wt::bench::Main(argc, argv); }
