#include "scenarios/linearizability/recorded/event.h"

#include "engine/base/status.h"

namespace wt::lin {
namespace {

absl::Status Wrong(std::string_view file, int line, std::string_view what) {
  return InvalidArgument("%s:%d: %s", file, line, what);
}

// None for an event that no client made.
absl::StatusOr<std::optional<RecordedEvent>> EventFrom(std::string_view file, const Edn& map) {
  RecordedEvent event{.line = map.line};
  const Edn* process = map.Find(":process");
  const Edn* type = map.Find(":type");
  const Edn* function = map.Find(":f");
  if (process == nullptr) return Wrong(file, map.line, "an event without :process");
  const std::optional<int64_t> number = process->Integer();
  if (!number) return std::optional<RecordedEvent>();
  event.process = *number;
  if (type == nullptr || type->text.empty()) return Wrong(file, map.line, "an event without :type");
  const std::optional<EventType> known =
      EventTypeNamed(std::string_view(type->text).substr(type->text.starts_with(':') ? 1 : 0));
  if (!known) {
    return Wrong(file, map.line,
                 "type " + type->ToString() + ", want :invoke, :ok, :fail or :info");
  }
  event.type = *known;
  if (function == nullptr || function->is_nil()) {
    return Wrong(file, map.line, "an event without :f");
  }
  event.function = function->text.substr(function->text.starts_with(':') ? 1 : 0);
  if (const Edn* value = map.Find(":value")) event.value = *value;
  if (const Edn* key = map.Find(":key")) event.key = *key;
  return std::optional<RecordedEvent>(std::move(event));
}

absl::Status AddEvents(std::string_view file, const Edn& form, std::vector<RecordedEvent>* events) {
  if (form.kind == Edn::Kind::kTagged) return AddEvents(file, form.parts.front(), events);
  if (form.is_sequence()) {
    for (const Edn& part : form.parts) WT_RETURN_IF_ERROR(AddEvents(file, part, events));
    return absl::OkStatus();
  }
  if (form.kind != Edn::Kind::kMap) {
    return Wrong(file, form.line, "want an event, {:process ...}, found " + form.ToString());
  }
  WT_ASSIGN_OR_RETURN(std::optional<RecordedEvent> event, EventFrom(file, form));
  if (event) events->push_back(*std::move(event));
  return absl::OkStatus();
}

}  // namespace

std::optional<EventType> EventTypeNamed(std::string_view name) {
  if (name == "invoke") return EventType::kInvoke;
  if (name == "ok") return EventType::kOk;
  if (name == "fail") return EventType::kFail;
  if (name == "info") return EventType::kInfo;
  return std::nullopt;
}

absl::StatusOr<std::vector<RecordedEvent>> ReadEdnEvents(std::string_view file,
                                                         std::string_view text) {
  std::vector<RecordedEvent> events;
  EdnReader reader(file, text);
  while (true) {
    WT_ASSIGN_OR_RETURN(const std::optional<Edn> form, reader.Next());
    if (!form) return events;
    WT_RETURN_IF_ERROR(AddEvents(file, *form, &events));
  }
}

absl::StatusOr<std::vector<RecordedEvent>> ReadEvents(std::string_view file,
                                                      std::string_view text) {
  if (file.ends_with(".edn")) return ReadEdnEvents(file, text);
  if (file.ends_with(".log")) return ReadTextLog(file, text);
  const size_t first = text.find_first_not_of(" \t\r\n,");
  if (first == std::string_view::npos) return std::vector<RecordedEvent>();
  const bool opens_form = std::string_view("{[(;#^").find(text[first]) != std::string_view::npos;
  return opens_form ? ReadEdnEvents(file, text) : ReadTextLog(file, text);
}

}  // namespace wt::lin
