#include "scenarios/campaign/view_request.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "absl/strings/str_split.h"
#include "engine/base/status.h"

namespace wt::scenarios {
namespace {

constexpr std::string_view kForms =
    "machines, events, tasks, network, files:n1, pending:n1, log:n1 or "
    "bytes:n1:PATH[:OFFSET[:SIZE]]";
constexpr uint64_t kMostBytes = 65536;

std::optional<uint64_t> Number(std::string_view text) {
  const bool hex = text.starts_with("0x");
  if (hex) text.remove_prefix(2);
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::Status NoView(std::string_view text) {
  return InvalidArgument("\"%s\" is no view: want %s", text, kForms);
}

}  // namespace

absl::StatusOr<ViewRequest> ParseViewRequest(std::string_view text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::string_view(text.data(), text.size()), ':');
  ViewRequest request{.what = parts[0]};
  const bool whole = request.what == "machines" || request.what == "events" ||
                     request.what == "tasks" || request.what == "network";
  const bool of_machine =
      request.what == "files" || request.what == "pending" || request.what == "log";
  if (whole && parts.size() == 1) return request;
  if (parts.size() < 2 || parts[1].empty()) return NoView(text);
  request.machine = parts[1];
  if (of_machine && parts.size() == 2) return request;
  if (request.what != "bytes" || parts.size() < 3 || parts.size() > 5) return NoView(text);
  request.path = parts[2];
  const std::optional<uint64_t> offset = parts.size() > 3 ? Number(parts[3]) : 0;
  const std::optional<uint64_t> size = parts.size() > 4 ? Number(parts[4]) : request.size;
  if (!offset || !size) return NoView(text);
  request.offset = std::min<uint64_t>(*offset, uint64_t{1} << 40);
  request.size = std::min(*size, kMostBytes);
  return request;
}

}  // namespace wt::scenarios
