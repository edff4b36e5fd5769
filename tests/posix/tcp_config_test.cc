// Proves that options which make no sense are refused when the network is made, with one message
// that says what and where; and that addresses are read as people write them.
#include "engine/posix/tcp/tcp_config.h"

#include <string>

#include "engine/base/status.h"
#include "engine/posix/posix_world.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/posix/tcp_endpoints.h"
#include "tests/posix/temporary_folder.h"

namespace wt {
namespace {

using absl::StatusCode;
using testing::AllOf;
using testing::HasSubstr;

class TcpConfigTest : public TcpTest {
 protected:
  absl::Status StatusOf(TcpOptions options) {
    return TcpNetwork(clock_, tasks_, random_, std::move(options)).status();
  }
  std::string Refusal(TcpOptions options) {
    const absl::Status status = StatusOf(std::move(options));
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
    return MessageOf(status);
  }
};

TEST(ParseHostPortTest, TakesNamesAndNumbers) {
  const auto reads = [](std::string_view text, std::string_view host, uint16_t port) {
    const absl::StatusOr<HostPort> parsed = ParseHostPort(text);
    return parsed.ok() && parsed->host == host && parsed->port == port;
  };
  EXPECT_TRUE(reads("127.0.0.1:7001", "127.0.0.1", 7001));
  EXPECT_TRUE(reads("node-1.example:65535", "node-1.example", 65535));
  EXPECT_TRUE(reads("[::1]:0", "::1", 0));
  EXPECT_TRUE(reads("[fe80::1%eth0]:7001", "fe80::1%eth0", 7001));
}

TEST(ParseHostPortTest, RefusesWhatIsNoAddressAndSaysWhy) {
  const std::pair<std::string, std::string> wrong[] = {
      {"", "no port"},
      {"127.0.0.1", "no port"},
      {":7001", "no host"},
      {"host:", "bad port"},
      {"host:65536", "bad port"},
      {"host:-1", "bad port"},
      {"host:7001x", "bad port"},
      {"host: 7001", "bad port"},
      {"::1:7001", "brackets"},
      {"[::1:7001", "brackets"},
      {"[]:7001", "brackets"},
      {"a b:7001", "blank"},
      {std::string(300, 'a') + ":1", "too long"},
  };
  for (const auto& [text, why] : wrong) {
    const absl::StatusOr<HostPort> parsed = ParseHostPort(text);
    ASSERT_EQ(parsed.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(MessageOf(parsed.status()), AllOf(HasSubstr(text), HasSubstr(why)));
  }
}

TEST(SocketAddressTest, PrintsWhatItParses) {
  for (const std::string text : {"127.0.0.1:7001", "[::1]:7001", "0.0.0.0:0", "[::]:1"}) {
    const absl::StatusOr<SocketAddress> address = ResolveNumber(*ParseHostPort(text));
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
    EXPECT_EQ(address->IsWildcard(), text == "0.0.0.0:0" || text == "[::]:1");
    EXPECT_EQ(*address, *ResolveNumber(*ParseHostPort(text)));
  }
  EXPECT_FALSE(ResolveNumber({"localhost", 1}).ok());
  EXPECT_FALSE(*ResolveNumber({"127.0.0.1", 1}) == *ResolveNumber({"127.0.0.1", 2}));
  EXPECT_FALSE(*ResolveNumber({"127.0.0.1", 1}) == *ResolveNumber({"127.0.0.2", 1}));
  EXPECT_FALSE(*ResolveNumber({"::1", 1}) == *ResolveNumber({"127.0.0.1", 1}));
}

TEST_F(TcpConfigTest, AnAddressInUseIsOneClearError) {
  const auto one = Make(1);
  TcpOptions options = Options(2);
  options.listen = one->address();
  const absl::Status status = StatusOf(options);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), AllOf(HasSubstr(one->address()), HasSubstr("in use")));
}

TEST_F(TcpConfigTest, AnAddressOfAnotherMachineIsRefused) {
  TcpOptions options = Options(1);
  options.listen = "192.0.2.1:7001";  // TEST-NET-1, RFC 5737
  EXPECT_THAT(Refusal(options), HasSubstr("192.0.2.1:7001"));
}

TEST_F(TcpConfigTest, ARefusedNetworkDeliversToSelfOnly) {
  TcpOptions options = Options(1);
  options.listen = "nonsense";
  TcpNetwork network(clock_, tasks_, random_, options);
  EXPECT_EQ(network.status().code(), StatusCode::kInvalidArgument);
  network.Send(PeerId(2), "lost");
  network.Send(PeerId(1), "self");
  EXPECT_EQ(network.Receive(Duration::zero())->bytes, "self");
  EXPECT_EQ(network.counters().dropped_no_peer, 1u);
}

TEST_F(TcpConfigTest, MalformedAddressesAreNamed) {
  TcpOptions options = Options(1);
  options.listen = "127.0.0.1";
  EXPECT_THAT(Refusal(options), HasSubstr("\"127.0.0.1\""));
  options = Options(1);
  options.peers[PeerId(3)] = "10.0.0.3:70001";
  EXPECT_THAT(Refusal(options), AllOf(HasSubstr("10.0.0.3:70001"), HasSubstr("peer 3")));
  options.peers[PeerId(3)] = "10.0.0.3:0";
  EXPECT_THAT(Refusal(options), AllOf(HasSubstr("peer 3"), HasSubstr("port 0")));
}

TEST_F(TcpConfigTest, PeersWithoutAListeningAddressAreRefused) {
  TcpOptions options = Options(1);
  options.listen = "";
  EXPECT_THAT(Refusal(options), HasSubstr("no address to listen on"));
}

TEST_F(TcpConfigTest, TwoPeersAtOneAddressAreRefused) {
  TcpOptions options = Options(1);
  options.peers[PeerId(2)] = options.peers[PeerId(3)] = "10.0.0.9:7001";
  EXPECT_THAT(Refusal(options), HasSubstr("peers 2 and 3 have one address, 10.0.0.9:7001"));
}

TEST_F(TcpConfigTest, APeerAtTheOwnAddressIsRefused) {
  TcpOptions options = Options(1);
  options.listen = options.peers[PeerId(2)] = "127.0.0.1:45555";
  EXPECT_THAT(Refusal(options), HasSubstr("peer 2 has the address of this machine"));
}

TEST_F(TcpConfigTest, SelfMayBeAmongThePeersAtItsOwnAddressOnly) {
  TcpOptions options = Options(1);
  {
    const auto free_port = Make(1);
    options.listen = free_port->address();
  }
  const std::string port = options.listen.substr(options.listen.rfind(':'));
  for (const std::string& same : {options.listen, "localhost" + port}) {
    options.peers[PeerId(1)] = same;
    EXPECT_TRUE(StatusOf(options).ok()) << StatusOf(options);
  }
  for (const std::string& other : {std::string("127.0.0.1:9"), "127.0.0.2" + port}) {
    options.peers[PeerId(1)] = other;
    EXPECT_THAT(Refusal(options), AllOf(HasSubstr("peer 1 is this machine"), HasSubstr(other)));
  }
  options.listen = "0.0.0.0" + port;  // every address of this machine
  EXPECT_TRUE(StatusOf(options).ok()) << StatusOf(options);
}

TEST_F(TcpConfigTest, LimitsThatMakeNoSenseAreRefused) {
  EXPECT_THAT(Refusal(Options(1, {.message_bytes = kGiB + 1})), HasSubstr("message_bytes"));
  EXPECT_THAT(Refusal(Options(1, {.backoff_min = Duration::zero()})), HasSubstr("timeout"));
  EXPECT_THAT(Refusal(Options(1, {.connect_timeout = Duration(-1)})), HasSubstr("timeout"));
  EXPECT_THAT(Refusal(Options(1, {.backoff_max = Duration(1)})), HasSubstr("backoff_max"));
  EXPECT_THAT(Refusal(Options(1, {.most_strangers = 0})), HasSubstr("most_strangers"));
}

TEST_F(TcpConfigTest, AWorldSaysWhatIsWrongWithItsNetwork) {
  TemporaryFolder folder;
  const auto taken = Make(1);
  const auto refused = PosixWorld::Open({.root = folder.path(), .listen = taken->address()});
  EXPECT_EQ(refused.status().code(), StatusCode::kFailedPrecondition);
  PosixWorld world({.root = folder.path(), .listen = taken->address()});
  EXPECT_EQ(world.status(), refused.status());
  const auto no_root = PosixWorld::Open({.root = "/proc/no/such/place"});
  EXPECT_FALSE(no_root.ok());
}

TEST_F(TcpConfigTest, TwoWorldsTalk) {
  TemporaryFolder folder;
  const auto open = [&](uint64_t self, uint64_t other) {
    return PosixWorld::Open({.root = folder.path() + "/" + std::to_string(self),
                             .self = PeerId(self),
                             .listen = "127.0.0.1:0",
                             .peers = {{PeerId(other), "127.0.0.1:1"}},
                             .cluster = 5});
  };
  const auto one = open(1, 2);
  const auto two = open(2, 1);
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(two.ok()) << two.status();
  Introduce((*one)->network(), (*two)->network());
  (*one)->env().network.Send(PeerId(2), "from world to world");
  EXPECT_EQ((*two)->env().network.Receive(kPatience)->bytes, "from world to world");
}

}  // namespace
}  // namespace wt
