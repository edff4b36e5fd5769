// `wavetank check`: is a data folder of a real machine whole? Nothing of it is changed.
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/check.h"
#include "engine/posix/posix_world.h"
#include "reports/exit_code.h"
#include "reports/text.h"
#include "scenarios/cli/flags.h"
#include "scenarios/cli/shell.h"

namespace wt::cli {
namespace {

using Json = nlohmann::ordered_json;
using reports::Ink;
using Kind = CheckFinding::Kind;

struct Options {
  Common common{};
  std::string folder;
  CheckOptions check;
};

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kFine:
      return "fine";
    case Kind::kDamage:
      return "damage";
    case Kind::kUnreadable:
      return "unreadable";
  }
  return "";
}

std::string Text(const CheckFinding& finding, reports::Look look) {
  const Ink ink = finding.kind == Kind::kFine ? Ink::kGreen : Ink::kRed;
  std::string place = finding.file;
  if (finding.offset) place += absl::StrFormat(" at %d", *finding.offset);
  return absl::StrFormat("%s  %s\n  %s\n  %s\n", reports::Paint(look, ink, NameOf(finding.kind)),
                         place, finding.what, finding.means);
}

std::string Summary(const CheckReport& report, reports::Look look) {
  std::string text;
  if (report.segments > 0 || report.last_index > LogIndex(0)) {
    text += absl::StrFormat("log        %s, entries %d to %d\n",
                            reports::Plural(report.segments, "segment"), report.first_index.value(),
                            report.last_index.value());
  }
  if (report.tables > 0 || report.in_tables > LogIndex(0)) {
    text += absl::StrFormat("tables     %s of %s bytes, up to entry %d\n",
                            reports::Plural(report.tables, "table"),
                            reports::WithThousands(report.table_bytes), report.in_tables.value());
  }
  if (report.snapshots > 0) {
    text += absl::StrFormat("snapshots  %s, up to entry %d\n",
                            reports::WithThousands(report.snapshots), report.in_snapshots.value());
  }
  if (report.is_whole()) return text + reports::Paint(look, Ink::kGreen, "WHOLE") + "\n";
  return text +
         reports::Paint(look, Ink::kRed,
                        report.Has(Kind::kDamage) ? "DAMAGED" : "NOT ALL OF IT CAN BE READ") +
         "\n";
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json ToJson(const CheckFinding& finding) {
  return Json{{"kind", std::string(NameOf(finding.kind))},
              {"file", finding.file},
              {"offset", finding.offset ? Json(*finding.offset) : Json()},
              {"what", finding.what},
              {"means", finding.means}};
}

Json ToJson(const CheckReport& report) {
  return Json{{"kind", "end"},
              {"whole", report.is_whole()},
              {"segments", report.segments},
              {"first_index", report.first_index.value()},
              {"last_index", report.last_index.value()},
              {"tables", report.tables},
              {"table_bytes", report.table_bytes},
              {"table_entries", report.table_entries},
              {"in_tables", report.in_tables.value()},
              {"snapshots", report.snapshots},
              {"in_snapshots", report.in_snapshots.value()}};
}

absl::StatusOr<int> Check(const Shell& shell, const Options& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(options.folder, error)) {
    return NotFound("%s is no folder", options.folder);
  }
  PosixWorld world({.root = options.folder});
  WT_RETURN_IF_ERROR(world.status());
  absl::StatusOr<CheckReport> report = CheckFolder(world.env(), options.check);
  if (!report.ok()) return Annotate(report.status(), options.folder);
  for (const CheckFinding& finding : report->findings) {
    Print(options.common.json ? Dump(ToJson(finding)) : Text(finding, shell.terminal.out));
  }
  Print(options.common.json ? Dump(ToJson(*report)) : Summary(*report, shell.terminal.out));
  if (report->Has(Kind::kDamage)) return reports::kExitFinding;
  return report->is_whole() ? reports::kExitPassed : reports::kExitBroken;
}

}  // namespace

Verb AddCheck(CLI::App& program, const Shell& shell) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = program.add_subcommand(
      "check", "whether a data folder is whole: log, tables, snapshots; changes nothing");
  verb->add_option("folder", options->folder, "the data folder of a database or of a replica")
      ->required();
  AddFlag(*verb, "log-directory", &options->check.log_directory,
          "the log's folder in it; else \"log\", or the only one that has segments");
  AddFlag(*verb, "other-store", &options->check.has_other_store,
          "a store elsewhere, which is not looked into, has what the log no longer has");
  AddCommonFlags(*verb, &options->common);
  return {verb, [&shell, options] { return Check(shell, *options); }};
}

}  // namespace wt::cli
