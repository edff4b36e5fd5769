#include "engine/posix/tcp/tcp_network.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/posix/suspend.h"
#include "engine/posix/tcp/tcp_config.h"
#include "engine/posix/tcp/tcp_frame.h"
#include "engine/posix/tcp/tcp_socket.h"

namespace wt {

TcpNetwork::TcpNetwork(Clock& clock, Tasks& tasks, Random& random, TcpOptions options)
    : options_(std::move(options)),
      clock_(clock),
      tasks_(tasks),
      random_(random),
      inbox_(clock, tasks, options_.limits.inbox_bytes,
             [this] { doorbell_->Ring([](Errands& errands) { errands.room = true; }); }),
      status_(Start()) {}

TcpNetwork::~TcpNetwork() {
  Close();
  if (thread_ != nullptr) thread_->Join();
}

absl::Status TcpNetwork::Start() {
  WT_RETURN_IF_ERROR(CheckTcpLimits(options_.limits));
  if (options_.listen.empty()) {
    if (options_.peers.empty()) return absl::OkStatus();
    return InvalidArgument("network: there are peers, but no address to listen on");
  }
  WT_ASSIGN_OR_RETURN(const TcpConfig config, ReadTcpOptions(options_));
  auto doorbell = std::make_shared<Doorbell>(tasks_);
  WT_RETURN_IF_ERROR(doorbell->status());
  poller_ = std::make_unique<Poller>();
  WT_RETURN_IF_ERROR(poller_->status());
  if (!poller_->Add(doorbell->fd(), EPOLLIN | EPOLLET, poller_->NewId())) {
    return ResourceExhausted("network: epoll refuses a descriptor");
  }
  WT_ASSIGN_OR_RETURN(FileDescriptor listener, ListenOn(config.listen, options_.listen));
  WT_ASSIGN_OR_RETURN(const SocketAddress bound, SocketAddress::OfSocket(listener.get()));
  address_ = bound.ToString();
  port_ = bound.port();
  doorbell_ = std::move(doorbell);
  loop_ = std::make_unique<TcpLoop>(parts(), std::move(listener), config.peers, inbox_);
  thread_ = tasks_.Spawn("wt-network", [this] { loop_->Run(); });
  return absl::OkStatus();
}

void TcpNetwork::Send(PeerId to, std::string_view bytes) {
  CheckMaySuspend();
  if (closed_.load(std::memory_order_relaxed)) return;
  if (bytes.size() > options_.limits.message_bytes) return Count(counters_.dropped_oversize);
  if (to == options_.self) {
    if (!inbox_.AddOwn({to, std::string(bytes)}, options_.limits.queue_bytes)) {
      Count(counters_.dropped_self_full);
    }
    return;
  }
  SendQueue* const queue = loop_ == nullptr ? nullptr : loop_->QueueOf(to);
  if (queue == nullptr) return Count(counters_.dropped_no_peer);
  const SendQueue::Offered offered = queue->Append(EncodeFrameHeader(options_.self, bytes), bytes);
  if (offered == SendQueue::Offered::kFull) return Count(counters_.dropped_full);
  Count(counters_.messages_queued);
  if (offered == SendQueue::Offered::kQueued) return;
  if (doorbell_->Ring([to](Errands& errands) { errands.peers.push_back(to); })) {
    Count(counters_.wakeups);
  }
}

absl::StatusOr<Message> TcpNetwork::Receive(Duration timeout) {
  CheckMaySuspend();
  return inbox_.Receive(timeout);
}

void TcpNetwork::Close() {
  closed_.store(true, std::memory_order_relaxed);
  inbox_.Close();
  if (doorbell_ != nullptr) doorbell_->Ring([](Errands& errands) { errands.stop = true; });
}

absl::Status TcpNetwork::MovePeer(PeerId peer, std::string_view address) {
  WT_ASSIGN_OR_RETURN(HostPort where, ParsePeerAddress(peer, address));
  if (loop_ == nullptr || loop_->QueueOf(peer) == nullptr) {
    return NotFound("network: %d is no peer", peer.value());
  }
  doorbell_->Ring([&](Errands& errands) { errands.moved.push_back({peer, std::move(where)}); });
  return absl::OkStatus();
}

}  // namespace wt
