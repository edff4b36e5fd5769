// What a TcpNetwork has done and refused since it was made. Counted, not logged: garbage on an open
// port must not fill a disk.
#ifndef WAVETANK_ENGINE_POSIX_TCP_TCP_COUNTERS_H_
#define WAVETANK_ENGINE_POSIX_TCP_TCP_COUNTERS_H_

#include <atomic>
#include <cstdint>
#include <string>

namespace wt {

// X(name, what is counted)
#define WT_TCP_COUNTERS(X)                                                         \
  X(messages_queued, "messages that Send took for a peer")                         \
  X(bytes_written, "bytes that the kernel took, headers included")                 \
  X(write_calls, "system calls that wrote frames")                                 \
  X(messages_received, "messages of peers that passed every check")                \
  X(bytes_read, "bytes read behind the handshake")                                 \
  X(read_calls, "system calls that read frames")                                   \
  X(wakeups, "times a sender had to wake the network's thread")                    \
  X(dropped_full, "messages dropped because the queue was full")                   \
  X(dropped_no_peer, "messages to a peer that nobody has named")                   \
  X(dropped_oversize, "messages to send that were longer than allowed")            \
  X(dropped_self_full, "messages to self that found no room")                      \
  X(bytes_forgotten, "queued bytes dropped because the peer stayed out of reach")  \
  X(connects, "outgoing connections whose handshake succeeded")                    \
  X(connect_failures, "attempts that ended before their handshake did")            \
  X(connections_broken, "outgoing connections that ended after their handshake")   \
  X(accepts, "incoming connections")                                               \
  X(accept_failures, "incoming connections that the system could not give us")     \
  X(greetings, "incoming connections whose handshake succeeded")                   \
  X(refused_garbage, "handshakes that did not begin with the magic number")        \
  X(refused_version, "handshakes of another protocol version")                     \
  X(refused_checksum, "handshakes with a wrong checksum")                          \
  X(refused_cluster, "handshakes of another cluster")                              \
  X(refused_sender, "handshakes of a sender that is no peer of ours")              \
  X(refused_receiver, "handshakes meant for somebody else")                        \
  X(refused_late, "handshakes not done in time, or pushed out by newer strangers") \
  X(superseded, "incoming connections that a newer one of the same peer replaced") \
  X(frames_oversize, "connections ended by a frame longer than allowed")           \
  X(frames_checksum, "connections ended by a frame with a wrong checksum")         \
  X(frames_sender, "connections ended by a frame in the name of somebody else")    \
  X(truncated, "incoming connections that ended inside a handshake or a frame")    \
  X(reading_paused, "times a connection was left unread because the inbox was full")

struct TcpCounters {
#define WT_TCP_COUNTER_FIELD(name, what) uint64_t name = 0;
  WT_TCP_COUNTERS(WT_TCP_COUNTER_FIELD)
#undef WT_TCP_COUNTER_FIELD

  // Handshakes that were refused for whatever reason.
  uint64_t refused() const;
  // "greetings 2, refused_garbage 1": those that are not zero.
  std::string ToString() const;
};

// The live cells; any thread may add and read. Each counter is exact; one is not ordered against
// another.
struct TcpCounterCells {
#define WT_TCP_COUNTER_CELL(name, what) std::atomic<uint64_t> name = 0;
  WT_TCP_COUNTERS(WT_TCP_COUNTER_CELL)
#undef WT_TCP_COUNTER_CELL

  TcpCounters Read() const;
};

inline void Count(std::atomic<uint64_t>& cell, uint64_t n = 1) {
  cell.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace wt

#endif  // WAVETANK_ENGINE_POSIX_TCP_TCP_COUNTERS_H_
