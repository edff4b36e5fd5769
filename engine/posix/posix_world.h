// The seam on a real machine: threads, a folder of files, the system's clocks.
//
//   PosixWorld world({.root = "/var/lib/wavetank"});
//   if (!world.status().ok()) ...                     // no such place, no permission
//   auto log = LogStorage::Open(world.env(), ...);
//
// One root belongs to one engine at a time; Disk::Lock says so to the second.
#ifndef WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_
#define WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "engine/env/env.h"
#include "engine/posix/loopback_network.h"
#include "engine/posix/posix_disk.h"
#include "engine/posix/posix_sources.h"
#include "engine/posix/posix_tasks.h"

namespace wt {

struct PosixOptions {
  std::string root;  // the data folder; made when its parent exists
  std::function<void(const Event&)> on_event = nullptr;  // see PosixEvents for what it may do
  PeerId self = PeerId(1);
};

class PosixWorld {
 public:
  // Does not fail: when the root cannot be used, status() and every call of the disk say why.
  explicit PosixWorld(PosixOptions options);
  // Closes the network and waits for the tasks that still run: stop the engine before.
  ~PosixWorld();
  PosixWorld(const PosixWorld&) = delete;
  PosixWorld& operator=(const PosixWorld&) = delete;

  const absl::Status& status() const { return disk_.status(); }
  Env env() { return {clock_, tasks_, disk_, network_, events_, random_}; }

 private:
  PosixClock clock_;
  PosixRandom random_;
  PosixEvents events_;
  PosixDisk disk_;
  PosixTasks tasks_;
  LoopbackNetwork network_;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_POSIX_WORLD_H_
