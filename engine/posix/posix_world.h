// The seam on a real machine: threads, a folder of files, sockets, the system's clocks.
//
//   PosixWorld world({.root = "/var/lib/wavetank"});
//   if (!world.status().ok()) ...                     // no such place, no permission
//   auto log = LogStorage::Open(world.env(), ...);
//
// or, with others:
//
//   auto world = PosixWorld::Open({.root = "/var/lib/wavetank",
//                                  .self = PeerId(1),
//                                  .listen = "10.0.0.1:7001",
//                                  .peers = {{PeerId(2), "10.0.0.2:7001"}}});
//   if (!world.ok()) ...                              // the above, or the address is in use
//
// One root belongs to one engine at a time; Disk::Lock says so to the second.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_
#define WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/env/env.h"
#include "engine/posix/posix_disk.h"
#include "engine/posix/posix_sources.h"
#include "engine/posix/posix_tasks.h"
#include "engine/posix/tcp/tcp_network.h"

namespace wt {

struct PosixOptions {
  std::string root;  // the data folder; made when its parent exists
  std::function<void(const Event&)> on_event = nullptr;  // see PosixEvents for what it may do
  PeerId self = PeerId(1);
  // See TcpOptions. Without `listen` there is no network beside messages to self.
  std::string listen = {};
  std::map<PeerId, std::string> peers = {};
  uint64_t cluster = 0;
  TcpLimits network_limits = {};
};

class PosixWorld {
 public:
  // The world, usable in all its parts, or the first reason why not. Suspends.
  // Errors: of PosixDisk::status() and TcpNetwork::status().
  static absl::StatusOr<std::unique_ptr<PosixWorld>> Open(PosixOptions options);

  // Does not fail: when the root or the network cannot be used, status() says why. Every call of
  // such a disk says so too; such a network delivers messages to self only.
  explicit PosixWorld(PosixOptions options);
  // Closes the network and waits for the tasks that still run: stop the engine before.
  ~PosixWorld();
  PosixWorld(const PosixWorld&) = delete;
  PosixWorld& operator=(const PosixWorld&) = delete;

  const absl::Status& status() const {
    return disk_.status().ok() ? network_.status() : disk_.status();
  }
  Env env() { return {clock_, tasks_, disk_, network_, events_, random_}; }
  // For what the seam does not have: the port, the counters.
  TcpNetwork& network() { return network_; }

 private:
  PosixClock clock_;
  PosixRandom random_;
  PosixEvents events_;
  PosixDisk disk_;
  PosixTasks tasks_;
  TcpNetwork network_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_
