#include "engine/base/status.h"
#include "scenarios/linearizability/recorded/event.h"

namespace wt::lin {
namespace {

constexpr std::string_view kSpace = " \t\r";

// Words of a line, and where each begins.
struct Word {
  std::string_view text;
  size_t begin;
};

std::vector<Word> WordsOf(std::string_view line) {
  std::vector<Word> words;
  size_t at = line.find_first_not_of(kSpace);
  while (at != std::string_view::npos) {
    const size_t end = std::min(line.find_first_of(kSpace, at), line.size());
    words.push_back({line.substr(at, end - at), at});
    at = line.find_first_not_of(kSpace, end);
  }
  return words;
}

// Whether it is a keyword (":ok"), and then the type if it names one.
std::optional<EventType> TypeIn(std::string_view word) {
  return word.starts_with(':') ? EventTypeNamed(word.substr(1)) : std::nullopt;
}

struct LineResult {
  bool is_event = false;  // of whomever
  std::optional<RecordedEvent> event{};
};

absl::StatusOr<LineResult> EventIn(std::string_view file, std::string_view line, int number) {
  const std::vector<Word> words = WordsOf(line);
  for (size_t i = 1; i + 1 < words.size(); ++i) {
    const std::optional<EventType> type = TypeIn(words[i].text);
    if (!type || !words[i + 1].text.starts_with(':')) continue;
    const std::string process_text(words[i - 1].text);
    const Edn process{.kind = Edn::Kind::kNumber, .text = process_text};
    const std::optional<int64_t> client = process.Integer();
    if (!client) return LineResult{.is_event = true};
    RecordedEvent event{.type = *type,
                        .process = *client,
                        .function = std::string(words[i + 1].text.substr(1)),
                        .line = number};
    const std::string_view rest = line.substr(words[i + 1].begin + words[i + 1].text.size());
    EdnReader reader(file, rest, number);
    absl::StatusOr<std::optional<Edn>> value = reader.Next();
    // What follows a failure may be any message.
    const bool must_parse = *type == EventType::kInvoke || *type == EventType::kOk;
    if (!value.ok() && must_parse) return value.status();
    if (value.ok() && value->has_value()) event.value = **value;
    return LineResult{.is_event = true, .event = std::move(event)};
  }
  return LineResult{};
}

}  // namespace

absl::StatusOr<std::vector<RecordedEvent>> ReadTextLog(std::string_view file,
                                                       std::string_view text) {
  std::vector<RecordedEvent> events;
  bool any_event = false;
  int first_other = 0;
  int number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.find_first_not_of(kSpace) == std::string_view::npos) continue;
    WT_ASSIGN_OR_RETURN(LineResult result, EventIn(file, line, number));
    any_event = any_event || result.is_event;
    if (result.event) events.push_back(*std::move(result.event));
    if (!result.is_event && first_other == 0) first_other = number;
  }
  if (!any_event && first_other != 0) {
    return InvalidArgument("%s:%d: no line here is an event (PROCESS :type :f VALUE)", file,
                           first_other);
  }
  return events;
}

}  // namespace wt::lin
