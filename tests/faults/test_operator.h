// An operator that does what it is asked to do, and remembers it.
#ifndef WAVETANK_TESTS_FAULTS_TEST_OPERATOR_H_
#define WAVETANK_TESTS_FAULTS_TEST_OPERATOR_H_

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "faults/injector.h"

namespace wt::faults {

// Does at once what it is asked to do, and remembers it.
class TestOperator final : public Operator {
 public:
  void CutPower(sim::Machine& machine, Duration down_for) override {
    calls.push_back("cut " + machine.name());
    down = down_for;
    machine.PowerLoss();
  }
  void Kill(sim::Machine& machine, Duration down_for) override {
    calls.push_back("kill " + machine.name());
    down = down_for;
    machine.Kill();
  }
  void Close(sim::Machine& machine, Duration down_for) override {
    calls.push_back("close " + machine.name());
    down = down_for;
    machine.Kill();
  }
  sim::Machine* Primary() override { return primary; }
  void OnBackup(sim::Machine& machine) override { calls.push_back("backup " + machine.name()); }
  void OnDiskSwapped(sim::Machine& machine) override { calls.push_back("swap " + machine.name()); }
  void OnWiped(sim::Machine& machine) override { calls.push_back("wipe " + machine.name()); }
  void OnDisksExchanged(sim::Machine& a, sim::Machine& b) override {
    calls.push_back("exchange " + a.name() + " " + b.name());
  }
  void OnDiskCopied(sim::Machine& machine, sim::Machine& from) override {
    calls.push_back("copy " + from.name() + " to " + machine.name());
  }
  void OnClientsCut(sim::Machine& machine, bool cut) override {
    EXPECT_NE(cut, cut_from_clients.contains(machine.id())) << "told twice";
    if (cut) {
      cut_from_clients.insert(machine.id());
    } else {
      cut_from_clients.erase(machine.id());
    }
  }
  void OnFault(sim::Machine& machine, const Fault& fault, bool begins,
               const std::string& what) override {
    EXPECT_EQ(fault.target, Target::kMachine);
    EXPECT_EQ(fault.machine, machine.id());
    EXPECT_EQ(what.rfind(InfoOf(fault.kind).name, 0), 0u) << what;
    (begins ? begun : ended).push_back(fault.kind);
    phrases.push_back(what);
  }

  sim::Machine* primary = nullptr;
  std::set<uint32_t> cut_from_clients;
  std::vector<std::string> calls;
  std::vector<std::string> phrases;
  std::vector<FaultKind> begun;
  std::vector<FaultKind> ended;
  Duration down{};
};

}  // namespace wt::faults

#endif  // WAVETANK_TESTS_FAULTS_TEST_OPERATOR_H_
