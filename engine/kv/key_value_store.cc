#include "engine/kv/key_value_store.h"

namespace wt {
namespace {

class AsTheyCame final : public KeyValueStore::Prepared {
 public:
  explicit AsTheyCame(KeyValueStore::Batches batches) : batches_(std::move(batches)) {}
  const KeyValueStore::Batches& batches() const { return batches_; }

 private:
  const KeyValueStore::Batches batches_;
};

}  // namespace

std::unique_ptr<KeyValueStore::Prepared> KeyValueStore::Prepare(Batches batches) const {
  return std::make_unique<AsTheyCame>(std::move(batches));
}

absl::Status KeyValueStore::ApplyPrepared(const Prepared& prepared) {
  for (const auto& [index, batch] : static_cast<const AsTheyCame&>(prepared).batches()) {
    if (absl::Status applied = Apply(index, batch); !applied.ok()) return applied;
  }
  return absl::OkStatus();
}

}  // namespace wt
