#include "reports/failure_block.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"

namespace wt::reports {
namespace {

constexpr std::string_view kFirst = "  why   ";
constexpr std::string_view kNext = "        ";
constexpr size_t kWidestWhat = 72;

struct Widths {
  size_t time = 0;
  size_t machine = 0;
  size_t what = 0;  // of the steps that carry a note
};

Widths Measure(const std::vector<Step>& steps) {
  Widths widths;
  for (const Step& step : steps) {
    widths.time = std::max(widths.time, Seconds(step.at_us).size());
    widths.machine = std::max(widths.machine, DisplayWidth(step.machine));
    if (step.note.empty()) continue;
    widths.what = std::max(widths.what, std::min(DisplayWidth(step.what), kWidestWhat));
  }
  return widths;
}

std::string StepLine(const Step& step, const Widths& widths, Look look) {
  std::string line = PadLeft(Seconds(step.at_us), widths.time);
  if (widths.machine > 0) line += " " + PadRight(step.machine, widths.machine);
  line += "  ";
  if (step.note.empty()) return line + step.what;
  return line + PadRight(step.what, widths.what) + "   " +
         Paint(look, Ink::kYellow, "← " + step.note);
}

std::string WhyLines(const std::vector<Step>& why, Look look) {
  const Widths widths = Measure(why);
  std::string text;
  for (const Step& step : why) {
    text += text.empty() ? kFirst : kNext;
    text += StepLine(step, widths, look) + "\n";
  }
  return text;
}

std::string_view Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPass: return "PASS";
    case Verdict::kFail: return "FAIL";
    case Verdict::kInconclusive: return "INCONCLUSIVE";
    case Verdict::kError: return "ERROR";
  }
  WT_CHECK(false);
}

std::string Heading(const RunRecord& record, uint64_t at_us, Ink ink, Look look) {
  std::string line = Paint(look, ink, Word(record.verdict));
  if (!record.invariant.empty()) line += "  " + Paint(look, Ink::kBold, record.invariant);
  return absl::StrFormat("%s  %s  t=%s  (%s)\n", line, RunName(record.scenario, record.seed),
                         Seconds(at_us), Plural(record.events, "event"));
}

}  // namespace

std::string ReproduceCommand(const RunRecord& record, const BlockOptions& options) {
  if (!options.command.empty()) return options.command;
  const std::string target =
      options.target.empty() ? RunName(record.scenario, record.seed) : options.target;
  return "wavetank repro " + target + options.arguments;
}

std::string FailureBlock(const RunRecord& record, const BlockOptions& options) {
  WT_CHECK(record.verdict != Verdict::kPass);
  const Ink ink = record.verdict == Verdict::kFail ? Ink::kRed : Ink::kYellow;
  const uint64_t at_us =
      record.verdict == Verdict::kFail ? record.failed_at_us : record.virtual_us;
  std::string text = Heading(record, at_us, ink, options.look);
  if (!record.message.empty()) text += "  " + record.message + "\n";
  text += WhyLines(record.why, options.look);
  text += "  reproduce  " + ReproduceCommand(record, options) + "\n";
  if (options.minimal.empty()) return text;
  return text + "  minimal    wavetank repro " + options.minimal +
         "\n  keep       wavetank corpus add " + options.minimal + "\n";
}

std::string PassLine(const RunRecord& record, const BlockOptions& options) {
  WT_CHECK(record.verdict == Verdict::kPass);
  return Heading(record, record.virtual_us, Ink::kGreen, options.look);
}

}  // namespace wt::reports
