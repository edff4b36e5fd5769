// What clients did and were told, in the form in which every engine of the linearizability checker
// takes it.
//
// A history is linearizable when every operation can be given one instant between its call and its
// return such that the results are those of a single copy that executes them one after another
// (Herlihy and Wing, 1990). An operation without an answer may have its instant at any time from
// its call on, or never.
//
// Real time is a rank: the position of a call or a return in the sequence of all of them. A rank is
// used once, so "returned before the other was called" is `a.ret < b.call`, never a tie.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_H_

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "scenarios/linearizability/values.h"

namespace wt::lin {

enum class Function : uint8_t {
  kNothing,        // constrains nothing: it failed before any effect, or its result is not known
  kRead,           // result: the value
  kWrite,          // argument: the value
  kCompareAndSet,  // argument: PackPair(expected, desired); succeeded
  kCompareFailed,  // the same argument; result: the value found, if it is known
  kDelete,         // result: 1 there was something, 0 there was nothing, or kUnknown
  kAppend,         // argument: what is appended
  kIncrement,      // argument: by how much; result: the new count, if it is known
};

inline constexpr uint64_t kUnknown = uint64_t{1} << 63;  // no result
inline constexpr uint32_t kOpen = ~uint32_t{0};          // no return: after every rank
inline constexpr uint32_t kMaxKeys = uint32_t{1} << 24;

constexpr uint64_t PackPair(uint32_t expected, uint32_t desired) {
  return uint64_t{expected} << 32 | desired;
}
constexpr uint32_t ExpectedOf(uint64_t pair) { return static_cast<uint32_t>(pair >> 32); }
constexpr uint32_t DesiredOf(uint64_t pair) { return static_cast<uint32_t>(pair); }

struct Operation {
  uint64_t argument = 0;  // a value of Values, a pair of them, or a number, as the function says
  uint64_t result = kUnknown;
  uint32_t call = 0;
  uint32_t ret = kOpen;
  uint32_t client = 0;
  uint32_t key : 24 = 0;
  Function function : 8 = Function::kNothing;

  bool open() const { return ret == kOpen; }
};
static_assert(sizeof(Operation) == 32 && std::is_trivially_copyable_v<Operation>);

enum class ModelKind {
  kRegister,  // read, write, compare-and-set, delete; each key is one
  kCounter,   // increment, read, write
  kText,      // read, write, append, delete; absent reads as ""
  kList,      // append, read
};

// When an operation was called and returned, for people.
struct Stamp {
  int64_t call = 0;
  int64_t ret = 0;
};
enum class StampUnit { kNanoseconds, kLine };

struct History {
  ModelKind model = ModelKind::kRegister;
  uint64_t initial = Values::kNil;  // of every key: a value, or the count
  StampUnit unit = StampUnit::kNanoseconds;
  uint32_t ranks = 0;                 // every call and return is below it
  std::vector<Operation> operations;  // in the order of their calls
  std::vector<Stamp> stamps;          // one for each operation
  std::vector<std::string> keys;      // their names
  Values values;
};

// Makes a history event by event, in the order in which they happened.
class HistoryBuilder {
 public:
  explicit HistoryBuilder(History* history) : history_(history) {}

  uint32_t KeyOf(std::string_view name);
  // Returns the operation's number.
  size_t Invoke(const Operation& operation, int64_t stamp);
  // Requires: the operation is open.
  void Return(size_t number, Function function, uint64_t result, int64_t stamp);
  // It did not happen, or says nothing. Requires: the operation is open.
  void Drop(size_t number);

 private:
  History* history_;
  absl::flat_hash_map<std::string, uint32_t> key_numbers_;
};

// Leaves out the operations that constrain nothing, and makes the ranks dense again.
void Compact(History* history);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_OPERATION_H_
