#include "engine/posix/tcp/tcp_loop.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace wt {

TcpLoop::TcpLoop(const TcpParts& parts, FileDescriptor listener,
                 const std::map<PeerId, HostPort>& peers, Inbox& inbox)
    : parts_(parts), incoming_(parts, std::move(listener), inbox) {
  for (const auto& [peer, where] : peers) {
    WT_CHECK(peer != parts.options.self);
    outgoing_.emplace(peer, std::make_unique<OutgoingConnection>(parts, peer, where));
  }
}

SendQueue* TcpLoop::QueueOf(PeerId peer) const {
  const auto found = outgoing_.find(peer);
  return found == outgoing_.end() ? nullptr : &found->second->queue();
}

void TcpLoop::Run() {
  while (RunErrands()) {
    const Duration timeout = asleep_ ? NextDeadline() - parts_.clock.Now() : Duration::zero();
    const std::span<const epoll_event> events = parts_.poller.Wait(timeout);
    if (std::exchange(asleep_, false)) parts_.doorbell->Awake();
    for (const epoll_event& event : events) OnEvent(event);
    RunTimers(parts_.clock.Now());
  }
  Stop();
}

bool TcpLoop::RunErrands() {
  WT_CHECK(!asleep_);
  WriteMore();
  // A second look finds nothing, mostly, and saves an empty round through the kernel. A third one
  // could keep a busy sender's errands before everybody's messages for ever.
  for (int look = 0; look < 2 && !asleep_; ++look) {
    const bool may_sleep = !AnyBusy();
    Errands errands = parts_.doorbell->Take(may_sleep);
    asleep_ = may_sleep && errands.empty();
    if (!Handle(std::move(errands))) return false;
  }
  return true;
}

bool TcpLoop::Handle(Errands errands) {
  if (errands.stop) return false;
  if (errands.room) incoming_.OnRoom();
  for (Moved& moved : errands.moved) PeerAt(moved.peer).OnMoved(std::move(moved.where));
  for (Resolved& answer : errands.resolved) {
    const PeerId peer = answer.peer;
    PeerAt(peer).OnResolved(std::move(answer));
  }
  for (PeerId peer : errands.peers) PeerAt(peer).OnQueued();
  return true;
}

void TcpLoop::WriteMore() {
  for (const auto& [peer, outgoing] : outgoing_) {
    if (outgoing->busy()) outgoing->Write();
  }
}

bool TcpLoop::AnyBusy() const {
  return std::any_of(outgoing_.begin(), outgoing_.end(),
                     [](const auto& entry) { return entry.second->busy(); });
}

void TcpLoop::OnEvent(const epoll_event& event) {
  const uint64_t id = event.data.u64;
  if (incoming_.OnEvent(id)) return;
  for (const auto& [peer, outgoing] : outgoing_) {
    if (outgoing->id() == id) return outgoing->OnEvent(event.events);
  }
  // The doorbell's, or of a descriptor that an event before this one has closed.
}

Time TcpLoop::NextDeadline() const {
  Time next = incoming_.deadline();
  for (const auto& [peer, outgoing] : outgoing_) next = std::min(next, outgoing->deadline());
  return next;
}

void TcpLoop::RunTimers(Time now) {
  if (incoming_.deadline() <= now) incoming_.OnTime(now);
  for (const auto& [peer, outgoing] : outgoing_) {
    if (outgoing->deadline() <= now) outgoing->OnTime();
  }
}

void TcpLoop::Stop() {
  incoming_.Stop();
  for (const auto& [peer, outgoing] : outgoing_) outgoing->Stop();
}

OutgoingConnection& TcpLoop::PeerAt(PeerId peer) {
  const auto found = outgoing_.find(peer);
  WT_CHECK(found != outgoing_.end());
  return *found->second;
}

}  // namespace wt
