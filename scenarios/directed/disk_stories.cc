// Stories that real engines have lived through, each told once.
#include "scenarios/catalog.h"
#include "scenarios/world.h"

namespace wt::scenarios {
namespace {

// Nothing but the story: no snapshot of the engine's own accord, no rare paths.
constexpr Knobs kQuiet = {.snapshot_log_bytes = {64 * kMiB, 64 * kMiB},
                          .snapshots_kept = {2, 2},
                          .zeros_ahead_ppm = 0,
                          .rarely_ppm = 0};

// PostgreSQL, 2018: an fsync fails, the retry succeeds, the data is gone. Here the process also
// starts again and reads its own lost bytes from the page cache.
void FsyncgateStory(World& world) {
  world.AwaitServing();
  world.ExpectOk(world.Put("color", "red"));
  world.FailNextSync();
  world.ExpectUnknown(world.Put("color", "blue"));
  world.AwaitServing();
  const std::string seen = world.Get("color").value_or("");
  world.ExpectOk(world.Put("shape", "round"));
  world.CutPower();
  world.ExpectValue("color", seen);  // whichever it was: it stays
  world.ExpectValue("shape", "round");
}

// CORDS, FAST 2017: the newest snapshot rots. The one before it and the log give the same state.
void RottenSnapshotStory(World& world) {
  world.AwaitServing();
  world.ExpectOk(world.Put("color", "red"));
  world.TakeSnapshot();
  world.ExpectOk(world.Put("color", "green"));
  world.TakeSnapshot();
  world.ExpectOk(world.Put("color", "blue"));
  world.FlipBit("snapshot/snapshot_", 40);
  world.CutPower();
  world.ExpectValue("color", "blue");
  world.ExpectReached("engine.restored_older_snapshot");
}

// Protocol-aware recovery, FAST 2018: damage among acknowledged records is not a torn tail.
void DamagedLogStory(World& world) {
  world.AwaitServing();
  for (const char* value : {"red", "green", "blue"}) world.ExpectOk(world.Put("color", value));
  world.FlipBit("log/", 4096 + 16);  // the first batch: behind the header block
  world.CutPower();
  world.ExpectDataLoss();
}

// Two of our own, of one seed: an acknowledged batch is damaged, and the one that proves that it
// was durable cannot be read. What cannot be read may prove anything; only zeros prove nothing.
void UnreadableWitnessStory(World& world) {
  world.AwaitServing();
  for (const char* value : {"red", "green", "blue"}) world.ExpectOk(world.Put("color", value));
  world.CutPower();
  world.HarmLastTwoBatches();
  world.ExpectUnreadable();
  world.CopyDisk();
  world.AwaitServing();
  world.ExpectOk(world.Put("color", "white"));
}

// etcd #2819: the disk fills up. Reads go on, writes are refused, a restart works, and when there
// is room everything is as before.
void FullDiskStory(World& world) {
  world.AwaitServing();
  world.ExpectOk(world.Put("color", "red"));
  world.FillDisk();
  absl::Status status;
  const std::string large(16 * kKiB, 'x');
  for (int i = 0; i < 64 && status.ok(); ++i) status = world.Put("filler", large);
  world.ExpectRefusedWrite(status);
  world.ExpectValue("color", "red");
  world.FreeDisk();
  world.ExpectOk(world.Put("color", "blue"));
  world.CutPower();
  world.ExpectValue("color", "blue");
}

// The disk lies about the syncs of the log, and the snapshot of what was written then is durable. A
// log that ends before its snapshot is not to be written on: its next entries would be others.
void LostLogStory(World& world) {
  world.AwaitServing();
  world.ExpectOk(world.Put("color", "red"));
  world.disk().LieNextSyncs(8, "log/");
  world.ExpectOk(world.Put("color", "blue"));
  world.TakeSnapshot();
  world.CutPower();
  world.ExpectValueOrDataLoss("color", "blue");
}

// A snapshot refers to the chunks of the one before it, whose file is gone when it is looked for:
// it is written as a whole then.
void LostBaseStory(World& world) {
  world.AwaitServing();
  const std::string large(8 * kKiB, 'x');  // so that there are chunks which stay as they are
  for (int i = 0; i < 16; ++i) world.ExpectOk(world.Put("shelf-" + std::to_string(i), large));
  world.TakeSnapshot();
  world.ExpectOk(world.Put("color", "red"));
  world.FailNextOpenOf("snapshot/chunks_");
  world.TakeSnapshot();
  world.ExpectReached("snapshot.base_file_lost");
  world.CutPower();
  world.ExpectValue("color", "red");
  world.ExpectValue("shelf-7", large);
}

// A batch is one step: after a cut in the middle of its write all of it is there, or none.
void TornBatchStory(World& world) {
  world.AwaitServing();
  world.ExpectOk(world.PutAll({{"left", "1"}, {"right", "1"}}));
  world.disk().faults().early_writeback_ppm = 500'000;
  world.disk().faults().short_write_ppm = 500'000;
  for (int round = 2; round < 12; ++round) {
    const std::string value = std::to_string(round);
    const std::string filler(3000, static_cast<char>('a' + round));
    (void)world.PutAll({{"left", value}, {"filler", filler}, {"right", value}});
    world.CutPower();
    const std::string left = world.Get("left").value_or("");
    world.ExpectValue("right", left);
  }
}

}  // namespace

Scenario Fsyncgate() {
  return {
      .name = "fsyncgate",
      .summary = "an fsync fails, the retry succeeds, the data is gone; nobody may believe it",
      .story =
          "A write's fsync fails; the kernel drops the pages and keeps showing them. The node "
          "stops, starts again, serves, and is cut off. What it showed in between must still "
          "be there.",
      .knobs = kQuiet,
      .directed = FsyncgateStory,
  };
}

Scenario RottenSnapshot() {
  return {
      .name = "rotten-snapshot",
      .summary = "the newest snapshot rots; the one before it and the log take its place",
      .story =
          "Two snapshots are taken, a bit of the newer one flips, the power is cut. The node "
          "comes back with every write.",
      .knobs = kQuiet,
      .directed = RottenSnapshotStory,
  };
}

Scenario DamagedLog() {
  return {
      .name = "damaged-log",
      .summary =
          "a bit flips among acknowledged records; the node refuses instead of cutting there",
      .story =
          "Three writes are acknowledged, a bit of the first flips, the power is cut. Later "
          "records prove that it was durable: the node names file and offset and serves "
          "nothing.",
      .knobs = kQuiet,
      .directed = DamagedLogStory,
  };
}

Scenario UnreadableWitness() {
  return {
      .name = "unreadable-witness",
      .summary = "a batch is damaged and the one behind it unreadable; that is no torn tail",
      .story =
          "Three writes are acknowledged and the power is cut. A bit of the second-to-last batch "
          "flips, and the first sector of the last one, which vouches for it, cannot be read. "
          "The node does not cut the log there: it says what it cannot read, each time, until the "
          "operator has copied the disk, and with that decided.",
      .knobs = kQuiet,
      .directed = UnreadableWitnessStory,
  };
}

Scenario FullDisk() {
  return {
      .name = "full-disk",
      .summary = "the disk fills up: reads go on, writes are refused, then all is as before",
      .story =
          "Writes go on until there is no room. One is refused, reads still work, room comes "
          "back, writes work again, and a power cut loses nothing.",
      .knobs = kQuiet,
      .directed = FullDiskStory,
  };
}

Scenario LostLog() {
  return {
      .name = "lost-log",
      .summary = "the disk loses the end of the log, a snapshot of it survives; the node refuses",
      .story =
          "Syncs of the log move nothing and say that all is well; a snapshot is taken of what "
          "was written, honestly; the power is cut. Where the log ends before the snapshot does, "
          "the node says so and serves nothing.",
      .knobs = kQuiet,
      .directed = LostLogStory,
  };
}

Scenario LostBase() {
  return {
      .name = "lost-base",
      .summary = "a file of the last snapshot cannot be opened; the next one does without it",
      .story =
          "A snapshot is taken, one key changes, and when the next snapshot wants to refer to the "
          "chunks of the first one their file cannot be opened. It is written as a whole, and "
          "the node comes back from it after a power cut.",
      .knobs = {.snapshot_log_bytes = {64 * kMiB, 64 * kMiB},
                .snapshots_kept = {2, 2},
                .incremental_ppm = 1'000'000,
                .rarely_ppm = 0},
      .directed = LostBaseStory,
  };
}

Scenario TornBatch() {
  return {
      .name = "torn-batch",
      .summary = "power is cut around batches; each is there as a whole, or not at all",
      .story =
          "Ten batches write the same number under two keys, with writes cut short and pages "
          "written back early; after each the power is cut. The two keys never differ.",
      .knobs = kQuiet,
      .directed = TornBatchStory,
  };
}

}  // namespace wt::scenarios
