// `wavetank history`: is a recorded history linearizable?
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "reports/exit_code.h"
#include "reports/table.h"
#include "reports/text.h"
#include "scenarios/campaign/campaign_files.h"
#include "scenarios/campaign/nearest.h"
#include "scenarios/campaign/values.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"
#include "scenarios/linearizability/check.h"
#include "scenarios/linearizability/recorded/cases.h"
#include "scenarios/linearizability/recorded/reader.h"
#include "scenarios/linearizability/window.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using lin::RecordedCase;
using lin::RecordedModel;
using lin::Verdict;
using reports::Align;
using reports::Ink;

struct Options {
  Common common{};
  std::vector<std::string> files;
  std::string model;
  std::string budget;
  std::string cases;
};

// What is to be checked; of a table of cases, with what is known about it.
struct Task {
  std::string name;  // as the user knows the file
  std::string path;
  const RecordedModel* model = nullptr;
  std::optional<bool> expected{};
  std::optional<double> reference_us{};
};

struct Answer {
  absl::Status status;  // why the file cannot be checked
  lin::Outcome outcome{};
  uint64_t operations = 0;
  uint64_t open = 0;
  double us = 0;
  std::string window{};
};

// The median of a few batches: a check can be shorter than a look at the clock.
double MeasuredUs(const lin::History& history, const lin::Budget& budget, double first_us) {
  constexpr double kBatchUs = 100;
  constexpr int kBatches = 9;
  if (first_us > 10 * kBatchUs) return first_us;
  const int repeats = 1 + static_cast<int>(kBatchUs / std::max(first_us, 0.1));
  std::vector<double> batches;
  for (int batch = 0; batch < kBatches; ++batch) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) lin::Check(history, budget);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    batches.push_back(took.count() / repeats);
  }
  std::nth_element(batches.begin(), batches.begin() + kBatches / 2, batches.end());
  return batches[kBatches / 2];
}

Answer AnswerOf(const Task& task, const lin::Budget& budget) {
  Answer answer;
  const absl::StatusOr<std::string> text = scenarios::ReadWholeFile(task.path);
  if (!text.ok()) return {.status = text.status()};
  const absl::StatusOr<lin::History> history = lin::ReadHistory(task.name, *text, *task.model);
  if (!history.ok()) return {.status = history.status()};
  for (const lin::Operation& operation : history->operations) {
    if (operation.function == lin::Function::kNothing) continue;
    ++answer.operations;
    answer.open += operation.open();
  }
  const auto begin = std::chrono::steady_clock::now();
  answer.outcome = lin::Check(*history, budget);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  answer.us = MeasuredUs(*history, budget, took.count());
  if (answer.outcome.verdict == Verdict::kNotLinearizable) {
    answer.window = lin::Explain(*history, answer.outcome);
  }
  return answer;
}

bool Agrees(const Task& task, const Answer& answer) {
  if (!task.expected || !answer.status.ok()) return true;
  if (answer.outcome.verdict == Verdict::kUnknown) return true;  // says nothing, and is counted
  return *task.expected == (answer.outcome.verdict == Verdict::kLinearizable);
}

std::string OneDecimal(double number) { return absl::StrFormat("%.1f", number); }

class Report {
 public:
  Report(const Shell& shell, bool json, bool with_cases)
      : shell_(shell), json_(json), with_cases_(with_cases), table_(Columns(with_cases)) {}

  void Add(const Task& task, const Answer& answer) {
    Count(task, answer);
    if (json_) return Print(Line(task, answer));
    if (!answer.status.ok()) {
      Complain(absl::StrFormat("wavetank history: %s", MessageOf(answer.status)));
    }
    table_.AddRow(Row(task, answer));
    if (!answer.window.empty() && (!with_cases_ || !Agrees(task, answer))) {
      windows_ += "\n" + task.name + "\n" + answer.window;
    }
  }

  int Finish() {
    if (json_) {
      Print(EndLine());
    } else {
      Print(table_.ToString(shell_.terminal.out) + windows_ + EndText());
    }
    if (errors_ > 0) return reports::kExitBroken;
    const uint64_t findings = with_cases_ ? disagreements_ : wrong_;
    if (findings > 0) return reports::kExitFinding;
    return unknown_ > 0 || files_ == 0 ? reports::kExitInconclusive : reports::kExitPassed;
  }

