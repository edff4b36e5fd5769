#include "engine/posix/posix_world.h"

#include <utility>

namespace wt {

PosixWorld::PosixWorld(PosixOptions options)
    : events_(std::move(options.on_event)),
      disk_(options.root),
      network_(clock_, tasks_, options.self) {}

PosixWorld::~PosixWorld() {
  network_.Close();
  tasks_.AwaitAll();
}

}  // namespace wt
