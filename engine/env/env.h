// The seam: everything that the engine may know of the world. Two implementations: engine/posix
// (threads, files, sockets) and sim/ (fibers, everything virtual). Engine code is compiled once and
// linked with either.
#ifndef WAVETANK_ENGINE_ENV_ENV_H_
#define WAVETANK_ENGINE_ENV_ENV_H_

#include "engine/env/clock.h"
#include "engine/env/disk.h"
#include "engine/env/events.h"
#include "engine/env/network.h"
#include "engine/env/random.h"
#include "engine/env/tasks.h"

namespace wt {

// References, not owners: an Env is copied freely and lives shorter than the world behind it.
struct Env {
  Clock& clock;
  Tasks& tasks;
  Disk& disk;
  Network& network;
  EventSink& events;
  Random& random;
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_ENV_ENV_H_
