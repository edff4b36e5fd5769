// Which machines have had a disk that lied, rotted, or was another one. What such a machine loses
// is nobody's fault; what the group loses is, as long as they are a minority.
#ifndef WAVETANK_SCENARIOS_CLUSTER_HONESTY_H_
#define WAVETANK_SCENARIOS_CLUSTER_HONESTY_H_

#include <cstdint>
#include <set>

namespace wt::scenarios {

class Honesty {
 public:
  // From now on, for ever: nobody knows what of it is still wrong.
  void Harm(uint32_t machine) { harmed_.insert(machine); }
  bool IsHonest(uint32_t machine) const { return !harmed_.contains(machine); }
  const std::set<uint32_t>& harmed() const { return harmed_; }

  // Reads have failed: what is good may have been refused.
  void DoubtReads(uint32_t machine) { reads_.insert(machine); }
  bool ReadsAreInDoubt(uint32_t machine) const { return reads_.contains(machine); }
  // Names may come back, or be lost, ever after: a sync of a folder failed, or a call on a name.
  void DoubtNames(uint32_t machine) { names_.insert(machine); }
  bool NamesAreInDoubt(uint32_t machine) const { return names_.contains(machine); }

 private:
  std::set<uint32_t> harmed_;
  std::set<uint32_t> reads_;
  std::set<uint32_t> names_;
};

}  // namespace wt::scenarios

#endif  // WAVETANK_SCENARIOS_CLUSTER_HONESTY_H_
