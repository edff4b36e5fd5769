// A store in memory: nothing of it is ever durable, so the log keeps everything. For small data,
// and as the model that the other stores are compared with.
#ifndef WAVETANK_ENGINE_KV_MEMORY_STORE_H_
#define WAVETANK_ENGINE_KV_MEMORY_STORE_H_

#include <memory>

#include "engine/env/tasks.h"
#include "engine/kv/key_value_store.h"

namespace wt {

std::unique_ptr<KeyValueStore> NewMemoryStore(Tasks& tasks);

}  // namespace wt

#endif  // WAVETANK_ENGINE_KV_MEMORY_STORE_H_