 private:
  static std::vector<reports::Column> Columns(bool with_cases) {
    std::vector<reports::Column> columns = {{"file"},
                                            {"verdict"},
                                            {"operations", Align::kRight},
                                            {"open", Align::kRight},
                                            {"engine"},
                                            {"steps", Align::kRight},
                                            {"us", Align::kRight}};
    if (!with_cases) return columns;
    columns.push_back({"reference us", Align::kRight});
    columns.push_back({"ratio", Align::kRight});
    columns.push_back({""});
    return columns;
  }

  void Count(const Task& task, const Answer& answer) {
    ++files_;
    errors_ += !answer.status.ok();
    disagreements_ += !Agrees(task, answer);
    if (!answer.status.ok()) return;
    right_ += answer.outcome.verdict == Verdict::kLinearizable;
    wrong_ += answer.outcome.verdict == Verdict::kNotLinearizable;
    unknown_ += answer.outcome.verdict == Verdict::kUnknown;
    if (!task.reference_us) return;
    us_ += answer.us;
    reference_us_ += *task.reference_us;
    ratios_.push_back(*task.reference_us / std::max(answer.us, 0.001));
  }

  std::vector<reports::Cell> Row(const Task& task, const Answer& answer) const;
  std::string Line(const Task& task, const Answer& answer) const;
  std::string EndText() const;
  std::string EndLine() const;
  double GeometricMean() const;
  double Median() const;

  const Shell& shell_;
  const bool json_;
  const bool with_cases_;
  reports::Table table_;
  std::string windows_;
  uint64_t files_ = 0;
  uint64_t errors_ = 0;
  uint64_t right_ = 0;
  uint64_t wrong_ = 0;
  uint64_t unknown_ = 0;
  uint64_t disagreements_ = 0;
  double us_ = 0;
  double reference_us_ = 0;
  std::vector<double> ratios_;
};

std::vector<reports::Cell> Report::Row(const Task& task, const Answer& answer) const {
  std::vector<reports::Cell> row = {{task.name}};
  if (answer.status.ok()) {
    const Verdict verdict = answer.outcome.verdict;
    const Ink ink = verdict == Verdict::kLinearizable      ? Ink::kGreen
                    : verdict == Verdict::kNotLinearizable ? Ink::kRed
                                                           : Ink::kYellow;
    row.push_back({std::string(NameOf(verdict)), ink});
    row.push_back({reports::WithThousands(answer.operations)});
    row.push_back({reports::WithThousands(answer.open)});
    row.push_back({std::string(NameOf(answer.outcome.engine))});
    row.push_back({reports::WithThousands(answer.outcome.steps)});
    row.push_back({OneDecimal(answer.us)});
  } else {
    row.push_back({"unreadable", Ink::kRed});
    row.resize(7);
  }
  if (!with_cases_) return row;
  const bool compares = answer.status.ok() && task.reference_us.has_value();
  row.push_back({compares ? OneDecimal(*task.reference_us) : ""});
  row.push_back({compares ? OneDecimal(*task.reference_us / std::max(answer.us, 0.001)) : ""});
  row.push_back({Agrees(task, answer) ? "" : "DISAGREES", Ink::kRed});
  return row;
}

