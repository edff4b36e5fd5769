#include "replicas/consensus/configuration.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/coding.h"
#include "engine/base/status.h"

namespace wt {

namespace {

bool Has(const std::vector<NodeId>& nodes, NodeId node) {
  return std::binary_search(nodes.begin(), nodes.end(), node);
}

std::vector<NodeId> Union(std::vector<NodeId> a, const std::vector<NodeId>& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  a.erase(std::unique(a.begin(), a.end()), a.end());
  return a;
}

std::string Joined(const std::vector<NodeId>& nodes) {
  std::string out;
  for (NodeId node : nodes) out += (out.empty() ? "" : " ") + node.ToString();
  return out;
}

absl::Status CheckList(std::string_view what, const std::vector<NodeId>& nodes) {
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i] == NodeId(0)) return InvalidArgument("configuration: %s has node 0", what);
    if (i > 0 && nodes[i] <= nodes[i - 1]) {
      return InvalidArgument("configuration: %s must ascend: %d behind %d", what, nodes[i].value(),
                             nodes[i - 1].value());
    }
  }
  return absl::OkStatus();
}

void PutNodes(std::string& out, const std::vector<NodeId>& nodes) {
  PutU32(out, static_cast<uint32_t>(nodes.size()));
  for (NodeId node : nodes) PutU64(out, node.value());
}

std::vector<NodeId> TakeNodes(ByteReader& in) {
  std::vector<NodeId> nodes;
  const uint32_t count = in.U32();
  if (count > in.rest().size() / sizeof(uint64_t)) in.Raw(~uint64_t{0});
  for (uint32_t i = 0; i < count && in.ok(); ++i) nodes.push_back(NodeId(in.U64()));
  return nodes;
}

}  // namespace

bool Configuration::IsVoter(NodeId node) const {
  return Has(voters, node) || Has(old_voters, node);
}

bool Configuration::IsMember(NodeId node) const { return IsVoter(node) || Has(learners, node); }

std::vector<NodeId> Configuration::Members() const { return Union(AllVoters(), learners); }

std::vector<NodeId> Configuration::AllVoters() const { return Union(voters, old_voters); }

Configuration Configuration::JointWith(const Configuration& target) const {
  WT_CHECK(!joint() && !target.joint());
  return {.voters = target.voters, .old_voters = voters, .learners = target.learners};
}

Configuration Configuration::Left() const {
  WT_CHECK(joint());
  return {.voters = voters, .old_voters = {}, .learners = learners};
}

std::string Configuration::ToString() const {
  std::string out = "{" + Joined(voters);
  if (joint()) out += " | was " + Joined(old_voters);
  if (!learners.empty()) out += ", learning " + Joined(learners);
  return out + "}";
}

absl::Status Validate(const Configuration& configuration) {
  WT_RETURN_IF_ERROR(CheckList("voters", configuration.voters));
  WT_RETURN_IF_ERROR(CheckList("old voters", configuration.old_voters));
  WT_RETURN_IF_ERROR(CheckList("learners", configuration.learners));
  if (configuration.voters.empty()) return InvalidArgument("configuration: no voters");
  for (NodeId node : configuration.learners) {
    if (Has(configuration.voters, node)) {
      return InvalidArgument("configuration: learner %d is a voter", node.value());
    }
  }
  return absl::OkStatus();
}

std::string EncodeConfiguration(const Configuration& configuration) {
  std::string out;
  PutNodes(out, configuration.voters);
  PutNodes(out, configuration.old_voters);
  PutNodes(out, configuration.learners);
  return out;
}

absl::StatusOr<Configuration> DecodeConfiguration(std::string_view bytes) {
  ByteReader in(bytes);
  Configuration configuration;
  configuration.voters = TakeNodes(in);
  configuration.old_voters = TakeNodes(in);
  configuration.learners = TakeNodes(in);
  if (!in.ok() || !in.empty()) {
    return DataLoss("configuration: %d bytes do not hold three lists of nodes", bytes.size());
  }
  WT_RETURN_IF_ERROR(Validate(configuration));
  return configuration;
}

}  // namespace wt
