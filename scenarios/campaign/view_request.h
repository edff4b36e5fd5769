// What `wavetank repro --show` may be asked for.
//
//   machines                       state, disk and damage of each machine
//   events                         the latest event of each kind, machine by machine
//   tasks                          who runs, who waits for what
//   network                        messages on their way, and what became of the others
//   files:n1                       files as programs see them, as the platter has them, their harm
//   pending:n1                     what a power cut may still take, in order
//   log:n1                         the entries of the log, decoded from the files
//   bytes:n1:PATH[:OFFSET[:SIZE]]  the bytes of a file; OFFSET and SIZE in bytes
#ifndef WAVETANK_SCENARIOS_CAMPAIGN_VIEW_REQUEST_H_
#define WAVETANK_SCENARIOS_CAMPAIGN_VIEW_REQUEST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace wt::scenarios {

struct ViewRequest {
  std::string what;     // "files"
  std::string machine;  // "n1", where it takes one
  std::string path;     // of "bytes"
  uint64_t offset = 0;
  uint64_t size = 256;
};

// Errors: InvalidArgument, with the forms that there are.
absl::StatusOr<ViewRequest> ParseViewRequest(std::string_view text);

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CAMPAIGN_VIEW_REQUEST_H_
