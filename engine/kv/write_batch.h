// Operations that take effect together or not at all, in the bytes that the log holds of them.
//
//   WriteBatch batch;
//   batch.Put("a", "1");
//   batch.Delete("b");
//   for (BatchReader it(batch.bytes()); it.Next();) Use(it.operation());
//
// Bytes, per operation: kind u8 (1 delete, 2 put) | key length varint | key | put: value length
// varint | value. Batches one behind the other are a batch: later operations win.
#ifndef WAVETANK_ENGINE_KV_WRITE_BATCH_H_
#define WAVETANK_ENGINE_KV_WRITE_BATCH_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace wt {

class WriteBatch {
 public:
  // Requires: within the limits of CheckBatch, which Database checks.
  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear();

  bool empty() const { return operations_ == 0; }
  uint64_t operations() const { return operations_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  uint64_t operations_ = 0;
};

struct BatchOperation {
  bool is_put = false;
  std::string_view key;
  std::string_view value;
};

// Walks the operations. Views live as long as the bytes.
class BatchReader {
 public:
  explicit BatchReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  // False at the end, and where the bytes are malformed: then ok() is false as well.
  bool Next();
  const BatchOperation& operation() const { return operation_; }
  bool ok() const { return ok_; }

 private:
  bool Fail();
  bool TakeString(std::string_view* out);

  const char* at_;
  const char* end_;
  BatchOperation operation_;
  bool ok_ = true;
};

// Errors: InvalidArgument, naming the operation: malformed, or a key or value beyond the limits.
absl::Status CheckBatch(std::string_view bytes, uint64_t max_key_bytes, uint64_t max_value_bytes);

}  // namespace wt

#endif  // WAVETANK_ENGINE_KV_WRITE_BATCH_H_
