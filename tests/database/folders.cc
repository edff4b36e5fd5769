#include "tests/database/folders.h"

#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/env/file_io.h"
#include "sim/machine.h"
#include "sim/simulator.h"
#include "sim/virtual_disk.h"

namespace wt::test {
namespace {

void Plant(Disk& disk, const Files& files) {
  for (const auto& [path, bytes] : files) {
    for (size_t at = path.find('/'); at != path.npos; at = path.find('/', at + 1)) {
      WT_CHECK(disk.CreateDirectory(path.substr(0, at)).ok());
    }
    auto file = disk.Open(path, OpenMode::kCreate);
    WT_CHECK(file.ok());
    WT_CHECK(bytes.empty() || WriteFully(**file, 0, bytes).ok());
    WT_CHECK((*file)->Sync().ok());
  }
  for (const char* folder : {"", "log", "tables"}) disk.SyncDirectory(folder).IgnoreError();
}

void Live(Env env, const OptionsFor& options, Draw& draw, uint64_t batches, Folder& folder) {
  auto db = Database::Open(options(env), env);
  WT_CHECK(db.ok());
  for (uint64_t i = 0; i < batches; ++i) {
    const WriteBatch batch = DrawBatch(draw, folder.states.size());
    WT_CHECK((*db)->BatchWrite(batch).ok());
    folder.states.push_back(folder.states.back());
    ApplyTo(folder.states.back(), batch);
    if (i == batches * 3 / 4) WT_CHECK((*db)->Flush().ok());
  }
  WT_CHECK((*db)->Close().ok());
}

}  // namespace

Files RunOn(const Files& files, const std::function<void(Env)>& body) {
  sim::Simulator sim({.seed = 5, .rarely_ppm = 0});
  sim::Machine& machine = sim.AddMachine("n1");
  Files after;
  const sim::RunEnd end = sim.Run([&] {
    machine.Boot([&](Env env) {
      Plant(env.disk, files);
      body(env);
    });
    machine.AwaitExit();
    for (sim::DurableFile& file : machine.disk().CachedImage()) {
      after[file.path] = std::move(file.bytes);
    }
  });
  EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.invariant << ": " << end.message;
  return after;
}

Folder MakeFolder(const OptionsFor& options) {
  Folder folder;
  folder.states.emplace_back();
  Draw draw(3, {KeyOf("folder")});
  folder.older = RunOn({}, [&](Env env) { Live(env, options, draw, 150, folder); });
  folder.files = RunOn(folder.older, [&](Env env) { Live(env, options, draw, 150, folder); });
  return folder;
}

}  // namespace wt::test