std::string Report::Line(const Task& task, const Answer& answer) const {
  Json json{{"kind", "history"}, {"file", task.name}, {"model", std::string(task.model->name)}};
  if (!answer.status.ok()) {
    json["verdict"] = "error";
    json["error"] = MessageOf(answer.status);
  } else {
    json["verdict"] = std::string(NameOf(answer.outcome.verdict));
    json["operations"] = answer.operations;
    json["open"] = answer.open;
    json["engine"] = std::string(NameOf(answer.outcome.engine));
    json["steps"] = answer.outcome.steps;
    json["check_us"] = answer.us;
    const std::vector<std::string> window = absl::StrSplit(answer.window, '\n', absl::SkipEmpty());
    json["window"] = window;
  }
  if (task.expected) {
    json["expected"] =
        std::string(NameOf(*task.expected ? Verdict::kLinearizable : Verdict::kNotLinearizable));
    json["agrees"] = Agrees(task, answer);
  }
  if (task.reference_us) json["reference_us"] = *task.reference_us;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

double Report::GeometricMean() const {
  double sum = 0;
  for (const double ratio : ratios_) sum += std::log(ratio);
  return std::exp(sum / static_cast<double>(ratios_.size()));
}

double Report::Median() const {
  std::vector<double> sorted = ratios_;
  std::sort(sorted.begin(), sorted.end());
  return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
}

std::string Report::EndText() const {
  std::string text = absl::StrFormat("\n%s: %d linearizable, %d not, %d inconclusive",
                                     reports::Plural(files_, "file"), right_, wrong_, unknown_);
  if (errors_ > 0) text += absl::StrFormat(", %d unreadable", errors_);
  if (with_cases_) text += absl::StrFormat("; %d disagree with the table", disagreements_);
  text += "\n";
  if (ratios_.empty()) return text;
  const auto [least, most] = std::minmax_element(ratios_.begin(), ratios_.end());
  return text + absl::StrFormat(
                    "%.1f us in all beside the reference's %.1f: %.1f times as fast; by file "
                    "%.1f in geometric mean, %.1f in median, %.1f to %.1f\n",
                    us_, reference_us_, reference_us_ / std::max(us_, 0.001), GeometricMean(),
                    Median(), *least, *most);
}

std::string Report::EndLine() const {
  Json json{{"kind", "end"},
            {"files", files_},
            {"linearizable", right_},
            {"not_linearizable", wrong_},
            {"inconclusive", unknown_},
            {"errors", errors_}};
  if (with_cases_) json["disagreements"] = disagreements_;
  if (!ratios_.empty()) {
    json["check_us"] = us_;
    json["reference_us"] = reference_us_;
    json["ratio_geometric_mean"] = GeometricMean();
    json["ratio_median"] = Median();
    json["ratio_least"] = *std::min_element(ratios_.begin(), ratios_.end());
  }
  return json.dump() + "\n";
}

absl::StatusOr<std::vector<Task>> TasksOfFiles(const Options& options) {
  std::vector<std::string> known;
  for (const RecordedModel& model : lin::RecordedModels()) known.emplace_back(model.name);
  if (options.files.empty()) return InvalidArgument("name a FILE, or a table with --cases");
  if (options.model.empty()) {
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    return InvalidArgument("--model is missing; known: %s", names);
  }
  const RecordedModel* model = lin::FindRecordedModel(options.model);
  if (model == nullptr) {
    return NotFound("%s", scenarios::UnknownName("model", options.model, known));
  }
  std::vector<Task> tasks;
  for (const std::string& file : options.files) tasks.push_back({file, file, model});
  return tasks;
}

absl::StatusOr<std::vector<Task>> TasksOfCases(const Options& options) {
  if (!options.files.empty() || !options.model.empty()) {
    return InvalidArgument("--cases names the files and their models itself");
  }
  WT_ASSIGN_OR_RETURN(const std::string text, scenarios::ReadWholeFile(options.cases));
  WT_ASSIGN_OR_RETURN(const std::vector<RecordedCase> cases, lin::ReadCases(options.cases, text));
  const std::filesystem::path folder = std::filesystem::path(options.cases).parent_path();
  std::vector<Task> tasks;
  for (const RecordedCase& one : cases) {
    tasks.push_back({.name = one.file,
                     .path = (folder / one.file).string(),
                     .model = one.model,
                     .expected = one.linearizable,
                     .reference_us = one.reference_us});
  }
  return tasks;
}

absl::StatusOr<int> CheckHistories(const Shell& shell, const Options& options) {
  lin::Budget budget;
  if (!options.budget.empty()) {
    WT_ASSIGN_OR_RETURN(budget.steps, Parsed("budget", options.budget, scenarios::ParseNumber));
    if (budget.steps == 0) return InvalidArgument("--budget: at least 1");
  }
  const bool with_cases = !options.cases.empty();
  absl::StatusOr<std::vector<Task>> tasks =
      with_cases ? TasksOfCases(options) : TasksOfFiles(options);
  if (with_cases && absl::IsNotFound(tasks.status())) {
    Complain(absl::StrFormat("wavetank history: %s", MessageOf(tasks.status())));
    return reports::kExitBroken;
  }
  if (!tasks.ok()) return tasks.status();
  Report report(shell, options.common.json, with_cases);
  for (const Task& task : *tasks) report.Add(task, AnswerOf(task, budget));
  return report.Finish();
}

}  // namespace

Verb AddHistory(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand("history", "is a recorded history linearizable?");
  verb->add_option("file", options->files,
                   "histories in EDN, or text logs of Jepsen (by .edn, .log, else by content)");
  AddFlag(*verb, "model", &options->model,
          "kv, register, etcd, cas-register, counter or list-append");
  AddFlag(*verb, "budget", &options->budget, "steps, then inconclusive; default 20,000,000");
  AddFlag(*verb, "cases", &options->cases,
          "a table of files with expected verdicts and a reference's times, to compare with");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return CheckHistories(shell, *options); }};
}

}  // namespace wt::cli
