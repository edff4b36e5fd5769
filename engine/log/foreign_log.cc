#include "engine/log/foreign_log.h"

#include "absl/strings/cord.h"
#include "engine/base/check.h"

namespace wt {
namespace {

constexpr char kMark[] = "wavetank/foreign-log";

}  // namespace

absl::Status AsForeignLog(absl::Status status) {
  WT_CHECK(!status.ok());
  status.SetPayload(kMark, absl::Cord());
  return status;
}

bool IsForeignLog(const absl::Status& status) { return status.GetPayload(kMark).has_value(); }

}  // namespace wt
