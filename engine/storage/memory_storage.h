// A storage in memory, for tests and for what need not last.
//
//   std::unique_ptr<Storage> storage = NewMemoryStorage(env.tasks);
//
// It follows the contract to the letter but for durability: a sync does nothing. What it holds can
// outlive it, so that "closing and opening again" can be played:
//
//   auto files = std::make_shared<MemoryFiles>();
//   NewMemoryStorage(env.tasks, files)->... ; NewMemoryStorage(env.tasks, files)->...
#ifndef WAVETANK_ENGINE_STORAGE_MEMORY_STORAGE_H_
#define WAVETANK_ENGINE_STORAGE_MEMORY_STORAGE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/env/tasks.h"
#include "engine/storage/storage.h"

namespace wt {

// The medium. Not to be touched while a storage over it is in use, but by tests that damage it.
struct MemoryFiles {
  std::map<FileDesc, std::shared_ptr<std::string>> contents;
  std::optional<FileDesc> pointer;
};

// One storage at a time per medium. A read-only storage never changes it.
std::unique_ptr<Storage> NewMemoryStorage(Tasks& tasks,
                                          std::shared_ptr<MemoryFiles> files = nullptr,
                                          StorageMode mode = StorageMode::kReadWrite);

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_MEMORY_STORAGE_H_
