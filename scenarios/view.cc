#include "scenarios/view.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "absl/strings/str_format.h"
#include "engine/base/status.h"
#include "engine/log/segment_parser.h"
#include "reports/table.h"
#include "sim/machine.h"
#include "sim/trace.h"
#include "sim/virtual_disk.h"
#include "sim/virtual_network.h"

namespace wt::scenarios {
namespace {

using reports::Align;
using reports::Table;
using reports::WithThousands;

constexpr size_t kRow = 16;  // bytes a line

std::string_view NameOf(sim::Machine::State state) {
  switch (state) {
    case sim::Machine::State::kOff:
      return "off";
    case sim::Machine::State::kRunning:
      return "running";
    case sim::Machine::State::kPaused:
      return "paused";
  }
  return "?";
}

sim::Machine* MachineNamed(sim::Simulator& sim, std::string_view name) {
  for (const auto& machine : sim.machines()) {
    if (machine->name() == name) return machine.get();
  }
  return nullptr;
}

std::string Machines(sim::Simulator& sim) {
  Table table({{"machine"},
               {"state"},
               {"boots", Align::kRight},
               {"files", Align::kRight},
               {"bytes", Align::kRight},
               {"in doubt", Align::kRight},
               {"disk", Align::kLeft}});
  for (const auto& machine : sim.machines()) {
    sim::VirtualDisk& disk = machine->disk();
    table.AddRow({{machine->name()},
                  {std::string(NameOf(machine->state()))},
                  {WithThousands(machine->incarnation())},
                  {WithThousands(disk.CachedImage().size())},
                  {WithThousands(disk.used_bytes())},
                  {WithThousands(disk.PendingAtoms().size())},
                  {disk.HarmedAnywhere() ? "harmed" : "honest"}});
  }
  return table.ToString({});
}

std::string Events(const Board& board) {
  Table table({{"machine"}, {"time", Align::kRight}, {"record", Align::kRight}, {"the latest"}});
  for (const auto& [machine, steps] : board.steps()) {
    std::vector<const reports::Step*> in_order;
    for (const auto& [word, step] : steps) in_order.push_back(&step);
    std::ranges::stable_sort(in_order, {}, &reports::Step::record);
    for (const reports::Step* step : in_order) {
      table.AddRow({{machine.empty() ? "harness" : machine},
                    {reports::Seconds(step->at_us)},
                    {WithThousands(step->record)},
                    {step->what}});
    }
  }
  return table.ToString({});
}

std::string TasksOf(sim::Simulator& sim) {
  Table table({{"task"}, {"state"}});
  for (const sim::TaskStatus& task : sim.TasksNow()) table.AddRow({{task.name}, {task.state}});
  return table.ToString({});
}

std::string NetworkOf(sim::Simulator& sim) {
  const sim::NetworkCounts& counts = sim.network().counts();
  return absl::StrFormat(
      "%d messages on their way; so far %d sent, %d delivered, %d lost, %d at a cut, %d to a "
      "machine that was off, %d beyond a full queue, %d doubled, %d replayed, %d corrupted, %d "
      "reordered\n",
      sim.network().in_flight(), counts.sent, counts.delivered, counts.lost, counts.cut,
      counts.receiver_off, counts.queue_full, counts.duplicated, counts.replayed, counts.corrupted,
      counts.reordered);
}

std::string HarmsOf(const sim::VirtualDisk& disk, const std::string& path) {
  std::string text;
  for (const sim::Harm& harm : disk.Harms(path)) {
    if (!text.empty()) text += ", ";
    text += absl::StrFormat("sector %d %s", harm.sector, std::string(sim::NameOf(harm.cause)));
  }
  return text;
}

std::string Size(const std::optional<std::string>& bytes) {
  return bytes.has_value() ? WithThousands(bytes->size()) : "-";
}

std::string Files(const sim::VirtualDisk& disk) {
  std::map<std::string, uint64_t> in_doubt;
  for (const sim::Atom& atom : disk.PendingAtoms()) ++in_doubt[std::string(atom.path)];
  std::set<std::string> paths;
  for (const sim::DurableFile& file : disk.CachedImage()) paths.insert(file.path);
  for (const sim::DurableFile& file : disk.DurableImage()) paths.insert(file.path);
  Table table({{"file"},
               {"seen", Align::kRight},
               {"on the platter", Align::kRight},
               {"in doubt", Align::kRight},
               {"harm"}});
  for (const std::string& path : paths) {
    table.AddRow({{path},
                  {Size(disk.CachedBytes(path))},
                  {Size(disk.DurableBytes(path))},
                  {WithThousands(in_doubt[path])},
                  {HarmsOf(disk, path)}});
  }
  return table.ToString({});
}

std::string Pending(const sim::VirtualDisk& disk) {
  std::string text;
  for (const sim::Atom& atom : disk.PendingAtoms()) {
    text += atom.ToString() + (atom.promised ? "  promised" : "") + "\n";
  }
  return text.empty() ? "nothing is in doubt\n" : text;
}

std::string_view NameOf(EntryType type) {
  switch (type) {
    case EntryType::kCommand:
      return "command";
    case EntryType::kNoop:
      return "noop";
    case EntryType::kConfig:
      return "config";
  }
  return "?";
}

void AddRecord(const BatchView& batch, const RecordView& record, Table& table) {
  const bool truncates = record.ident.type() == kTruncateType;
  const auto type = static_cast<EntryType>(record.ident.type());
  table.AddRow({{WithThousands(record.ident.index)},
                {WithThousands(record.ident.term().value())},
                {truncates ? "from here on void" : std::string(NameOf(type))},
                {WithThousands(record.payload.size())},
                {WithThousands(batch.header.offset + record.offset)},
                {WithThousands(batch.header.durable_index.value())}});
}

std::string Segment(const sim::DurableFile& file) {
  Table table({{"index", Align::kRight},
               {"term", Align::kRight},
               {"type"},
               {"bytes", Align::kRight},
               {"at", Align::kRight},
               {"durable then", Align::kRight}});
  const auto parsed = ParseSegment(file.bytes, [&](const BatchView& batch) {
    const absl::Status all = batch.ForEach([&](const RecordView& record) {
      AddRecord(batch, record, table);
      return absl::OkStatus();
    });
    WT_CHECK(all.ok());
  });
  if (!parsed.ok()) return file.path + ": " + MessageOf(parsed.status()) + "\n";
  std::string text = absl::StrFormat(
      "%s: incarnation %d, first index %d, %d batches%s\n", file.path, parsed->header.incarnation,
      parsed->header.first_index().value(), parsed->batches, parsed->sealed ? ", sealed" : "");
  if (!table.empty()) text += table.ToString({});
  text += absl::StrFormat("ends at %d: %s\n", parsed->valid_bytes,
                          parsed->end.ok() ? "the end of the file" : MessageOf(parsed->end));
  return text;
}

std::string Log(const sim::VirtualDisk& disk) {
  std::string text;
  for (const sim::DurableFile& file : disk.CachedImage()) {
    if (file.path.ends_with(".wal")) text += Segment(file);
  }
  return text.empty() ? "no segment\n" : text;
}

// As hexdump -C; a byte that the platter does not hold so is followed by a star.
std::string HexLine(std::string_view seen, std::string_view platter, uint64_t from) {
  std::string hex = absl::StrFormat("%08x ", from);
  std::string letters;
  for (size_t i = 0; i < kRow; ++i) {
    const uint64_t at = from + i;
    if (at >= seen.size()) break;
    const auto byte = static_cast<uint8_t>(seen[at]);
    const bool same = at < platter.size() && platter[at] == seen[at];
    hex += absl::StrFormat(" %02x%s", byte, same ? " " : "*");
    letters += std::isprint(byte) != 0 ? static_cast<char>(byte) : '.';
  }
  return reports::PadRight(hex, 9 + 4 * kRow) + "  " + letters + "\n";
}

std::string Bytes(const sim::VirtualDisk& disk, const ViewRequest& request) {
  const std::optional<std::string> seen = disk.CachedBytes(request.path);
  if (!seen) return absl::StrFormat("%s: no such file on %s\n", request.path, request.machine);
  const std::string platter = disk.DurableBytes(request.path).value_or("");
  const uint64_t end = std::min<uint64_t>(seen->size(), request.offset + request.size);
  std::string text = absl::StrFormat("%s: %d bytes; a star: the platter holds another byte\n",
                                     request.path, seen->size());
  for (uint64_t from = request.offset; from < end; from += kRow) {
    text += HexLine(std::string_view(*seen).substr(0, end), platter, from);
  }
  return text;
}

}  // namespace

void Board::Add(const reports::Step& step) {
  steps_[step.machine][step.what.substr(0, step.what.find(' '))] = step;
}

std::string View(sim::Simulator& sim, const Board& board, const ViewRequest& request) {
  if (request.what == "machines") return Machines(sim);
  if (request.what == "events") return Events(board);
  if (request.what == "tasks") return TasksOf(sim);
  if (request.what == "network") return NetworkOf(sim);
  sim::Machine* const machine = MachineNamed(sim, request.machine);
  if (machine == nullptr) return request.machine + ": no such machine\n";
  if (request.what == "files") return Files(machine->disk());
  if (request.what == "pending") return Pending(machine->disk());
  if (request.what == "log") return Log(machine->disk());
  return Bytes(machine->disk(), request);
}

}  // namespace wt::scenarios
