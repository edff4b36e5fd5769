#include "tests/engine/engine_world.h"

#include <iterator>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/env/file_io.h"
#include "engine/posix/posix_world.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "tests/posix/temporary_folder.h"
#include "tests/support/memory_env.h"

namespace wt::test {
namespace {

void CollectFiles(Disk& disk, const std::string& folder, std::map<std::string, std::string>& out) {
  absl::StatusOr<std::vector<DirectoryEntry>> entries = disk.List(folder);
  WT_CHECK(entries.ok());
  for (const DirectoryEntry& entry : *entries) {
    const std::string path = folder.empty() ? entry.name : folder + "/" + entry.name;
    if (entry.is_directory) {
      CollectFiles(disk, path, out);
      continue;
    }
    absl::StatusOr<std::string> content = ReadWholeFile(disk, path, kGiB);
    WT_CHECK(content.ok());
    out[path] = *std::move(content);
  }
}

// The time of the tasks that it is given with.
class TankClock : public Clock {
 public:
  explicit TankClock(const sim::Simulator& sim) : sim_(sim) {}
  Time Now() override { return Time(sim_.now()); }
  WallTime WallNow() override { return WallTime(std::chrono::hours(24 * 365 * 50) + sim_.now()); }

 private:
  const sim::Simulator& sim_;
};

void RunInMemory(const std::function<void(Rig&)>& body) {
  MemoryEnv parts;
  sim::Simulator sim({.seed = 11});
  TankClock clock(sim);
  const sim::RunEnd end = sim.Run([&] {
    Rig rig(Env{clock, sim.tasks(), parts.disk, parts.network, parts.events, parts.random});
    body(rig);
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

void RunOnPosix(const std::function<void(Rig&)>& body) {
  TemporaryFolder folder;
  PosixWorld world({.root = folder.path()});
  ASSERT_TRUE(world.status().ok()) << world.status();
  Rig rig(world.env());
  body(rig);
}

void RunOnMachine(const std::function<void(Rig&)>& body) {
  sim::Simulator sim({.seed = 11});
  sim::Machine& machine = sim.AddMachine("n1");
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      Rig rig(env);
      body(rig);
    });
    machine.AwaitExit();
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
}

}  // namespace

void SeenEvents::Emit(const Event& event) {
  {
    std::lock_guard lock(mutex_);
    auto& [count, a] = seen_[event.kind];
    ++count;
    a = event.a;
  }
  under_.Emit(event);
}

uint64_t SeenEvents::Count(EventKind kind) const {
  std::lock_guard lock(mutex_);
  const auto found = seen_.find(kind);
  return found == seen_.end() ? 0 : found->second.first;
}

uint64_t SeenEvents::LastA(EventKind kind) const {
  std::lock_guard lock(mutex_);
  const auto found = seen_.find(kind);
  return found == seen_.end() ? 0 : found->second.second;
}

void SeenEvents::Forget() {
  std::lock_guard lock(mutex_);
  seen_.clear();
}

std::string NameOf(const testing::TestParamInfo<WorldKind>& info) {
  switch (info.param) {
    case WorldKind::kMemory:
      return "Memory";
    case WorldKind::kPosix:
      return "Posix";
    case WorldKind::kSim:
      return "Sim";
  }
  return {};
}

std::vector<WorldKind> Worlds() {
#if defined(__SANITIZE_THREAD__)
  return {WorldKind::kPosix, WorldKind::kSim};
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return {WorldKind::kPosix, WorldKind::kSim};
#else
  return {WorldKind::kMemory, WorldKind::kPosix, WorldKind::kSim};
#endif
#else
  return {WorldKind::kMemory, WorldKind::kPosix, WorldKind::kSim};
#endif
}

void RunIn(WorldKind kind, const std::function<void(Rig&)>& body) {
  switch (kind) {
    case WorldKind::kMemory:
      return RunInMemory(body);
    case WorldKind::kPosix:
      return RunOnPosix(body);
    case WorldKind::kSim:
      return RunOnMachine(body);
  }
}

EngineOptions SmallOptions() {
  EngineOptions options;
  options.log = {.segment_bytes = 16 * kKiB, .alignment = 512, .buffer_bytes = 64 * kKiB};
  options.snapshot_log_bytes = 0;
  return options;
}

absl::StatusOr<std::unique_ptr<Server>> Server::Open(Env env, const EngineOptions& options) {
  std::unique_ptr<Server> server(new Server);
  WT_ASSIGN_OR_RETURN(server->node_, Standalone::Open(env, options, server->machine_));
  return server;
}

std::unique_ptr<Server> MustOpen(Rig& rig, const EngineOptions& options) {
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Open(rig.env, options);
  EXPECT_TRUE(server.ok()) << server.status();
  WT_CHECK(server.ok());
  return *std::move(server);
}

std::optional<std::string> Server::Get(std::string key) {
  absl::StatusOr<ReadResult> read = node_->Query(EncodeCommand(KvGet{std::move(key)}));
  if (!read.ok()) return "<error> " + MessageOf(read.status());
  absl::StatusOr<Result> result = DecodeResult(read->value);
  WT_CHECK(result.ok() && std::holds_alternative<KvGetResult>(*result));
  return std::get<KvGetResult>(*result).value;
}

void Server::Fill(uint64_t from, uint64_t to, uint64_t bytes) {
  WT_CHECK_LT(from, to);
  const auto key_of = [](uint64_t i) { return absl::StrFormat("k%d", i); };
  const auto value_of = [&](uint64_t i) { return key_of(i) + std::string(bytes, '.'); };
  for (uint64_t i = from; i + 1 < to; ++i) {
    const LogEntry entry{.term = node_->term(),
                         .index = engine().last_log_index() + 1,
                         .timestamp = WallTime(std::chrono::seconds(i)),
                         .command = EncodeCommand(KvSet{key_of(i), value_of(i)})};
    EXPECT_TRUE(engine().Append({&entry, 1}).ok());
  }
  const absl::StatusOr<Committed> done = Put(key_of(to - 1), value_of(to - 1));
  EXPECT_TRUE(done.ok()) << done.status();
}

std::map<std::string, std::string> FilesOf(Disk& disk) {
  std::map<std::string, std::string> files;
  CollectFiles(disk, "", files);
  return files;
}

std::vector<std::string> PathsWith(Disk& disk, std::string_view part) {
  std::vector<std::string> paths;
  for (const auto& [path, content] : FilesOf(disk)) {
    if (path.find(part) != std::string::npos) paths.push_back(path);
  }
  return paths;
}

void FlipByte(Disk& disk, const std::string& path, uint64_t offset) {
  absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kReadWrite);
  WT_CHECK(file.ok());
  char byte = 0;
  absl::StatusOr<uint64_t> read = (*file)->ReadAt(offset, std::span(&byte, 1));
  WT_CHECK(read.ok() && *read == 1);
  byte = static_cast<char>(byte ^ 0x40);
  absl::StatusOr<uint64_t> written = (*file)->WriteAt(offset, std::string_view(&byte, 1));
  WT_CHECK(written.ok() && *written == 1);
  WT_CHECK((*file)->Sync().ok());
  WT_CHECK((*file)->Close().ok());
}

void RemoveFiles(Disk& disk, std::string_view part) {
  for (const std::string& path : PathsWith(disk, part)) {
    WT_CHECK(disk.Remove(path).ok());
    WT_CHECK(disk.SyncDirectory(DirectoryOf(path)).ok());
  }
}

void RestoreFiles(Disk& disk, std::string_view part,
                  const std::map<std::string, std::string>& files) {
  RemoveFiles(disk, part);
  for (const auto& [path, content] : files) {
    if (path.find(part) == std::string::npos) continue;
    absl::StatusOr<std::unique_ptr<File>> file = disk.Open(path, OpenMode::kCreate);
    WT_CHECK(file.ok());
    WT_CHECK(WriteFully(**file, 0, content).ok());
    WT_CHECK((*file)->Sync().ok());
    WT_CHECK((*file)->Close().ok());
    WT_CHECK(disk.SyncDirectory(DirectoryOf(path)).ok());
  }
}

}  // namespace wt::test
