#include "scenarios/database/clients.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "engine/base/check.h"
#include "engine/base/status.h"
#include "scenarios/clients.h"

namespace wt::scenarios {
namespace {

using namespace std::chrono_literals;

constexpr uint32_t kWalkSteps = 24;

// What an operation leaves open is drawn from all that it says.
Draw DrawFor(const Plan& plan, const ClientOp& op) {
  return Draw(plan.seed, {KeyOf("operation's"), op.client, op.key, op.value_bytes});
}

ScanOptions DrawScan(Draw& draw, uint32_t key) {
  ScanOptions options;
  if (!draw.OneIn(3)) options.range.lower = KeyName(key);
  if (!draw.OneIn(3)) {
    options.range.upper = KeyName(key + static_cast<uint32_t>(draw.Between(0, 40)));
  }
  if (draw.OneIn(3)) options.limit = draw.Between(0, 12);
  options.backward = draw.OneIn(2);
  return options;
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsResourceExhausted(status) ||
         absl::IsInvalidArgument(status);
}

}  // namespace

DatabaseClients::DatabaseClients(Judge& judge, DatabaseNode& node, Shadow& shadow, Writes& writes,
                                 History& history, const Plan& plan,
                                 std::function<bool()> may_refuse)
    : ScriptedClients(judge.sim(), plan),
      judge_(judge),
      node_(node),
      shadow_(shadow),
      writes_(writes),
      history_(history),
      plan_(plan),
      may_refuse_(std::move(may_refuse)),
      reads_(judge, shadow) {}

void DatabaseClients::RunScript(uint32_t, const std::vector<ClientOp>& script) {
  for (const ClientOp& op : script) {
    if (!AwaitTurn(op, node_)) return;
    Do(op);
  }
}

void DatabaseClients::Do(const ClientOp& op) {
  switch (op.kind) {
    case OpKind::kPut:
    case OpKind::kRemove:
    case OpKind::kBatch:
      (void)Write(op.client + 1, BatchFor(op),
                  op.buffered ? Durability::kBuffered : Durability::kSynced);
      return;
    case OpKind::kGet:
      return Get(op);
    case OpKind::kScan:
      return Scan(op);
    case OpKind::kWalk:
      return Walk(op);
    case OpKind::kView:
      return HoldView(op);
    case OpKind::kFlush:
    case OpKind::kCompact:
    case OpKind::kVerify:
      return Flush(op);
    case OpKind::kIncrement:
    case OpKind::kCompareAndSet:
      break;
  }
  WT_CHECK(!"an operation of a database");
}

// ---- Writing

WriteBatch DatabaseClients::BatchFor(const ClientOp& op) {
  WriteBatch batch;
  for (uint32_t part = 0; part < op.span; ++part) {
    const std::string name = KeyName(op.key + part);
    if (op.kind == OpKind::kRemove || part % 4 == 3) {
      batch.Delete(name);
    } else {
      batch.Put(name, ValueFor(op, part));
    }
  }
  return batch;
}

absl::Status DatabaseClients::Write(uint32_t client, const WriteBatch& batch,
                                    Durability durability) {
  const uint64_t number = writes_.Begin(batch);
  absl::Status status = Unavailable("no answer");
  uint64_t boot = 0;
  const bool answered = node_.With("write", [&](Database& database) {
    status = database.BatchWrite(batch, durability);
    boot = node_.boots();
  });
  if (!answered) status = Unavailable("nobody answered");
  const std::optional<LogIndex> at = writes_.End(number);
  if (status.ok()) {
    JudgeAcknowledged(client, at, durability);
    if (durability == Durability::kBuffered) ++buffered_;
    if (at.has_value() && boot == node_.boots()) {
      seen_ = boot == seen_boot_ ? std::max(seen_, *at) : *at;
      seen_boot_ = boot;
    }
  } else if (answered && IsRefusal(status)) {
    history_.Refuse();
    if (at.has_value()) {
      judge_.Fail("no-phantom", absl::StrFormat("client %d was refused (%s), and what it wrote is "
                                                "log entry %d all the same",
                                                client, MessageOf(status), at->value()));
    }
  } else {
    history_.Lose();
  }
  return status;
}

void DatabaseClients::JudgeAcknowledged(uint32_t client, std::optional<LogIndex> at,
                                        Durability durability) {
  judge_.Evaluated("acked-writes-survive");
  if (!at.has_value()) {
    return judge_.Fail(
        "acked-writes-survive",
        absl::StrFormat("client %d was told OK for what never came into the log", client));
  }
  if (durability == Durability::kBuffered) return;
  history_.Acknowledge(client, *at, judge_.sim().now());
}

bool DatabaseClients::Put(const std::string& key, const std::string& value) {
  WriteBatch batch;
  batch.Put(key, value);
  return Write(0, batch, Durability::kSynced).ok();
}

// ---- Reading

bool DatabaseClients::Ask(std::string_view what, const std::function<void(Database&)>& body) {
  uint64_t boot = 0;
  const bool answered = node_.With(what, [&](Database& database) {
    boot = node_.boots();
    body(database);
  });
  return answered && boot == node_.boots();
}

// Whoever begins to read now must see this much.
LogIndex DatabaseClients::Floor() const {
  const LogIndex acknowledged = history_.last_acknowledged();
  return seen_boot_ == node_.boots() ? std::max(seen_, acknowledged) : acknowledged;
}

void DatabaseClients::JudgeFresh(LogIndex at, LogIndex floor, std::string_view what) {
  judge_.Evaluated("linearizable");
  if (at < floor) {
    judge_.Fail("linearizable",
                absl::StrFormat("%s is as of entry %d, but entry %d was acknowledged before", what,
                                at.value(), floor.value()));
  }
  if (at > shadow_.applied()) {
    judge_.Fail("no-phantom", absl::StrFormat("%s is as of entry %d, which was never committed",
                                              what, at.value()));
  }
}

// Whether it was an answer. An error may name damage where there is some, and only there.
bool DatabaseClients::JudgeError(const absl::Status& status, std::string_view what) {
  if (status.ok()) return true;
  if (!absl::IsDataLoss(status)) return false;
  ++damage_named_;
  judge_.Evaluated("refuse-not-lie");
  if (!may_refuse_()) {
    judge_.Fail("refuse-not-lie",
                absl::StrFormat("%s names damage on a disk that holds everything it promised: %s",
                                what, MessageOf(status)));
  }
  return false;
}

void DatabaseClients::Get(const ClientOp& op) {
  Draw draw = DrawFor(plan_, op);
  const bool by_view = draw.OneIn(2);
  const std::string key = KeyName(op.key);
  const LogIndex floor = Floor();
  absl::StatusOr<std::optional<std::string>> read = Unavailable("no answer");
  LogIndex from;
  LogIndex to;
  const bool answered = Ask("read", [&](Database& database) {
    const std::shared_ptr<const ReadView> view = database.View();
    read = database.Read(key, by_view ? view.get() : nullptr);
    from = view->index();
    to = by_view ? from : database.last_applied();
  });
  if (!answered || !JudgeError(read.status(), "a read of " + key)) return;
  history_.Read();
  JudgeFresh(from, floor, "a read of " + key);
  if (by_view) return reads_.Check(PointRead{key, *read}, from);
  reads_.CheckWithin(PointRead{key, *read}, from, std::min(to, shadow_.applied()));
}

void DatabaseClients::Scan(const ClientOp& op) {
  Draw draw = DrawFor(plan_, op);
  ScanOptions options = DrawScan(draw, op.key);
  const bool by_view = draw.OneIn(2);
  const LogIndex floor = Floor();
  absl::StatusOr<KeyValues> found = Unavailable("no answer");
  absl::StatusOr<std::optional<std::string>> again = Unavailable("not asked");
  std::optional<std::string> doubt;
  LogIndex from;
  LogIndex to;
  const bool answered = Ask("scan", [&](Database& database) {
    const std::shared_ptr<const ReadView> view = database.View();
    if (by_view) options.view = view;
    found = database.RangeScan(options);
    from = view->index();
    to = by_view ? from : std::min(database.last_applied(), shadow_.applied());
    if (!found.ok() || from > shadow_.applied()) return;
    doubt = reads_.DoubtIn(options, *found, from, to);
    if (doubt.has_value()) again = database.Read(*doubt, view.get());
  });
  if (!answered || !JudgeError(found.status(), "a scan")) return;
  history_.Read();
  JudgeFresh(from, floor, "a scan");
  std::optional<PointRead> other;
  if (doubt.has_value()) other = PointRead{*doubt, again.value_or(std::nullopt)};
  reads_.Check(*found, from, other);
}

void DatabaseClients::Walk(const ClientOp& op) {
  Draw draw = DrawFor(plan_, op);
  const LogIndex floor = Floor();
  std::vector<WalkStep> walk;
  absl::Status status;
  LogIndex at;
  const bool answered = Ask("walk", [&](Database& database) {
    const std::shared_ptr<const ReadView> view = database.View();
    const std::unique_ptr<KeyValueIterator> it = database.NewIterator({}, view);
    at = view->index();
    walk = WalkAbout(*it, draw, kWalkSteps, op.key + 20);
    status = it->status();
  });
  if (!answered) return;
  (void)JudgeError(status, "a walk");
  JudgeFresh(at, floor, "a walk");
  reads_.Check(walk, at);
}

// Looks at it again and again, for as long as the server lives.
void DatabaseClients::HoldView(const ClientOp& op) {
  Draw draw = DrawFor(plan_, op);
  const LogIndex floor = Floor();
  Held held;
  if (!Ask("view",
           [&](Database& database) { held = {.view = database.View(), .boot = node_.boots()}; })) {
    return;
  }
  JudgeFresh(held.view->index(), floor, "a view");
  const uint64_t looks = draw.Between(2, 6);
  for (uint64_t look = 0; look < looks; ++look) {
    judge_.sim().SleepFor(op.held / static_cast<int64_t>(looks));
    if (!CheckHeld(held, draw)) return;
  }
}

// False when its server is no more.
bool DatabaseClients::CheckHeld(const Held& held, Draw& draw) {
  ScanOptions options = DrawScan(draw, static_cast<uint32_t>(draw.Below(20)));
  options.view = held.view;
  const LogIndex at = held.view->index();
  PointRead read{KeyName(static_cast<uint32_t>(draw.Below(40))), std::nullopt};
  KeyValues found;
  std::optional<PointRead> doubt;
  Blame blame = Blame::kAnswer;
  absl::Status status;
  bool is_its_server = false;
  const bool answered = Ask("look at a view", [&](Database& database) {
    is_its_server = held.boot == node_.boots();
    if (is_its_server) status = LookAt(database, options, read, found, doubt, blame);
  });
  if (!answered || !is_its_server) return false;
  if (!JudgeError(status, "a held view")) return true;
  ++views_checked_;
  judge_.Evaluated("repeatable-view");
  reads_.Check(read, at, blame);
  reads_.Check(found, at, doubt, blame);
  return true;
}

// Reads and scans the view. What is wrong is asked once more: by the view, and of a new one.
absl::Status DatabaseClients::LookAt(Database& database, const ScanOptions& options,
                                     PointRead& read, KeyValues& found,
                                     std::optional<PointRead>& doubt, Blame& blame) {
  const LogIndex at = options.view->index();
  WT_ASSIGN_OR_RETURN(read.value, database.Read(read.key, options.view.get()));
  WT_ASSIGN_OR_RETURN(found, database.RangeScan(options));
  if (const std::optional<std::string> key = reads_.DoubtIn(options, found, at, at)) {
    WT_ASSIGN_OR_RETURN(std::optional<std::string> again, database.Read(*key, options.view.get()));
    doubt = PointRead{*key, std::move(again)};
  }
  const PointRead& wrong = reads_.IsRight(read, at) && doubt.has_value() ? *doubt : read;
  if (reads_.IsRight(wrong, at)) return absl::OkStatus();
  const std::shared_ptr<const ReadView> now = database.View();
  WT_ASSIGN_OR_RETURN(std::optional<std::string> value, database.Read(wrong.key, now.get()));
  const bool is_right = now->index() <= shadow_.applied() &&
                        reads_.IsRight({wrong.key, std::move(value)}, now->index());
  if (is_right) blame = Blame::kHeldView;
  return absl::OkStatus();
}

// ---- Tables

void DatabaseClients::Flush(const ClientOp& op) {
  absl::Status status = Unavailable("no answer");
  LogIndex before;
  LogIndex in_tables;
  LogIndex in_log;
  const bool answered = Ask("flush", [&](Database& database) {
    before = database.last_applied();
    status = op.kind == OpKind::kVerify    ? database.Verify()
             : op.kind == OpKind::kCompact ? database.Compact()
                                           : database.Flush();
    in_tables = database.store().durable_index();
    in_log = database.log().durable_index();
  });
  if (!answered) return;
  judge_.Evaluated("index-order");
  if (in_tables > in_log) {
    judge_.Fail("index-order", absl::StrFormat("the tables hold entries to %d, and the log is "
                                               "durable to %d only",
                                               in_tables.value(), in_log.value()));
  }
  if (!JudgeError(status, "a flush") || op.kind == OpKind::kVerify) return;
  if (in_tables < before) {
    judge_.Fail("index-order",
                absl::StrFormat("flushed, the tables end with entry %d, though entry "
                                "%d was applied before",
                                in_tables.value(), before.value()));
  }
}

bool DatabaseClients::SettleTables() {
  absl::Status status = Unavailable("no answer");
  const bool answered = Ask("settle", [&](Database& database) {
    status = database.Compact();
    if (status.ok()) status = database.Verify();
  });
  return answered && JudgeError(status, "the tables in calm");
}

bool DatabaseClients::CheckEverything() {
  std::vector<std::string> keys;
  for (const auto& [key, versions] : shadow_.model().keys()) keys.push_back(key);
  const LogIndex floor = Floor();
  LogIndex at;
  absl::Status status = Unavailable("no answer");
  std::vector<PointRead> points;
  std::pair<ScanOptions, KeyValues> scans[2];
  const bool answered = Ask("check", [&](Database& database) {
    const std::shared_ptr<const ReadView> view = database.View();
    at = view->index();
    status = absl::OkStatus();
    for (const std::string& key : keys) {
      absl::StatusOr<std::optional<std::string>> read = database.Read(key, view.get());
      status.Update(read.status());
      if (read.ok()) points.push_back({key, *std::move(read)});
    }
    for (int way = 0; way < 2; ++way) {
      ScanOptions options{.backward = way == 1, .view = view};
      absl::StatusOr<KeyValues> found = database.RangeScan(options);
      status.Update(found.status());
      if (found.ok()) scans[way] = {std::move(options), *std::move(found)};
    }
  });
  if (!answered) return false;
  const bool whole = JudgeError(status, "a look at everything");
  if (points.empty() && !whole) return false;
  JudgeFresh(at, floor, "a look at everything");
  for (const PointRead& read : points) reads_.Check(read, at);
  if (!whole) return false;
  for (const auto& [options, found] : scans) {
    std::optional<PointRead> other;
    if (const std::optional<std::string> doubt = reads_.DoubtIn(options, found, at, at)) {
      other = PointRead{*doubt, shadow_.model().ValueAt(*doubt, at)};
    }
    reads_.Check(found, at, other);
  }
  return true;
}

}  // namespace wt::scenarios
