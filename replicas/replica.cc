#include "replicas/replica.h"

#include <utility>

#include "engine/base/status.h"
#include "replicas/body.h"

namespace wt {

std::string_view NameOf(Ack ack) {
  switch (ack) {
    case Ack::kAsync:
      return "async";
    case Ack::kQuorum:
      return "quorum";
    case Ack::kAll:
      return "all";
  }
  return "unknown";
}

Replica::Replica(std::unique_ptr<Body> body) : body_(std::move(body)) {}
Replica::~Replica() = default;

absl::StatusOr<std::unique_ptr<Replica>> Replica::Open(Env env, ReplicaOptions options,
                                                       StateMachine& machine) {
  auto body = std::make_unique<Body>(env, std::move(options), machine);
  WT_RETURN_IF_ERROR(body->Open());
  return std::unique_ptr<Replica>(new Replica(std::move(body)));
}

absl::StatusOr<Acknowledged> Replica::Propose(std::string command, const ProposeOptions& options) {
  return body_->Propose(std::move(command), options);
}

void Replica::ProposeAsync(std::string command, Ack ack, Done done) {
  body_->ProposeAsync(std::move(command), ack, std::move(done));
}

absl::StatusOr<ReadResult> Replica::Query(std::string_view command, const QueryOptions& options) {
  return body_->Query(command, options);
}

absl::Status Replica::ChangeMembers(const Configuration& target, Duration timeout) {
  return body_->ChangeMembers(target, timeout);
}

absl::Status Replica::TransferTo(NodeId to, Duration timeout) {
  return body_->TransferTo(to, timeout);
}

absl::Status Replica::TakeSnapshot() { return body_->engine().TakeSnapshot(); }
ReplicaStatus Replica::status() { return body_->status(); }
Engine& Replica::engine() { return body_->engine(); }
absl::Status Replica::AwaitStopped() { return body_->AwaitStopped(); }
absl::Status Replica::Close() { return body_->Close(); }

}  // namespace wt
