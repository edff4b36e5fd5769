// The network between the machines: one directed link per ordered pair, each with its own dials.
//
// A message in flight belongs to nobody: it survives the crash of its sender, and finds whichever
// incarnation of the receiver is there when it arrives. An honest link (all dials at zero) delivers
// everything once, intact and in order, after its latency.
#ifndef WAVETANK_SIM_VIRTUAL_NETWORK_H_
#define WAVETANK_SIM_VIRTUAL_NETWORK_H_

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/env/network.h"
#include "sim/core/scheduler.h"
#include "sim/host.h"

namespace wt::sim {

// How long a message takes. All drawn with integers.
struct Latency {
  enum class Shape {
    kFixed,        // low
    kUniform,      // low to high
    kExponential,  // low at least; the mean is high; a long tail
    kBimodal,      // low, or (slow_ppm) high
  };
  Shape shape = Shape::kUniform;
  Duration low{100'000};
  Duration high{500'000};
  uint32_t slow_ppm = 50'000;
  bool operator==(const Latency&) const = default;
};

// The dials of one directed link. Chances are in a million, per message.
struct LinkDials {
  Latency latency;
  uint32_t loss_ppm = 0;
  uint32_t duplicate_ppm = 0;  // a second copy, with a latency of its own
  uint32_t reorder_ppm = 0;    // up to reorder_by late, and overtaken by what was sent after it
  Duration reorder_by = std::chrono::milliseconds(20);
  uint32_t replay_ppm = 0;  // an old copy arrives once more, up to replay_after later
  Duration replay_after = std::chrono::seconds(10);
  uint32_t corrupt_ppm = 0;       // one to three bits flip
  uint64_t bytes_per_second = 0;  // 0: no limit
  uint64_t queue_messages = 0;    // more in flight than this are dropped; 0: no limit
  bool operator==(const LinkDials&) const = default;
};

struct NetworkCounts {
  uint64_t sent = 0;
  uint64_t sent_bytes = 0;
  uint64_t delivered = 0;
  uint64_t lost = 0;
  uint64_t cut = 0;
  uint64_t receiver_off = 0;
  uint64_t queue_full = 0;
  uint64_t duplicated = 0;
  uint64_t replayed = 0;
  uint64_t corrupted = 0;
  uint64_t reordered = 0;
};

class NetworkEndpoint;
class VirtualClock;

class VirtualNetwork {
 public:
  explicit VirtualNetwork(Scheduler& scheduler);
  ~VirtualNetwork();

  // The dials of one directed link, of all links that exist or will, and what they are now.
  // They count for messages sent from now on; only a wider wire (more bytes per second) also
  // hastens what waits for it.
  void SetLink(uint32_t from, uint32_t to, const LinkDials& dials);
  void SetAllLinks(const LinkDials& dials);
  const LinkDials& link(uint32_t from, uint32_t to);

  // For `how_long`, nothing that is sent or in flight arrives; then all of it does.
  void Clog(uint32_t from, uint32_t to, Duration how_long);

  // Nothing gets through, and what is in flight is lost when it arrives.
  void CutOneWay(uint32_t from, uint32_t to);
  void Cut(uint32_t a, uint32_t b);
  // Cuts the machine from all others.
  void Isolate(uint32_t machine);
  // Machines of different groups are cut from each other. Who is in no group keeps its links, so
  // that {{1, 2}, {4, 5}} leaves 3 as a bridge.
  void Partition(const std::vector<std::vector<uint32_t>>& groups);
  void HealOneWay(uint32_t from, uint32_t to);
  // Removes every cut and clog. Dials stay.
  void Heal();
  bool IsCut(uint32_t from, uint32_t to);

  const NetworkCounts& counts() const { return counts_; }
  uint64_t in_flight() const { return flights_.size(); }

  // For sim/: who can be reached.
  void AddMachine(uint32_t machine);
  void Attach(uint32_t machine, NetworkEndpoint* endpoint);  // null: nobody is there
  void Send(uint32_t from, uint32_t to, std::string_view bytes);

 private:
  struct Link {
    LinkDials dials;
    bool is_cut = false;
    SimTime clogged_until{};
    SimTime busy_until{};    // the wire, when bandwidth is limited
    SimTime last_arrival{};  // of what keeps its order
    uint64_t messages = 0;   // ever sent
    uint64_t in_flight = 0;
  };
  struct Flight;

  Link& LinkOf(uint32_t from, uint32_t to);
  void Transmit(Link& link, uint32_t from, uint32_t to, std::string bytes);
  struct Passage {
    SimTime arrival{};
    SimTime off_wire{};     // zero: it takes no part in the queue for the wire
    bool in_order = false;  // nothing sent later arrives before it
  };
  Passage PassageOf(Link& link, uint32_t from, uint32_t to, uint64_t ordinal, uint64_t bytes);
  void Launch(Link& link, uint32_t from, uint32_t to, std::string bytes, const Passage& passage);
  void SetDials(Link& link, uint32_t from, uint32_t to, const LinkDials& dials);
  void HastenQueue(Link& link, uint32_t from, uint32_t to);
  void Arrive(Flight& flight);
  void Note(NetworkWhat what, uint32_t from, uint32_t to, std::string_view bytes);

  Scheduler& scheduler_;
  LinkDials default_dials_;
  std::map<std::pair<uint32_t, uint32_t>, Link> links_;
  std::vector<NetworkEndpoint*> endpoints_;  // by machine id
  std::map<uint64_t, std::unique_ptr<Flight>> flights_;
  uint64_t next_flight_ = 0;
  NetworkCounts counts_;
};

// A machine's end of the network, for one incarnation.
class NetworkEndpoint final : public Network {
 public:
  // Arrivals beyond this many unread messages are dropped, as by a full socket buffer.
  static constexpr size_t kInboxMessages = 65'536;

  NetworkEndpoint(Scheduler& scheduler, TaskGroup& group, VirtualNetwork& network,
                  const VirtualClock& clock);

  PeerId Self() const override { return PeerId(group_.machine_id); }
  void Send(PeerId to, std::string_view bytes) override;
  absl::StatusOr<Message> Receive(Duration timeout) override;
  void Close() override;

  // For VirtualNetwork. False when there is no room.
  bool Deliver(uint32_t from, std::string bytes);

 private:
  Scheduler& scheduler_;
  TaskGroup& group_;
  VirtualNetwork& network_;
  const VirtualClock& clock_;
  std::deque<Message> inbox_;
  bool closed_ = false;
  WaitList receivers_;
};

}  // namespace wt::sim

#endif  // WAVETANK_SIM_VIRTUAL_NETWORK_H_
