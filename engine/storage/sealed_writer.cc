#include "engine/storage/sealed_writer.h"

#include "engine/base/check.h"
#include "engine/base/status.h"

namespace wt {

absl::Status SealedWriter::Begin() {
  WT_CHECK_EQ(sealed_size_, 0u);
  sealed_size_ = file_.header().size();
  WT_RETURN_IF_ERROR(WriteSealed(file_.header()));
  // So that a header that is not whole means a file with nothing in it.
  return MayEndTorn(fd_.type) ? SyncBase() : absl::OkStatus();
}

absl::Status SealedWriter::Append(std::string_view data) {
  WT_RETURN_IF_ERROR(CheckUsable());
  std::string sealed;
  while (waiting_.size() + data.size() > kSealedPageBytes) {
    const uint64_t taken = kSealedPageBytes - waiting_.size();
    waiting_.append(data.substr(0, taken));
    data.remove_prefix(taken);
    SealWaiting(waiting_, {}, sealed);
    waiting_.clear();
  }
  waiting_.append(data);
  return WriteSealed(sealed);
}

absl::Status SealedWriter::Sync() {
  WT_RETURN_IF_ERROR(CheckUsable());
  if (!ended_ || !waiting_.empty()) WT_RETURN_IF_ERROR(WriteEnd({.is_end = true}));
  return SyncBase();
}

absl::Status SealedWriter::Close() {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  token_.reset();
  absl::Status ended;
  if (failure_.ok()) {
    // A journal's last page tells how much of it was durable; else only the page after does.
    const bool tells = MayEndTorn(fd_.type);
    if (tells || !ended_ || !waiting_.empty()) {
      ended = WriteEnd({.is_end = true, .is_closed = tells});
    }
  }
  const absl::Status closed = base_->Close();
  return ended.ok() ? closed : ended;
}

absl::Status SealedWriter::CheckUsable() const {
  if (token_ == nullptr) return ClosedError(fd_.ToString());
  return failure_.ok() ? absl::OkStatus() : DeadError(fd_.ToString(), failure_);
}

absl::Status SealedWriter::Note(const absl::Status& status) {
  if (failure_.ok()) failure_ = status;
  return status;
}

void SealedWriter::SealWaiting(std::string_view plain, PageKind kind, std::string& out) {
  const PageHeader page{.length = plain.size(),
                        .is_end = kind.is_end,
                        .is_closed = kind.is_closed,
                        .number = pages_,
                        .offset = plain_size_,
                        .synced = durable_size_,
                        .mark = file_.mark()};
  const size_t start = out.size();
  file_.SealPage(page, plain, out);
  const uint64_t end = sealed_size_ + (out.size() - start);
  const uint64_t next = NextPageAt(end, kind.is_end, fd_.type);
  WT_CHECK_LE(end, next);
  out.append(next - end, '\0');
  sealed_size_ = next;
  plain_size_ += plain.size();
  ++pages_;
  ended_ = kind.is_end;
}

absl::Status SealedWriter::WriteSealed(const std::string& sealed) {
  if (sealed.empty()) return absl::OkStatus();
  return Note(base_->Append(sealed));
}

absl::Status SealedWriter::WriteEnd(PageKind kind) {
  std::string sealed;
  SealWaiting(waiting_, kind, sealed);
  waiting_.clear();
  return WriteSealed(sealed);
}

absl::Status SealedWriter::SyncBase() {
  WT_RETURN_IF_ERROR(Note(base_->Sync()));
  durable_size_ = sealed_size_;
  return absl::OkStatus();
}

}  // namespace wt
