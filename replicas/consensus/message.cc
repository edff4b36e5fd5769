#include "replicas/consensus/message.h"

namespace wt {

std::string_view NameOf(const Body& body) {
  static constexpr std::string_view kNames[] = {
      "vote request",     "vote response",  "take over",          "append",
      "append response",  "heartbeat",      "heartbeat response", "recall",
      "recall response",  "read request",   "read response",      "fetch entries",
      "fetched entries",  "snapshot offer", "fetch chunk",        "fetched chunk",
      "snapshot progress"};
  static_assert(std::size(kNames) == std::variant_size_v<Body>);
  return kNames[body.index()];
}

}  // namespace wt
