// The conformance suite on every backend of ours.
#include "tests/storage/worlds.h"

namespace wt::test {
namespace {

template <typename World>
StorageKind Kind(std::string name) {
  return {std::move(name), [] { return std::make_unique<World>(); }};
}

INSTANTIATE_TEST_SUITE_P(Backends, StorageConformanceTest,
                         testing::Values(Kind<PosixFolder>("FileOnPosix"),
                                         Kind<TankMachine>("FileInTheTank"), Kind<Memory>("Memory"),
                                         Kind<Encrypted<PosixFolder>>("EncryptedFile"),
                                         Kind<Encrypted<TankMachine>>("EncryptedInTheTank"),
                                         Kind<Encrypted<Memory>>("EncryptedMemory"),
                                         Kind<Watched<Memory>>("FaultyMemory"),
                                         Kind<Watched<Encrypted<Memory>>>("FaultyEncryptedMemory")),
                         KindName);

}  // namespace
}  // namespace wt::test
