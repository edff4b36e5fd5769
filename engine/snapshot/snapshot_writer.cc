#include "engine/snapshot/snapshot_writer.h"

#include <algorithm>
#include <tuple>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "engine/env/file_io.h"
#include "engine/snapshot/snapshot_folder.h"

namespace wt {
namespace {

// A snapshot refers to at most so many older files, so that reading one opens few.
constexpr size_t kMaxReusedFiles = 16;

// Of each of the base's files: how many bytes the base refers to.
std::vector<uint64_t> LiveBytes(const Manifest& base) {
  std::vector<uint64_t> live(base.files.size());
  for (const ChunkRef& chunk : base.chunks) {
    live[chunk.file] += kChunkFrameBytes + chunk.stored;
  }
  return live;
}

// Files that are worth keeping for the sake of what the base still uses of them: at least half of
// each. So a chain of snapshots never holds more than about twice what it refers to.
std::vector<bool> WorthKeeping(const Manifest& base) {
  const std::vector<uint64_t> live = LiveBytes(base);
  std::vector<uint32_t> worth;
  for (uint32_t i = 0; i < live.size(); ++i) {
    if (live[i] >= base.files[i].bytes / 2) worth.push_back(i);
  }
  std::stable_sort(worth.begin(), worth.end(),
                   [&live](uint32_t a, uint32_t b) { return live[a] > live[b]; });
  if (worth.size() > kMaxReusedFiles) worth.resize(kMaxReusedFiles);
  std::vector<bool> keep(live.size());
  for (uint32_t file : worth) keep[file] = true;
  return keep;
}

}  // namespace

SnapshotWriter::SnapshotWriter(const Env& env, const SnapshotOptions& options, SnapshotTask task)
    : env_(env), options_(options), task_(std::move(task)) {
  manifest_.key = task_.key;
  manifest_.timestamp = env_.clock.WallNow();
  manifest_.state_digest = task_.state_digest;
  new_file_ = {.number = task_.chunk_file_number,
               .identity = env_.random.Next("snapshot.chunk_file_identity")};
}

std::string SnapshotWriter::Temporary(std::string_view name) const {
  return PathIn(options_.directory, TemporaryName(name));
}

std::string SnapshotWriter::Final(std::string_view name) const {
  return PathIn(options_.directory, name);
}

absl::StatusOr<Manifest> SnapshotWriter::Write(ChunkSource& state) {
  ChooseReusable();
  for (;;) {
    WT_ASSIGN_OR_RETURN(std::string content, state.Next());
    if (content.empty()) break;
    WT_RETURN_IF_ERROR(AddChunk(content));
  }
  WT_RETURN_IF_ERROR(FinishChunks());
  WT_RETURN_IF_ERROR(WriteManifest());
  absl::Status verified = Verify();
  WT_SOMETIMES(env_.events, "snapshot.verification_failed", !verified.ok());
  if (!verified.ok()) return Annotate(verified, "reading back");
  return manifest_;
}

void SnapshotWriter::ChooseReusable() {
  if (task_.base == nullptr || env_.random.Rarely("snapshot.write_in_full")) return;
  const std::vector<bool> keep = WorthKeeping(*task_.base);
  for (const ChunkRef& chunk : task_.base->chunks) {
    if (keep[chunk.file]) reusable_.emplace(ChunkKey{chunk.hash, chunk.length}, chunk);
    WT_SOMETIMES(env_.events, "snapshot.sparse_file_not_reused", !keep[chunk.file]);
  }
}

absl::Status SnapshotWriter::AddChunk(const std::string& content) {
  if (content.size() > kMaxChunkBytes) {
    return InvalidArgument("state: chunk of %d bytes, more than %d", content.size(),
                           kMaxChunkBytes);
  }
  const Hash128 hash = HashBytes128(content);
  std::optional<ChunkRef> ref = FindReusable(content, hash);
  if (ref.has_value()) {
    ref->file = PositionOf(task_.base->files[ref->file]);
    manifest_.reused_bytes += content.size();
    WT_SOMETIMES(env_.events, "snapshot.chunk_reused", true);
  } else {
    WT_ASSIGN_OR_RETURN(ref, WriteNew(content, hash));
  }
  manifest_.bytes += content.size();
  manifest_.chunks.push_back(*ref);
  return absl::OkStatus();
}

std::optional<ChunkRef> SnapshotWriter::FindReusable(const std::string& content, Hash128 hash) {
  auto found = reusable_.find({hash, static_cast<uint32_t>(content.size())});
  if (found == reusable_.end()) return std::nullopt;
  ChunkFileReader* file = BaseFile(found->second.file);
  if (file == nullptr) return std::nullopt;
  // What a snapshot refers to must be as good as what it writes: so it is read back as well.
  absl::StatusOr<std::string> held = file->Read(found->second);
  if (held.ok() && *held == content) return found->second;
  WT_SOMETIMES(env_.events, "snapshot.reusable_chunk_damaged", !held.ok());
  if (absl::IsDataLoss(held.status())) {
    env_.events.Emit({.kind = EventKind::kSnapshotDamaged, .text = MessageOf(held.status())});
  }
  reusable_.erase(found);
  return std::nullopt;
}

ChunkFileReader* SnapshotWriter::BaseFile(uint32_t file) {
  auto [found, is_new] = base_files_.try_emplace(file);
  if (!is_new) return found->second.get();
  const ChunkFile& id = task_.base->files[file];
  auto opened = ChunkFileReader::Open(env_.disk, Final(ChunkFileName(id.number)), id);
  WT_SOMETIMES(env_.events, "snapshot.base_file_lost", !opened.ok());
  if (opened.ok()) found->second = *std::move(opened);
  return found->second.get();
}

absl::StatusOr<ChunkRef> SnapshotWriter::WriteNew(const std::string& content, Hash128 hash) {
  if (chunks_ == nullptr) {
    has_chunks_ = true;
    const ChunkFileOptions file_options{
        .compress = options_.compress,
        .flush_each_chunk = env_.random.Rarely("snapshot.flush_each_chunk")};
    const std::string path = Temporary(ChunkFileName(new_file_.number));
    WT_ASSIGN_OR_RETURN(chunks_, ChunkFileWriter::Create(env_.disk, path, new_file_, file_options));
  }
  WT_ASSIGN_OR_RETURN(ChunkRef ref, chunks_->Add(content, hash));
  ref.file = PositionOf(new_file_);
  // Equal chunks within one snapshot are not looked for: states do not repeat themselves.
  return ref;
}

uint32_t SnapshotWriter::PositionOf(const ChunkFile& file) {
  auto& files = manifest_.files;
  auto found = std::find(files.begin(), files.end(), file);
  if (found == files.end()) found = files.insert(files.end(), file);
  return static_cast<uint32_t>(found - files.begin());
}

absl::Status SnapshotWriter::FinishChunks() {
  manifest_.checksum = ChecksumOf(manifest_.chunks);
  if (chunks_ == nullptr) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(const ChunkFile finished, chunks_->Finish());
  chunks_.reset();
  manifest_.files[PositionOf(new_file_)] = finished;
  new_file_ = finished;
  return absl::OkStatus();
}

absl::Status SnapshotWriter::WriteManifest() {
  encoded_ = EncodeManifest(manifest_);
  const std::string path = Temporary(SnapshotId(task_.key));
  absl::StatusOr<std::unique_ptr<File>> file = env_.disk.Open(path, OpenMode::kCreate);
  absl::Status status = file.status();
  if (status.ok()) status = WriteFully(**file, 0, encoded_);
  if (status.ok()) status = (*file)->Sync();
  if (status.ok()) status = (*file)->DropCache();  // Verify() is to see the device
  if (status.ok()) status = (*file)->Close();
  return Annotate(status, path);
}

absl::Status SnapshotWriter::Verify() {
  const std::string path = Temporary(SnapshotId(task_.key));
  WT_ASSIGN_OR_RETURN(const std::string bytes,
                      ReadWholeFile(env_.disk, path, encoded_.size() + kSectorBytes));
  WT_ASSIGN_OR_RETURN(const Manifest read, ParseManifestFile(task_.key, bytes));
  if (read != manifest_) return DataLoss("%s: another manifest", path);
  if (!has_chunks_) return absl::OkStatus();
  WT_ASSIGN_OR_RETURN(
      std::unique_ptr<ChunkFileReader> chunks,
      ChunkFileReader::Open(env_.disk, Temporary(ChunkFileName(new_file_.number)), new_file_));
  const uint32_t position = PositionOf(new_file_);
  for (const ChunkRef& ref : manifest_.chunks) {
    if (ref.file == position) WT_RETURN_IF_ERROR(chunks->Read(ref).status());
  }
  return absl::OkStatus();
}

absl::Status SnapshotWriter::Publish(const std::function<absl::Status()>& sync_folder) {
  WT_CHECK(!encoded_.empty() && !is_publishing_);
  if (has_chunks_) {
    const std::string name = ChunkFileName(new_file_.number);
    WT_RETURN_IF_ERROR(env_.disk.Rename(Temporary(name), Final(name)));
    // Names survive a crash in any combination: a manifest must not, without its chunks.
    WT_RETURN_IF_ERROR(sync_folder());
  }
  const std::string id = SnapshotId(task_.key);
  is_publishing_ = true;
  WT_RETURN_IF_ERROR(env_.disk.Rename(Temporary(id), Final(id)));
  return sync_folder();
}

void SnapshotWriter::Discard() {
  chunks_.reset();
  // Results are not looked at: a name that stays is a leftover, which costs room and nothing else.
  const std::string id = SnapshotId(task_.key);
  (void)env_.disk.Remove(Temporary(id));
  if (has_chunks_) (void)env_.disk.Remove(Temporary(ChunkFileName(new_file_.number)));
  if (is_publishing_) {
    // Its chunks stay: a crash may bring the manifest back, and then it must be whole. Where it
    // took the place of another, it stays itself: that one may be all that the log begins behind.
    if (!task_.replaces) (void)env_.disk.Remove(Final(id));
  } else if (has_chunks_) {
    (void)env_.disk.Remove(Final(ChunkFileName(new_file_.number)));
  }
}

}  // namespace wt
