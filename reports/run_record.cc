#include "reports/run_record.h"

#include "engine/base/check.h"

namespace wt::reports {
namespace {

constexpr std::string_view kVerdictNames[] = {"pass", "fail", "inconclusive", "error"};

}  // namespace

std::string_view NameOf(Verdict verdict) {
  const auto index = static_cast<size_t>(verdict);
  WT_CHECK_LT(index, std::size(kVerdictNames));
  return kVerdictNames[index];
}

std::optional<Verdict> VerdictNamed(std::string_view name) {
  for (size_t i = 0; i < std::size(kVerdictNames); ++i) {
    if (kVerdictNames[i] == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

}  // namespace wt::reports
