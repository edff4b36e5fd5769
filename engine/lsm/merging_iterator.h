// Many inputs as one, in order.
//
// The inputs come most recent first. Where several hold the same key and version, the most recent
// one's entry is shown, and the others' are not. An error of any input is an error of the whole, at
// once: behind it there could be an entry that hides what the others show.
#ifndef WAVETANK_ENGINE_LSM_MERGING_ITERATOR_H_
#define WAVETANK_ENGINE_LSM_MERGING_ITERATOR_H_

#include <memory>
#include <vector>

#include "engine/lsm/iterator.h"

namespace wt {

std::unique_ptr<InternalIterator> NewMergingIterator(
    std::vector<std::unique_ptr<InternalIterator>> most_recent_first);

}  // namespace wt

#endif  // WAVETANK_ENGINE_LSM_MERGING_ITERATOR_H_
