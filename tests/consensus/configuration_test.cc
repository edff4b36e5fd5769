// Configurations: what is valid, what they say, what a change passes through, and their bytes.
#include "replicas/consensus/configuration.h"

#include <gtest/gtest.h>

namespace wt {
namespace {

Configuration Of(std::vector<uint64_t> voters, std::vector<uint64_t> old = {},
                 std::vector<uint64_t> learners = {}) {
  Configuration configuration;
  for (uint64_t node : voters) configuration.voters.push_back(NodeId(node));
  for (uint64_t node : old) configuration.old_voters.push_back(NodeId(node));
  for (uint64_t node : learners) configuration.learners.push_back(NodeId(node));
  return configuration;
}

TEST(ConfigurationTest, NamesWhatIsWrong) {
  EXPECT_TRUE(Validate(Of({1, 2, 3})).ok());
  EXPECT_TRUE(Validate(Of({1}, {2}, {3})).ok());
  EXPECT_EQ(Validate(Of({})).message(), "configuration: no voters");
  EXPECT_EQ(Validate(Of({0, 1})).message(), "configuration: voters has node 0");
  EXPECT_EQ(Validate(Of({2, 1})).message(), "configuration: voters must ascend: 1 behind 2");
  EXPECT_EQ(Validate(Of({1, 1})).message(), "configuration: voters must ascend: 1 behind 1");
  EXPECT_EQ(Validate(Of({1, 2}, {}, {2})).message(), "configuration: learner 2 is a voter");
}

TEST(ConfigurationTest, AChangePassesThroughBothHalves) {
  const Configuration joint = Of({1, 2, 3}).JointWith(Of({3, 4}, {}, {1}));
  EXPECT_EQ(joint, Of({3, 4}, {1, 2, 3}, {1}));
  EXPECT_TRUE(Validate(joint).ok());
  EXPECT_TRUE(joint.joint());
  EXPECT_TRUE(joint.IsVoter(NodeId(1)));
  EXPECT_TRUE(joint.IsVoter(NodeId(4)));
  EXPECT_FALSE(joint.IsVoter(NodeId(5)));
  EXPECT_EQ(joint.Members().size(), 4u);
  EXPECT_EQ(joint.Left(), Of({3, 4}, {}, {1}));
}

TEST(ConfigurationTest, IsReadable) {
  EXPECT_EQ(Of({1, 2, 3}).ToString(), "{1 2 3}");
  EXPECT_EQ(Of({1, 2, 4}, {1, 2, 3}).ToString(), "{1 2 4 | was 1 2 3}");
  EXPECT_EQ(Of({1, 2, 3}, {}, {4}).ToString(), "{1 2 3, learning 4}");
}

TEST(ConfigurationTest, BytesComeBackAndDamageIsRefused) {
  for (const Configuration& one : {Of({1}), Of({1, 2, 4}, {1, 2, 3}, {3, 9})}) {
    const std::string bytes = EncodeConfiguration(one);
    ASSERT_TRUE(DecodeConfiguration(bytes).ok());
    EXPECT_EQ(*DecodeConfiguration(bytes), one);
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      EXPECT_FALSE(DecodeConfiguration(bytes.substr(0, cut)).ok()) << cut;
    }
    EXPECT_FALSE(DecodeConfiguration(bytes + "x").ok());
  }
  EXPECT_FALSE(DecodeConfiguration(EncodeConfiguration(Of({2, 1}))).ok());
  EXPECT_FALSE(DecodeConfiguration("\xff\xff\xff\xff").ok());
}

}  // namespace
}  // namespace wt
