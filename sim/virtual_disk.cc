#include "sim/virtual_disk.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/disk_session.h"

namespace wt::sim {

VirtualDisk::VirtualDisk(Host& host, uint32_t machine)
    : body_(std::make_unique<DiskBody>(host, machine)) {}

VirtualDisk::~VirtualDisk() {
  if (incarnation_ != nullptr) incarnation_->alive = false;
}

DiskFaults& VirtualDisk::faults() { return body_->faults; }
const DiskFaults& VirtualDisk::faults() const { return body_->faults; }
DiskProfile VirtualDisk::profile() const { return body_->profile; }
void VirtualDisk::SetProfile(DiskProfile profile) { body_->profile = profile; }

// ---- Life and death.

void VirtualDisk::EndIncarnation() {
  if (incarnation_ == nullptr) return;
  incarnation_->alive = false;
  incarnation_ = nullptr;
  body_->locks.clear();
  body_->core->ForgetHandles();
}

void VirtualDisk::ResetDevice() {
  EndIncarnation();
  if (body_->mode == DiskMode::kAborted) body_->mode = DiskMode::kWorking;
  body_->hung_until = SimTime{};
}

Disk& VirtualDisk::NewIncarnation() {
  EndIncarnation();
  incarnation_ = std::make_shared<DiskIncarnation>();
  incarnation_->body = body_.get();
  sessions_.push_back(std::make_unique<DiskSession>(incarnation_));
  return *sessions_.back();
}

void VirtualDisk::Reseed(uint64_t seed) { body_->dice.seed = seed; }

void VirtualDisk::PowerLoss() {
  DiskCore& core = *body_->core;
  const bool lived = incarnation_ != nullptr;
  if (lived) incarnation_->alive = false;
  const std::vector<Atom> atoms = core.PendingAtoms(body_->profile);
  const CrashKey key{body_->dice.seed, body_->dice.machine, ++body_->crashes};
  const CrashOutcome outcome =
      DrawOutcome(body_->profile, body_->faults, atoms, core.image().ghosts().size(), key);
  uint64_t kept = 0;
  for (const AtomFate& fate : outcome) kept += fate.kept ? 1 : 0;
  DiskImage after = core.AfterCrash(atoms, outcome);
  ResetDevice();
  core.Mount(std::move(after));
  body_->Record({.op = DiskOp::kPowerLoss}, 0, atoms.size(), kept, HashImage(core.image()),
                absl::StatusCode::kOk);
}

void VirtualDisk::Kill() {
  EndIncarnation();
  body_->Record({.op = DiskOp::kKill}, 0, 0, 0, 0, absl::StatusCode::kOk);
}

void VirtualDisk::Wipe() { LoadImage(DiskImage()); }

void VirtualDisk::SwapWith(VirtualDisk& other) {
  WT_CHECK(this != &other);
  ResetDevice();
  other.ResetDevice();
  std::swap(body_->core, other.body_->core);
}

DiskImage VirtualDisk::SaveImage() const { return body_->core->image(); }

void VirtualDisk::LoadImage(const DiskImage& image) {
  ResetDevice();
  body_->core->Mount(image);
}

// ---- One-shot faults and the device.

void VirtualDisk::FailNextReads(uint64_t count, std::string_view prefix) {
  body_->one_shots[static_cast<size_t>(OneShotKind::kRead)] = {count, std::string(prefix)};
}
void VirtualDisk::FailNextWrites(uint64_t count, std::string_view prefix) {
  body_->one_shots[static_cast<size_t>(OneShotKind::kWrite)] = {count, std::string(prefix)};
}
void VirtualDisk::FailNextSyncs(uint64_t count, std::string_view prefix) {
  body_->one_shots[static_cast<size_t>(OneShotKind::kSync)] = {count, std::string(prefix)};
}
void VirtualDisk::FailNextMetadata(uint64_t count, std::string_view prefix) {
  body_->one_shots[static_cast<size_t>(OneShotKind::kMetadata)] = {count, std::string(prefix)};
}
void VirtualDisk::LieNextSyncs(uint64_t count, std::string_view prefix) {
  body_->one_shots[static_cast<size_t>(OneShotKind::kLieSync)] = {count, std::string(prefix)};
}

void VirtualDisk::SetReadOnly(bool read_only) {
  WT_CHECK(body_->mode != DiskMode::kAborted);
  body_->mode = read_only ? DiskMode::kReadOnly : DiskMode::kWorking;
}

void VirtualDisk::AbortJournal() { body_->AbortJournal(); }

void VirtualDisk::HangFor(Duration duration) {
  WT_CHECK_GE(duration.count(), 0);
  body_->hung_until = body_->host.now() + duration;
}

uint64_t VirtualDisk::used_bytes() const { return body_->core->used_bytes(); }

// ---- Media damage.

// The file's inode when the platter has that sector of it, else kNoInode.
InodeNumber VirtualDisk::PlatterSector(std::string_view path, uint64_t sector) const {
  const Inode* inode = static_cast<const DiskCore&>(*body_->core).Find(path);
  if (inode == nullptr || inode->is_directory) return kNoInode;
  const PlatterFile* platter = body_->core->image().Find(inode->number);
  return sector * kSectorBytes < platter->size() ? inode->number : kNoInode;
}

bool VirtualDisk::FlipBit(std::string_view path, uint64_t offset, uint32_t bit) {
  WT_CHECK_LT(bit, 8u);
  const InodeNumber inode = PlatterSector(path, offset / kSectorBytes);
  if (inode == kNoInode || offset >= body_->core->image().Find(inode)->size()) return false;
  PlatterFile& platter = body_->core->Platter(inode);
  std::string content = platter.Sector(offset / kSectorBytes);
  char& byte = content[offset % kSectorBytes];
  byte = static_cast<char>(byte ^ (1 << bit));
  platter.Damage(offset / kSectorBytes, content, HarmCause::kRot);
  return true;
}

bool VirtualDisk::DamageSector(std::string_view path, uint64_t sector) {
  const InodeNumber inode = PlatterSector(path, sector);
  if (inode == kNoInode) return false;
  body_->core->Platter(inode).MarkBad(sector);
  return true;
}

bool VirtualDisk::ZeroSector(std::string_view path, uint64_t sector) {
  const InodeNumber inode = PlatterSector(path, sector);
  if (inode == kNoInode) return false;
  PlatterFile& platter = body_->core->Platter(inode);
  platter.HealBad(sector);  // zeros can be read
  platter.Damage(sector, std::string(kSectorBytes, '\0'), HarmCause::kRot);
  return true;
}

bool VirtualDisk::StaleSector(std::string_view path, uint64_t sector) {
  const InodeNumber inode = PlatterSector(path, sector);
  if (inode == kNoInode) return false;
  PlatterFile& platter = body_->core->Platter(inode);
  const std::string* older = platter.OlderSector(sector);
  const std::string content = older == nullptr ? std::string(kSectorBytes, '\0') : *older;
  platter.Damage(sector, content, HarmCause::kStale);
  return true;
}

bool VirtualDisk::SwapSectors(std::string_view path_a, uint64_t sector_a, std::string_view path_b,
                              uint64_t sector_b) {
  const InodeNumber a = PlatterSector(path_a, sector_a);
  const InodeNumber b = PlatterSector(path_b, sector_b);
  if (a == kNoInode || b == kNoInode) return false;
  const std::string content_a = body_->core->Platter(a).Sector(sector_a);
  const std::string content_b = body_->core->Platter(b).Sector(sector_b);
  body_->core->Platter(a).Damage(sector_a, content_b, HarmCause::kSwapped);
  body_->core->Platter(b).Damage(sector_b, content_a, HarmCause::kSwapped);
  return true;
}

void VirtualDisk::DropCache(std::string_view path) {
  Inode* inode = body_->core->Find(path);
  if (inode != nullptr) body_->core->DropCache(*inode);
}

void VirtualDisk::DropCache() { body_->core->DropAllCaches(); }

void VirtualDisk::WriteBackAll() {
  DiskCore& core = *body_->core;
  for (auto& [number, inode] : core.inodes()) {
    core.PersistFile(inode, core.effects(), body_->dice);
  }
  core.PersistAllNames(core.effects());
}

// ---- Inspection.

std::vector<DurableFile> VirtualDisk::DurableImage() const { return body_->core->image().Files(); }

std::optional<std::string> VirtualDisk::DurableBytes(std::string_view path) const {
  return body_->core->image().BytesOf(path);
}

std::vector<DurableFile> VirtualDisk::CachedImage() const {
  std::vector<DurableFile> files;
  for (const auto& [number, inode] : body_->core->inodes()) {
    if (!inode.is_directory && inode.links > 0) {
      files.push_back({inode.path, inode.cache.ToString()});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const DurableFile& a, const DurableFile& b) { return a.path < b.path; });
  return files;
}

std::optional<std::string> VirtualDisk::CachedBytes(std::string_view path) const {
  const Inode* inode = static_cast<const DiskCore&>(*body_->core).Find(path);
  if (inode == nullptr || inode->is_directory) return std::nullopt;
  return inode->cache.ToString();
}

const DiskImage& VirtualDisk::platter() const { return body_->core->image(); }

// By the cached name: an inode keeps its ledger whether or not its name is durable.
std::vector<Harm> VirtualDisk::Harms(std::string_view path) const {
  const Inode* inode = static_cast<const DiskCore&>(*body_->core).Find(path);
  if (inode == nullptr) return {};
  return body_->core->image().Find(inode->number)->Harms();
}

std::vector<NameHarm> VirtualDisk::NameHarms() const { return body_->core->image().NameHarms(); }

bool VirtualDisk::Harmed(std::string_view path, uint64_t from, uint64_t to) const {
  if (body_->core->image().NameHarmed(path)) return true;
  for (const Harm& harm : Harms(path)) {
    const uint64_t start = harm.sector * kSectorBytes;
    if (start < to && from < start + kSectorBytes) return true;
  }
  return false;
}

bool VirtualDisk::HarmedAnywhere() const {
  if (!NameHarms().empty()) return true;
  const DiskImage& image = body_->core->image();
  const auto is_harmed = [&image](InodeNumber inode) {
    const PlatterFile* file = image.Find(inode);
    return file != nullptr && !file->Harms().empty();
  };
  // What the platter can name, and what a running program can.
  const std::vector<std::pair<std::string, InodeNumber>> reachable = image.Walk();
  const std::map<InodeNumber, Inode>& cached = body_->core->inodes();
  return std::any_of(reachable.begin(), reachable.end(),
                     [&](const auto& entry) { return is_harmed(entry.second); }) ||
         std::any_of(cached.begin(), cached.end(), [&](const auto& entry) {
           return entry.second.links > 0 && is_harmed(entry.first);
         });
}

void VirtualDisk::AddObserver(DiskObserver* observer) { body_->observers.push_back(observer); }
void VirtualDisk::RemoveObserver(DiskObserver* observer) { std::erase(body_->observers, observer); }

// ---- Crash enumeration.

std::vector<Atom> VirtualDisk::PendingAtoms() const {
  return body_->core->PendingAtoms(body_->profile);
}

DiskImage VirtualDisk::MaterializeCrash(const CrashSubset& subset) const {
  return MaterializeCrash(PendingAtoms(), OutcomeOf(subset));
}

DiskImage VirtualDisk::MaterializeCrash(std::span<const Atom> atoms,
                                        const CrashOutcome& outcome) const {
  return body_->core->AfterCrash(atoms, outcome);
}

}  // namespace wt::sim
