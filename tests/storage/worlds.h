// The worlds that our own backends are tested in.
#ifndef WAVETANK_TESTS_STORAGE_WORLDS_H_
#define WAVETANK_TESTS_STORAGE_WORLDS_H_

#include <optional>
#include <utility>

#include "engine/posix/posix_world.h"
#include "engine/storage/encrypted_storage.h"
#include "engine/storage/faulty_storage.h"
#include "engine/storage/file_storage.h"
#include "engine/storage/memory_storage.h"
#include "sim/machine.h"
#include "sim/virtual_disk.h"
#include "tests/posix/temporary_folder.h"
#include "tests/storage/conformance.h"
#include "tests/support/memory_env.h"

namespace wt::test {

inline SecretKey TestKey(char fill = 'k') {
  return SecretKey(std::string(SecretKey::kBytes, fill));
}

// A world that has the seam.
class SeamWorld : public StorageWorld {
 public:
  virtual Env env() = 0;
};

// Real files.
class PosixFolder : public SeamWorld {
 public:
  PosixFolder() : world_(PosixOptions{.root = folder_.path()}) {}
  Env env() override { return world_.env(); }
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    return OpenFileStorage(env(), {.mode = mode});
  }

 private:
  TemporaryFolder folder_;
  PosixWorld world_;
};

// A machine of the tank, with an honest disk that transfers as little as it may.
class TankMachine : public SeamWorld {
 public:
  explicit TankMachine(uint64_t seed = 1) { Reseed(seed); }

  // A new tank. Requires: not in Run.
  void Reseed(uint64_t seed) {
    sim_ = std::make_unique<sim::Simulator>(sim::SimulatorOptions{.seed = seed});
    machine_ = &sim_->AddMachine("n1");
    machine_->disk().faults().short_read_ppm = 200'000;
    machine_->disk().faults().short_write_ppm = 200'000;
  }

  Env env() override { return *env_; }
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    return OpenFileStorage(env(), {.mode = mode});
  }
  void Run(const std::function<void()>& body) override {
    const sim::RunEnd end = sim_->Run([&] {
      machine_->Boot([&](Env env) {
        env_.emplace(env);
        body();
      });
      machine_->AwaitExit();
    });
    EXPECT_EQ(end.kind, sim::RunEnd::Kind::kFinished) << end.message;
  }

 private:
  std::unique_ptr<sim::Simulator> sim_;
  sim::Machine* machine_ = nullptr;
  std::optional<Env> env_;
};

class Memory : public SeamWorld {
 public:
  Env env() override { return env_.env(); }
  MemoryEnv& memory() { return env_; }
  MemoryFiles& files() { return *files_; }
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    return NewMemoryStorage(env_.tasks, files_, mode);
  }

 private:
  MemoryEnv env_;
  const std::shared_ptr<MemoryFiles> files_ = std::make_shared<MemoryFiles>();
};

// Another world's storage, sealed.
template <typename Base>
class Encrypted : public Base {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> base, Base::Open(mode));
    return OpenEncryptedStorage(this->env(), std::move(base), TestKey());
  }
};

// Another world's storage behind a FaultyStorage that injects nothing.
template <typename Base>
class Watched : public Base {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open(StorageMode mode) override {
    WT_ASSIGN_OR_RETURN(std::unique_ptr<Storage> base, Base::Open(mode));
    return std::make_unique<FaultyStorage>(this->env().tasks, std::move(base));
  }
};

}  // namespace wt::test

#endif  // WAVETANK_TESTS_STORAGE_WORLDS_H_
