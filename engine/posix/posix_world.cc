#include "engine/posix/posix_world.h"

#include <utility>

namespace wt {
namespace {

TcpOptions NetworkOptions(PosixOptions& options) {
  return {.self = options.self,
          .listen = std::move(options.listen),
          .peers = std::move(options.peers),
          .cluster = options.cluster,
          .limits = options.network_limits};
}

}  // namespace

absl::StatusOr<std::unique_ptr<PosixWorld>> PosixWorld::Open(PosixOptions options) {
  auto world = std::make_unique<PosixWorld>(std::move(options));
  if (!world->status().ok()) return world->status();
  return world;
}

PosixWorld::PosixWorld(PosixOptions options)
    : events_(std::move(options.on_event)),
      disk_(options.root),
      network_(clock_, tasks_, random_, NetworkOptions(options)) {}

PosixWorld::~PosixWorld() {
  network_.Close();
  tasks_.AwaitAll();
}

}  // namespace wt
