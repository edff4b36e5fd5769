#include "scenarios/cli/stepper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "reports/table.h"
#include "reports/text.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/step_pattern.h"
#include "scenarios/campaign/values.h"
#include "scenarios/campaign/view_request.h"

namespace wt::cli {
namespace {

using reports::Step;
using reports::WithThousands;
using scenarios::ExecuteOptions;
using scenarios::Run;

constexpr size_t kAround = 3;   // steps shown before and behind the moment
constexpr size_t kListed = 12;  // the same for `list`
constexpr uint64_t kDetail = 20;

const std::vector<std::string> kVerbs = {"next", "back",   "find", "rfind", "time", "record",
                                         "list", "detail", "show", "help",  "quit"};

std::string Trimmed(std::string_view text) {
  const absl::string_view trimmed =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return std::string(trimmed.data(), trimmed.size());
}

// By any beginning of its name; of several, the first in the list.
absl::StatusOr<std::string> VerbNamed(const std::string& word) {
  for (const std::string& verb : kVerbs) {
    if (!word.empty() && verb.starts_with(word)) return verb;
  }
  return InvalidArgument("%s (help)", scenarios::UnknownName("command", word, kVerbs));
}

absl::StatusOr<uint64_t> CountOf(const std::string& text, uint64_t otherwise) {
  if (text.empty()) return otherwise;
  return scenarios::ParseNumber(text);
}

}  // namespace

const std::string_view Stepper::kHelp =
    "next [N]        on by N steps of the story (1)\n"
    "back [N]        the other way\n"
    "find PATTERN    on to the next step that begins so: primary.elected, n2/engine.opening,\n"
    "                fault: power-loss\n"
    "rfind PATTERN   the other way\n"
    "time T          to the last step at T or before: 3.08s\n"
    "record N        to the moment at which there are N trace records\n"
    "list            the steps around\n"
    "detail [N]      the N trace records before this moment (20)\n"
    "show VIEW       machines, events, tasks, network, files:n1, pending:n1, log:n1,\n"
    "                bytes:n1:PATH[:OFFSET[:SIZE]]\n"
    "help, quit      the beginning of a word is enough; an empty line repeats the last command\n";

absl::StatusOr<Stepper> Stepper::Begin(Rerun rerun) {
  WT_ASSIGN_OR_RETURN(Run run, rerun(ExecuteOptions{.story = true}));
  if (run.story.empty()) {
    return FailedPrecondition("this run tells no story: it ended with \"%s\"", run.record.message);
  }
  return Stepper(std::move(rerun), std::move(run));
}

Stepper::Stepper(Rerun rerun, Run run)
    : rerun_(std::move(rerun)),
      story_(std::move(run.story)),
      records_(run.record.events),
      record_(RecordOf(1)) {}

absl::StatusOr<std::string> Stepper::Do(std::string_view line) {
  const std::string text = Trimmed(line);
  if (text.empty()) return Do(last_);
  const size_t space = std::min(text.find(' '), text.size());
  WT_ASSIGN_OR_RETURN(std::string verb, VerbNamed(text.substr(0, space)));
  last_ = {std::move(verb), Trimmed(text.substr(space))};
  return Do(last_);
}

absl::StatusOr<std::string> Stepper::Do(const Command& command) {
  const std::string& verb = command.verb;
  if (verb == "next") return Move(command.rest, 1);
  if (verb == "back") return Move(command.rest, -1);
  if (verb == "find") return Find(command.rest, true);
  if (verb == "rfind") return Find(command.rest, false);
  if (verb == "time") return GoToTime(command.rest);
  if (verb == "record") return GoToRecord(command.rest);
  if (verb == "list") return Here(kListed);
  if (verb == "detail") return Detail(command.rest);
  if (verb == "show") return Show(command.rest);
  if (verb == "help") return std::string(kHelp);
  done_ = true;
  return std::string();
}

absl::StatusOr<std::string> Stepper::Move(const std::string& count, int64_t sign) {
  WT_ASSIGN_OR_RETURN(const uint64_t steps, CountOf(count, 1));
  const auto most = static_cast<int64_t>(story_.size());
  const auto by = static_cast<int64_t>(std::min<uint64_t>(steps, story_.size()));
  const int64_t passed = static_cast<int64_t>(Passed()) + sign * by;
  record_ = RecordOf(static_cast<size_t>(std::clamp<int64_t>(passed, 1, most)));
  return Here(kAround);
}

absl::StatusOr<std::string> Stepper::Find(std::string_view pattern, bool forwards) {
  if (pattern.empty()) return InvalidArgument("find what? For example: find primary.elected");
  const size_t here = Passed();
  const size_t tried = forwards ? story_.size() - here : here - std::min<size_t>(here, 1);
  for (size_t i = 0; i < tried; ++i) {
    const size_t at = forwards ? here + i : here - 2 - i;
    if (!scenarios::Matches(pattern, story_[at])) continue;
    record_ = RecordOf(at + 1);
    return Here(kAround);
  }
  return NotFound("no step %s begins with \"%s\"", forwards ? "from here on" : "before", pattern);
}

absl::StatusOr<std::string> Stepper::GoToTime(const std::string& text) {
  WT_ASSIGN_OR_RETURN(const Duration time, scenarios::ParseDuration(text));
  const auto micros =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
  const auto behind = std::ranges::upper_bound(story_, micros, {}, &Step::at_us);
  record_ = RecordOf(std::max<size_t>(1, static_cast<size_t>(behind - story_.begin())));
  return Here(kAround);
}

absl::StatusOr<std::string> Stepper::GoToRecord(const std::string& text) {
  if (text.empty()) return absl::StrFormat("%d of %d records\n", record_, records_);
  WT_ASSIGN_OR_RETURN(const uint64_t record, CountOf(text, record_));
  record_ = std::clamp<uint64_t>(record, 1, records_);
  return Here(kAround);
}

absl::StatusOr<std::string> Stepper::Detail(const std::string& count) {
  WT_ASSIGN_OR_RETURN(const uint64_t most, CountOf(count, kDetail));
  WT_ASSIGN_OR_RETURN(const Run run,
                      rerun_(ExecuteOptions{.trace_from = record_ - std::min(record_, most),
                                            .trace_to = record_,
                                            .stop = {.record = record_}}));
  std::string text;
  for (const std::string& line : run.trace) text += line + "\n";
  return text;
}

absl::StatusOr<std::string> Stepper::Show(std::string view) {
  std::ranges::replace(view, ' ', ':');  // "show files n1"
  WT_RETURN_IF_ERROR(scenarios::ParseViewRequest(view).status());
  WT_ASSIGN_OR_RETURN(const Run run,
                      rerun_(ExecuteOptions{.stop = {.record = record_}, .show = {view}}));
  if (!run.stopped) return Unavailable("the run did not come to record %d again", record_);
  return run.stopped->view;
}

std::string Stepper::Here(size_t around) const {
  const size_t passed = Passed();
  const size_t from = passed - std::min(passed, around + 1);
  const size_t to = std::min(story_.size(), passed + around);
  reports::Table table({{" "}, {"time", reports::Align::kRight}, {"machine"}, {"what"}});
  for (size_t i = from; i < to; ++i) {
    table.AddRow({{i + 1 == passed ? ">" : ""},
                  {reports::Seconds(story_[i].at_us)},
                  {story_[i].machine},
                  {story_[i].what}});
  }
  return table.ToString({}) + absl::StrFormat("record %s of %s, step %d of %d\n",
                                              WithThousands(record_), WithThousands(records_),
                                              passed, story_.size());
}

size_t Stepper::Passed() const {
  const auto behind = std::ranges::upper_bound(story_, record_, {}, &Step::record);
  return static_cast<size_t>(behind - story_.begin());
}

// Where a few steps share a record, all of them have happened then.
uint64_t Stepper::RecordOf(size_t passed) const {
  WT_CHECK(passed >= 1 && passed <= story_.size());
  return std::max<uint64_t>(1, story_[passed - 1].record);
}

}  // namespace wt::cli
