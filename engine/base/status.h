// The few error codes of this project, and the macros that carry them upwards.
//
//   NotFound            the named thing does not exist
//   DataLoss            bytes are damaged or missing that were once durable; never retried
//   Unavailable         the outcome is unknown (a failed write or sync), or the device did not
//   answer FailedPrecondition  wrong role or state: closed, poisoned, read-only, locked by another
//   ResourceExhausted   no room; nothing was changed, try again when there is
//   InvalidArgument     the caller's bytes or options are malformed
//   Aborted             given up because another part failed first
//
// A message says what, where, expected and found:
//   log/000007 record at 40960: checksum 0x1b2c, want 0x99aa
#ifndef WAVETANK_ENGINE_BASE_STATUS_H_
#define WAVETANK_ENGINE_BASE_STATUS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_format.h"

namespace wt {

#define WT_DEFINE_ERROR(Name)                                                                     \
  template <typename... Args>                                                                     \
  [[nodiscard]] absl::Status Name(const absl::FormatSpec<Args...>& format, const Args&... args) { \
    return absl::Name##Error(absl::StrFormat(format, args...));                                   \
  }

WT_DEFINE_ERROR(NotFound)
WT_DEFINE_ERROR(AlreadyExists)
WT_DEFINE_ERROR(DataLoss)
WT_DEFINE_ERROR(Unavailable)
WT_DEFINE_ERROR(FailedPrecondition)
WT_DEFINE_ERROR(ResourceExhausted)
WT_DEFINE_ERROR(InvalidArgument)
WT_DEFINE_ERROR(Aborted)
WT_DEFINE_ERROR(DeadlineExceeded)

#undef WT_DEFINE_ERROR

// The message as the string type that the rest of the code uses.
inline std::string MessageOf(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// The same code and payloads, with "context: " before the message.
inline absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrFormat("%s: %s", context, MessageOf(status)));
  status.ForEachPayload([&annotated](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

}  // namespace wt

#define WT_RETURN_IF_ERROR(expression)                                            \
  do {                                                                            \
    if (absl::Status wt_status = (expression); !wt_status.ok()) return wt_status; \
  } while (false)

#define WT_CONCAT_INNER(a, b) a##b
#define WT_CONCAT(a, b) WT_CONCAT_INNER(a, b)
#define WT_ASSIGN_OR_RETURN(target, expression) \
  WT_ASSIGN_OR_RETURN_INNER(WT_CONCAT(wt_or_, __LINE__), target, expression)
#define WT_ASSIGN_OR_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                                 \
  if (!temporary.ok()) return temporary.status();                \
  target = *std::move(temporary)

#endif  // WAVETANK_ENGINE_BASE_STATUS_H_
