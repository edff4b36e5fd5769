// A recorded history as a sequence of events, before a model gives them a meaning.
//
// Two notations:
//   - EDN: maps with :process, :type (:invoke, :ok, :fail, :info), :f, :value and perhaps :key, one
//     after another or in one vector or list (Jepsen's history.edn, Knossos's and Porcupine's
//     tests).
//   - A text log: lines that contain `PROCESS :type :f VALUE`, in tabs or spaces, whatever stands
//     before (jepsen.log, history.txt). Other lines are left out.
// Events of what is no client (a process that is no number: Jepsen's :nemesis) are left out.
#ifndef WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EVENT_H_
#define WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "scenarios/linearizability/recorded/edn.h"

namespace wt::lin {

enum class EventType { kInvoke, kOk, kFail, kInfo };

struct RecordedEvent {
  EventType type = EventType::kInvoke;
  int64_t process = 0;
  std::string function{};  // without the colon
  Edn value{};
  std::optional<Edn> key{};
  int line = 0;
};

// By the file's name (.edn, .log), else by its first character: EDN if it opens a form. An empty
// file is a history without events. Errors: InvalidArgument, with file and line.
absl::StatusOr<std::vector<RecordedEvent>> ReadEvents(std::string_view file, std::string_view text);

absl::StatusOr<std::vector<RecordedEvent>> ReadEdnEvents(std::string_view file,
                                                         std::string_view text);
absl::StatusOr<std::vector<RecordedEvent>> ReadTextLog(std::string_view file,
                                                       std::string_view text);

// Without the colon: "ok". None if it is no type.
std::optional<EventType> EventTypeNamed(std::string_view name);

}  // namespace wt::lin

#endif  // WAVETANK_SCENARIOS_LINEARIZABILITY_RECORDED_EVENT_H_
