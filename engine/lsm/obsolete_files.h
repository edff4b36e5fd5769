// Files of a store that nobody needs: replaced, or never finished. Each is removed, again and
// again until the storage does it; what is left at the end the next open removes.
#ifndef WAVETANK_ENGINE_LSM_OBSOLETE_FILES_H_
#define WAVETANK_ENGINE_LSM_OBSOLETE_FILES_H_

#include <vector>

#include "engine/env/env.h"
#include "engine/env/mutex.h"
#include "engine/storage/storage.h"

namespace wt {

// Of any task.
class ObsoleteFiles {
 public:
  // `storage` outlives it.
  ObsoleteFiles(const Env& env, Storage& storage);

  // Requires: its number is never given to another file.
  void Add(const FileDesc& fd);

  // All that can be removed now. Suspends.
  void RemoveAll();

 private:
  EventSink& events_;
  Storage& storage_;
  Mutex mu_;
  std::vector<FileDesc> files_ ABSL_GUARDED_BY(mu_);
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_OBSOLETE_FILES_H_
