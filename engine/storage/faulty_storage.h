// A storage in front of another that fails, stalls, counts and keeps watch: for tests of whatever
// uses a Storage.
//
//   FaultyStorage storage(env.tasks, NewMemoryStorage(env.tasks));
//   storage.Inject({.calls = StorageCall::kRead | StorageCall::kOpen,
//                   .types = FileType::kTable | FileType::kJournal,
//                   .when = Nth(3),
//                   .error = absl::UnavailableError("device")});
//   ... use it ...
//   EXPECT_EQ(storage.CloseCheck(), absl::OkStatus()) << storage.OpLog();
//
// A rule is about every call of the set on every type of the set, and counts them together: Nth(3)
// above is the third read or open of a table or a journal. Rename counts as of the old type;
// GetMeta and List, which name no file, as of every type.
#ifndef WAVETANK_ENGINE_STORAGE_FAULTY_STORAGE_H_
#define WAVETANK_ENGINE_STORAGE_FAULTY_STORAGE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/mutex.h"
#include "engine/storage/storage.h"

namespace wt {

// One bit each.
enum class StorageCall : uint16_t {
  kOpen = 1 << 0,
  kCreate = 1 << 1,
  kRemove = 1 << 2,
  kRename = 1 << 3,
  kRead = 1 << 4,   // ReadAt and Map
  kWrite = 1 << 5,  // Append
  kSync = 1 << 6,
  kClose = 1 << 7,  // of readers and writers
  kSetMeta = 1 << 8,
  kGetMeta = 1 << 9,
  kList = 1 << 10,
};
std::string_view NameOf(StorageCall call);

class StorageCalls {
 public:
  constexpr StorageCalls() = default;
  constexpr StorageCalls(StorageCall call)  // NOLINT: a set of one
      : bits_(static_cast<uint16_t>(call)) {}
  static constexpr StorageCalls All() { return StorageCalls((1u << 11) - 1); }

  constexpr bool Has(StorageCall call) const { return (bits_ & static_cast<uint16_t>(call)) != 0; }
  constexpr StorageCalls operator|(StorageCalls other) const {
    return StorageCalls(static_cast<unsigned>(bits_) | other.bits_);
  }

 private:
  constexpr explicit StorageCalls(unsigned bits) : bits_(static_cast<uint16_t>(bits)) {}
  uint16_t bits_ = 0;
};
constexpr StorageCalls operator|(StorageCall a, StorageCall b) {
  return StorageCalls(a) | StorageCalls(b);
}

// Which of the calls that a rule is about fail.
struct FaultWhen {
  uint64_t from = 1;  // the first that may, counting from 1
  uint64_t until = ~uint64_t{0};
  uint32_t ppm = 1'000'000;  // the chance of each, in a million
};
constexpr FaultWhen Always() { return {}; }
constexpr FaultWhen Once() { return {.from = 1, .until = 1}; }
constexpr FaultWhen Nth(uint64_t n) { return {.from = n, .until = n}; }
constexpr FaultWhen FromNth(uint64_t n) { return {.from = n}; }
constexpr FaultWhen WithChance(uint32_t ppm) { return {.ppm = ppm}; }

// What the call has done before it says that it failed.
enum class FaultEffect { kNone, kDone };

struct StorageFault {
  StorageCalls calls = StorageCalls::All();
  FileTypes types = kAllFileTypes;
  FaultWhen when = Always();
  absl::Status error = absl::UnavailableError("injected");
  FaultEffect effect = FaultEffect::kNone;  // a failed Close releases the handle either way
};

struct StorageCounter {
  uint64_t calls = 0;   // that were made, failed ones included
  uint64_t failed = 0;  // of these, injected or the base's own
  uint64_t bytes = 0;   // read or appended
};

// Thread-safe.
class FaultyStorage final : public Storage {
 public:
  // `seed` keys the draws of WithChance.
  FaultyStorage(Tasks& tasks, std::unique_ptr<Storage> base, uint64_t seed = 1);
  ~FaultyStorage() override;

  // ---- Faults. The first rule that says so fails a call; rules count on beside it.

