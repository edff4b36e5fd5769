#include "replicas/intake.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace wt {

Intake::Intake(SnapshotOffer offer, NodeId from, uint64_t most_in_flight)
    : offer_(std::move(offer)),
      from_(from),
      most_in_flight_(std::max<uint64_t>(most_in_flight, 1)) {}

void Intake::GoOnWith(NodeId from) {
  from_ = from;
  for (const auto& [number, at] : asked_) missing_.insert(number);
  asked_.clear();
}

// Chunks are held in memory until they are written: a few beyond those under way.
uint64_t Intake::WindowEnd() const {
  return std::min<uint64_t>(taken_ + 2 * most_in_flight_, offer_.chunks.size());
}

std::optional<uint64_t> Intake::NextToFind() const {
  if (to_find_ >= WindowEnd()) return std::nullopt;
  return to_find_;
}

void Intake::Found(uint64_t number, std::optional<std::string> content) {
  WT_CHECK_EQ(number, to_find_);
  ++to_find_;
  if (!content.has_value()) {
    missing_.insert(number);
    return;
  }
  reused_bytes_ += content->size();
  here_[number] = *std::move(content);
}

std::vector<uint64_t> Intake::ToAsk(Time now, Duration resend) {
  std::vector<uint64_t> ask;
  for (auto& [number, at] : asked_) {
    if (now - at < resend) continue;
    at = now;
    ask.push_back(number);
  }
  while (!missing_.empty() && asked_.size() < most_in_flight_) {
    const uint64_t number = *missing_.begin();
    missing_.erase(missing_.begin());
    asked_[number] = now;
    ask.push_back(number);
  }
  return ask;
}

std::optional<Time> Intake::NextResend(Duration resend) const {
  std::optional<Time> next;
  for (const auto& [number, at] : asked_) {
    if (!next.has_value() || at + resend < *next) next = at + resend;
  }
  return next;
}

bool Intake::Arrived(Time now, uint64_t number, std::string bytes) {
  if (asked_.count(number) + missing_.count(number) == 0) return false;
  const ChunkInfo& want = offer_.chunks[number];
  if (bytes.size() != want.bytes || HashBytes128(bytes) != want.hash) return false;
  asked_.erase(number);
  missing_.erase(number);
  heard_ = now;
  sent_bytes_ += bytes.size();
  here_[number] = std::move(bytes);
  return true;
}

std::optional<std::string> Intake::TakeNext() {
  const auto found = here_.find(taken_);
  if (found == here_.end()) return std::nullopt;
  std::string content = std::move(found->second);
  here_.erase(found);
  ++taken_;
  WT_CHECK_LE(taken_, to_find_);
  return content;
}

}  // namespace wt
