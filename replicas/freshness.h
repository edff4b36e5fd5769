// How old the state here may be called: the latest time known of which all that was committed then
// is applied now.
//
// Of the horizons that are not reached yet only the first is kept: the state may be called older
// than it is, by as long as it takes to reach that one, and is never called newer.
//
// Not thread-safe.
#ifndef WAVETANK_REPLICAS_FRESHNESS_H_
#define WAVETANK_REPLICAS_FRESHNESS_H_

#include <optional>

#include "engine/base/units.h"
#include "replicas/consensus/consensus.h"

namespace wt {

class Freshness {
 public:
  // The newest horizon that there is, and what is applied.
  void Note(const std::optional<Horizon>& latest, LogIndex applied);

  // Nothing: of no time that is known.
  std::optional<Time> reached() const { return reached_; }

 private:
  std::optional<Time> reached_;
  std::optional<Horizon> awaited_;
};

}  // namespace wt

#endif  // WAVETANK_REPLICAS_FRESHNESS_H_