  using RuleId = uint64_t;
  RuleId Inject(StorageFault fault);
  void Withdraw(RuleId rule);
  void WithdrawAll();

  // Calls of the sets wait until Release; AwaitStalled returns when so many wait.
  void Stall(StorageCalls calls, FileTypes types);
  void Release();
  void AwaitStalled(uint64_t count);

  // ---- What happened.

  StorageCounter Count(StorageCalls calls = StorageCalls::All(), FileTypes types = kAllFileTypes);
  // The newest calls with their results, a line each.
  std::string OpLog();
  // What the contract forbids and somebody did: SetMeta of a manifest that was never synced, files
  // removed that GetMeta points to, handles used when closed.
  std::vector<std::string> Misuse();
  // Errors: FailedPrecondition that lists what is open, or what was misused.
  absl::Status CloseCheck();

  Storage& base() { return *base_; }

  absl::StatusOr<std::unique_ptr<StorageLock>> Lock() override;
  void Log(std::string_view line) override;
  absl::Status SetMeta(const FileDesc& fd) override;
  absl::StatusOr<FileDesc> GetMeta() override;
  absl::StatusOr<std::vector<FileDesc>> List(FileTypes types) override;
  absl::StatusOr<std::unique_ptr<StorageReader>> Open(const FileDesc& fd) override;
  absl::StatusOr<std::unique_ptr<StorageWriter>> Create(const FileDesc& fd) override;
  absl::Status Remove(const FileDesc& fd) override;
  absl::Status Rename(const FileDesc& from, const FileDesc& to) override;
  absl::Status Close() override;

 private:
  friend class FaultyReader;
  friend class FaultyWriter;

  struct Rule {
    StorageFault fault;
    uint64_t seen = 0;
  };
  struct Stalled {
    StorageCalls calls;
    FileTypes types;
  };
  struct Injected {
    absl::Status error;
    FaultEffect effect = FaultEffect::kNone;
  };
  using Cell = std::pair<StorageCall, FileType>;  // FileType::kNone: of no file

  // What every call passes through, around the base's own. `run` returns the base's status.
  template <typename Run>
  absl::Status Pass(StorageCall call, const FileDesc& fd, Run run);
  template <typename T, typename Run>
  absl::StatusOr<T> PassFor(StorageCall call, const FileDesc& fd, Run run);
  template <typename Handle>
  absl::Status PassClose(const FileDesc& fd, Handle& handle);
  void WaitWhileStalled(StorageCall call, FileType type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<Injected> Draw(StorageCall call, FileType type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool IsStalled(StorageCall call, FileType type) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<Injected> Enter(StorageCall call, const FileDesc& fd);
  void Leave(StorageCall call, const FileDesc& fd, const absl::Status& result);
  void AddBytes(StorageCall call, const FileDesc& fd, uint64_t bytes);
  void AddMisuse(const FileDesc& fd, std::string_view what);
  void NoteSynced(const FileDesc& fd);

  const std::unique_ptr<Storage> base_;
  const uint64_t seed_;
  Mutex mu_;
  CondVar changed_;
  std::map<RuleId, Rule> rules_ ABSL_GUARDED_BY(mu_);
  RuleId next_rule_ ABSL_GUARDED_BY(mu_) = 1;
  std::vector<Stalled> stalls_ ABSL_GUARDED_BY(mu_);
  uint64_t stalled_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<Cell, StorageCounter> counters_ ABSL_GUARDED_BY(mu_);
  std::deque<std::string> log_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> misuse_ ABSL_GUARDED_BY(mu_);
  // Handles by number; who is destroyed unclosed stays, and is a leak.
  std::map<uint64_t, FileDesc> open_ ABSL_GUARDED_BY(mu_);
  uint64_t next_handle_ ABSL_GUARDED_BY(mu_) = 1;
  std::map<FileDesc, bool> synced_ ABSL_GUARDED_BY(mu_);  // of manifests created here
  std::optional<FileDesc> pointer_ ABSL_GUARDED_BY(mu_);
};

}  // namespace wt

#endif  // WAVETANK_ENGINE_STORAGE_FAULTY_STORAGE_H_
