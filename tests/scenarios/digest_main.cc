// Runs what it is told and prints the digests: for comparing processes and builds.
//
//   wavetank_digest torn-tail:1 everything:7
//   torn-tail:1 pass 51234 0x1f2e...
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "scenarios/execute.h"

int main(int argc, char** argv) {
  using wt::scenarios::FindScenario;
  for (int i = 1; i < argc; ++i) {
    const std::string what = argv[i];
    const size_t colon = what.find(':');
    const wt::scenarios::Scenario* scenario = FindScenario(what.substr(0, colon));
    if (colon == std::string::npos || scenario == nullptr) {
      std::fprintf(stderr, "%s: want scenario:seed\n", argv[i]);
      return 2;
    }
    const uint64_t seed = std::strtoull(what.c_str() + colon + 1, nullptr, 10);
    const wt::scenarios::Run run = wt::scenarios::Execute(*scenario, seed, {});
    std::printf("%s %s %llu 0x%016llx\n", argv[i],
                std::string(wt::reports::NameOf(run.record.verdict)).c_str(),
                static_cast<unsigned long long>(run.record.events),
                static_cast<unsigned long long>(run.record.digest));
  }
  return 0;
}
