// Recorded histories, of a named model.
//
//   const RecordedModel* model = FindRecordedModel("etcd");
//   WT_ASSIGN_OR_RETURN(History history, ReadHistory("etcd_001.log", text, *model));
//
//   name          :f (others are errors)      initial   what is special
//   register      read, write, cas, delete    nil
//   cas-register  the same                    0         an ok read of nil says nothing (Knossos)
//   etcd          the same                    nil       a failed cas compared and found another
//                                                       value; failed with a keyword for a value
//                                                       (:timed-out), it is not known (Jepsen)
//   kv            get, put, append, delete    ""        nil is ""
//   counter       add, increment, decrement,  0         what an ok add returns is not looked at
//                 read, write
//   list-append   append, read; txn of one    []        Elle's [[:append k v]], [[:r k [...]]]
//
// Synonyms: get = read = r, put = write = set = w, inc = increment, and the like. Any of them may
// have a :key; kv and list-append may have [key value] as their value instead. :fail is an
// operation that did not happen, but for etcd's cas. :info, a process that invokes again, and the
// end of the file leave an operation open: it may have happened, at any time since.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_READER_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_READER_H_

#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "scenarios/linearizability/operation.h"

namespace wt::lin {

struct RecordedModel {
  std::string_view name;
  ModelKind kind;
  std::string_view initial;  // empty: none
  bool nil_read_says_nothing = false;
  bool failed_cas_compared = false;
};

std::span<const RecordedModel> RecordedModels();

// By its name; or by a description that has the name as a word ("etcd register, read/write"), the
// first that there is. Null if there is none.
const RecordedModel* FindRecordedModel(std::string_view name);
const RecordedModel* FindDescribedModel(std::string_view description);

// `file` is for messages, and its extension tells the notation (event.h).
// Errors: InvalidArgument, with file and line.
absl::StatusOr<History> ReadHistory(std::string_view file, std::string_view text,
                                    const RecordedModel& model);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_READER_H_
