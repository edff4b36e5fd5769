#include "engine/lsm/retention.h"

#include <algorithm>

#include "engine/base/check.h"

namespace wt {

Retention::Retention(std::vector<LogIndex> pinned,
                     std::function<bool(std::string_view key)> may_hide)
    : pinned_(std::move(pinned)), may_hide_(std::move(may_hide)) {
  WT_CHECK(std::is_sorted(pinned_.begin(), pinned_.end()));
}

bool Retention::Keep(const InternalEntry& entry) {
  const size_t stripe = StripeOf(entry.version);
  const bool is_same_key = key_.has_value() && *key_ == entry.key;
  const bool is_shadowed = is_same_key && stripe == stripe_;
  WT_CHECK(!is_same_key || stripe <= stripe_);
  if (!is_same_key) key_.emplace(entry.key);
  stripe_ = stripe;
  if (is_shadowed) return false;
  // In the oldest stripe no read looks past it.
  const bool hides_nothing =
      entry.kind == EntryKind::kDelete && stripe == 0 && may_hide_ && !may_hide_(entry.key);
  return !hides_nothing;
}

size_t Retention::StripeOf(LogIndex version) const {
  return static_cast<size_t>(std::lower_bound(pinned_.begin(), pinned_.end(), version) -
                             pinned_.begin());
}

}  // namespace wt
