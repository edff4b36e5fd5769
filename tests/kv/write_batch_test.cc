// The bytes of a batch: what was put in comes out, and damaged bytes are refused, never misread.
#include "engine/kv/write_batch.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace wt {
namespace {

using Operation = std::tuple<bool, std::string, std::string>;

std::vector<Operation> Read(std::string_view bytes, bool* ok) {
  std::vector<Operation> found;
  BatchReader it(bytes);
  while (it.Next()) {
    const BatchOperation& one = it.operation();
    found.emplace_back(one.is_put, std::string(one.key), std::string(one.value));
  }
  *ok = it.ok();
  return found;
}

RC_GTEST_PROP(WriteBatchTest, WhatWasPutInComesOut, (std::vector<Operation> operations)) {
  WriteBatch batch;
  for (auto& [is_put, key, value] : operations) {
    if (!is_put) value.clear();
    is_put ? batch.Put(key, value) : batch.Delete(key);
  }
  bool ok = false;
  RC_ASSERT(Read(batch.bytes(), &ok) == operations);
  RC_ASSERT(ok);
  RC_ASSERT(batch.operations() == operations.size());
  RC_ASSERT(batch.empty() == operations.empty());
}

RC_GTEST_PROP(WriteBatchTest, AnyBytesAreReadToTheirEndOrRefused, (const std::string& bytes)) {
  bool ok = false;
  (void)Read(bytes, &ok);
  RC_ASSERT(ok == CheckBatch(bytes, 1 << 20, 1 << 20).ok());
}

TEST(WriteBatchTest, AnyCutInTheMiddleOfAnOperationIsRefused) {
  WriteBatch batch;
  batch.Put("apple", "red");
  for (size_t size = 1; size < batch.bytes().size(); ++size) {
    bool ok = true;
    EXPECT_TRUE(Read(std::string_view(batch.bytes()).substr(0, size), &ok).empty());
    EXPECT_FALSE(ok) << size;
  }
}

TEST(WriteBatchTest, LimitsNameTheOperation) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("long-key", "1");
  EXPECT_EQ(CheckBatch(batch.bytes(), 4, 4).message(), "operation 1: a key of 8 bytes, at most 4");
  batch.Clear();
  batch.Put("a", "12345");
  EXPECT_EQ(CheckBatch(batch.bytes(), 4, 4).message(),
            "operation 0: a value of 5 bytes, at most 4");
}

}  // namespace
}  // namespace wt
