#include "engine/posix/tcp/tcp_counters.h"

namespace wt {

uint64_t TcpCounters::refused() const {
  return refused_garbage + refused_version + refused_checksum + refused_cluster + refused_sender +
         refused_receiver + refused_late;
}

std::string TcpCounters::ToString() const {
  std::string text;
  const auto add = [&text](const char* name, uint64_t value) {
    if (value == 0) return;
    if (!text.empty()) text += ", ";
    text += name;
    text += " " + std::to_string(value);
  };
#define WT_TCP_COUNTER_TEXT(name, what) add(#name, name);
  WT_TCP_COUNTERS(WT_TCP_COUNTER_TEXT)
#undef WT_TCP_COUNTER_TEXT
  return text;
}

TcpCounters TcpCounterCells::Read() const {
  TcpCounters counters;
#define WT_TCP_COUNTER_READ(name, what) counters.name = name.load(std::memory_order_relaxed);
  WT_TCP_COUNTERS(WT_TCP_COUNTER_READ)
#undef WT_TCP_COUNTER_READ
  return counters;
}

}  // namespace wt
