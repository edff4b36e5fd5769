// What a database should hold: every acknowledged batch, and perhaps the one that was under way.
#ifndef WAVETANK_TESTS_DATABASE_MODEL_H_
#define WAVETANK_TESTS_DATABASE_MODEL_H_

#include <map>
#include <optional>
#include <string>

#include "engine/base/random.h"
#include "engine/database.h"

namespace wt::test {

using Contents = std::map<std::string, std::string>;

// Small enough that a few hundred writes flush, merge and roll everything.
DatabaseOptions TinyOptions();

void ApplyTo(Contents& contents, const WriteBatch& batch);

// A batch of up to eight operations on forty keys, some of them on the same key.
WriteBatch DrawBatch(Draw& draw, uint64_t serial);

// All of a database, by a scan; forward or backward.
absl::StatusOr<Contents> ReadAll(Database& db, bool backward,
                                 std::shared_ptr<const ReadView> view = nullptr);

// A range scan with bounds and a limit, on the model.
KeyValues ScanModel(const Contents& contents, const ScanOptions& options);

}  // namespace wt::test

#endif  // WAVETANK_TESTS_DATABASE_MODEL_H_
