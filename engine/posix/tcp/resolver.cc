#include "engine/posix/tcp/resolver.h"

#include <pthread.h>

#include <string>
#include <utility>

#include "engine/base/status.h"
#include "engine/posix/posix_error.h"

namespace wt {
namespace {

struct Question {
  std::shared_ptr<Doorbell> doorbell;
  HostPort where;
  PeerId peer;
  uint64_t number;

  void Answer(absl::StatusOr<std::vector<SocketAddress>> addresses) const {
    doorbell->Ring([&](Errands& errands) {
      errands.resolved.push_back({peer, number, std::move(addresses)});
    });
  }
};

void* Ask(void* argument) {
  const std::unique_ptr<Question> question(static_cast<Question*>(argument));
  question->Answer(ResolveName(question->where));
  return nullptr;
}

}  // namespace

void ResolveInBackground(std::shared_ptr<Doorbell> doorbell, HostPort where, PeerId peer,
                         uint64_t question) {
  auto asked =
      std::make_unique<Question>(Question{std::move(doorbell), std::move(where), peer, question});
  // Not std::thread, which throws where there are too many threads.
  pthread_t thread;
  const int error = ::pthread_create(&thread, nullptr, &Ask, asked.get());
  if (error != 0) return asked->Answer(ErrnoStatus(error, "resolver thread", asked->where.host));
  (void)asked.release();  // the thread's now
  (void)::pthread_detach(thread);
}

}  // namespace wt
