#include "sim/core/sim_random.h"

#include "engine/base/random.h"

namespace wt::sim {
namespace {

constexpr uint64_t kStreamKey = KeyOf("random.stream");
constexpr uint64_t kArmKey = KeyOf("random.arm");
constexpr uint64_t kRarelyKey = KeyOf("random.rarely");

}  // namespace

uint64_t SimRandom::Next(std::string_view stream) {
  const uint64_t key = KeyOf(stream);
  const uint64_t ordinal = next_ordinal_[key]++;
  Draw draw(scheduler_.seed(), {kStreamKey, machine_id_, incarnation_, key, ordinal});
  const uint64_t words[] = {key, draw.Next()};
  scheduler_.Record(TraceKind::kRandom, 1, words);
  return words[1];
}

bool SimRandom::Rarely(std::string_view site) {
  const SimulatorOptions& options = scheduler_.options();
  if (options.rarely_ppm == 0) return false;
  const uint64_t key = KeyOf(site);
  if (!Draw(options.seed, {kArmKey, key}).Chance(options.rarely_armed_ppm)) return false;
  const uint64_t ordinal = next_ordinal_[key ^ kRarelyKey]++;
  Draw draw(scheduler_.seed(), {kRarelyKey, machine_id_, incarnation_, key, ordinal});
  const bool answer = draw.Chance(options.rarely_ppm);
  const uint64_t words[] = {key, answer ? uint64_t{1} : uint64_t{0}};
  scheduler_.Record(TraceKind::kRandom, 2, words);
  return answer;
}

}  // namespace wt::sim
