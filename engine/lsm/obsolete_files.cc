#include "engine/lsm/obsolete_files.h"

#include <utility>

namespace wt {

ObsoleteFiles::ObsoleteFiles(const Env& env, Storage& storage)
    : events_(env.events), storage_(storage), mu_(env.tasks) {}

void ObsoleteFiles::Add(const FileDesc& fd) {
  MutexLock lock(mu_);
  files_.push_back(fd);
}

void ObsoleteFiles::RemoveAll() {
  std::vector<FileDesc> files;
  {
    MutexLock lock(mu_);
    files = std::exchange(files_, {});
  }
  for (const FileDesc& fd : files) {
    const absl::Status removed = storage_.Remove(fd);
    const bool is_gone = removed.ok() || absl::IsNotFound(removed);
    WT_SOMETIMES(events_, "lsm.removed_later", !is_gone);
    if (!is_gone) Add(fd);
  }
}

}  // namespace wt
