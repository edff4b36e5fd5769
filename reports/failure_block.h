// A failure as people meet it: the same block on the console, in `repro`, in files.
//
//   FAIL  acked-writes-survive  torn-tail:0x51f0c2a7  t=12.481s  (867 events)
//     client 3 was told OK for SET k017=v412; after n1 restarted, k017 is missing
//     why   12.118s n1  log.synced upto 413   ← lost-fsync #1
//           12.481s n1  engine.recovered upto 412
//     reproduce  wavetank repro torn-tail:0x51f0c2a7
//     minimal    wavetank repro tank-out/latest/findings/no-leak-8c1f/minimal.json
//     keep       wavetank corpus add tank-out/latest/findings/no-leak-8c1f/minimal.json
//
// The last two are there when the failure was shrunk.
//
// It is a function of the run alone, so that two runs of one seed print the same bytes; how long a
// run took on this machine is therefore not in it.
#ifndef WAVETANK_REPORTS_FAILURE_BLOCK_H_
#define WAVETANK_REPORTS_FAILURE_BLOCK_H_

#include <string>

#include "reports/run_record.h"
#include "reports/text.h"

namespace wt::reports {

struct BlockOptions {
  Look look{};
  std::string target{};     // what `repro` is given; empty: scenario:seed
  std::string arguments{};  // what else it takes to see it again: " --set storm=2s"
  std::string command{};    // not empty: the whole command to reproduce it, instead of the above
  std::string minimal{};    // the file of a smaller plan with the same failure; empty: none
  std::string folder{};     // of findings, "tank-out/latest/": before a Finding's `minimal`
};

// Requires: the verdict is not pass. Ends with a newline.
std::string FailureBlock(const RunRecord& record, const BlockOptions& options);

// "wavetank repro torn-tail:0x51f0c2a7".
std::string ReproduceCommand(const RunRecord& record, const BlockOptions& options);

// "PASS  torn-tail:0x7  t=60.000s  (81,234 events)", the block's counterpart; ends with a newline.
std::string PassLine(const RunRecord& record, const BlockOptions& options);

}  // namespace wt::reports

#endif  // WAVETANK_REPORTS_FAILURE_BLOCK_H_
