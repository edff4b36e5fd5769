#include "replicas/freshness.h"

namespace wt {

void Freshness::Note(const std::optional<Horizon>& latest, LogIndex applied) {
  if (awaited_.has_value() && awaited_->index <= applied) {
    reached_ = awaited_->at;
    awaited_.reset();
  }
  const bool is_news = latest.has_value() && (!reached_.has_value() || latest->at > *reached_);
  if (!is_news) return;
  if (latest->index <= applied) {
    reached_ = latest->at;
    awaited_.reset();
  } else if (!awaited_.has_value()) {
    awaited_ = latest;
  }
}

}  // namespace wt
