#include "lensfind/inspect/listener.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "tests/raw_client.h"

namespace lensfind::inspect {
namespace {

using namespace std::chrono_literals;
using lensfind::testing::RawClient;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Clock = std::chrono::steady_clock;

constexpr std::string_view whole = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";

HttpAnswer ok(const std::string& body) {
  return {"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, false};
}

/// Says which path was asked; /large is answered with 64 MB, /late after half a second.
HttpAnswer answering(std::string_view request) {
  const std::string path{request.substr(request.find(' ') + 1, request.find(" HTTP") - request.find(' ') - 1)};
  if (path == "/large") return ok(std::string(64 << 20, 'x'));
  if (path == "/late") std::this_thread::sleep_for(500ms);
  return ok("[" + path + "]");
}

/// A listener with short limits, at work.
class Listening : public ::testing::Test {
 protected:
  void SetUp() override {
    BytesHttp http;
    port_ = http.listen_at("127.0.0.1", 0);
    ASSERT_GT(port_, 0);
    listener_ = std::make_unique<Listener>(
        http.listening_socket(), answering,
        ListenerOptions{.request = 1000ms, .answer = 1000ms, .idle = 500ms, .connections = 150, .workers = 2, .limits = {}});
    runs_ = std::jthread{[this] { listener_->run([this] { return ends_.load(); }); }};
  }
  void TearDown() override { end(); }
  void end() {
    ends_ = true;
    if (runs_.joinable()) runs_.join();
  }
  std::vector<RawClient> clients(int count) const {
    std::vector<RawClient> made;
    for (int i = 0; i < count; ++i) made.emplace_back(port_);
    return made;
  }
  /// Seconds until a well-behaved client has its answer.
  double seconds_to_answer() const {
    const auto begun = Clock::now();
    RawClient client{port_};
    EXPECT_TRUE(client.send(whole));
    EXPECT_THAT(client.read_until("[/small]", 20s), HasSubstr("[/small]"));
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }
  /// Sends a byte of `bytes` every 50 ms, for ever, behind what stands before; says after how many seconds it is dropped.
  double seconds_of_dripping(std::string_view before) const {
    RawClient client{port_};
    const auto begun = Clock::now();
    EXPECT_TRUE(client.send(before));
    while (client.send("a") && !client.closes_within(50ms) && Clock::now() - begun < 20s) {
    }
    EXPECT_THAT(client.read_until("\r\n\r\n", 1s), StartsWith("HTTP/1.1 408"));
    return std::chrono::duration<double>(Clock::now() - begun).count();
  }

  int port_ = 0;
  std::unique_ptr<Listener> listener_;
  std::atomic<bool> ends_ = false;
  std::jthread runs_;
};

TEST_F(Listening, AnswersSeveralRequestsOfOneClientInOrder) {
  RawClient client{port_};
  ASSERT_TRUE(client.send("GET /late HTTP/1.1\r\n\r\nGET /second HTTP/1.1\r\n\r\nGET /thi"));
  EXPECT_THAT(client.read_until("[/second]", 5s), HasSubstr("[/late]"));
  ASSERT_TRUE(client.send("rd HTTP/1.1\r\n\r\n"));
  const std::string& said = client.read_until("[/third]", 5s);
  EXPECT_LT(said.find("[/late]"), said.find("[/second]"));
  EXPECT_LT(said.find("[/second]"), said.find("[/third]"));
}

TEST_F(Listening, ARequestWhoseHeadersDripEndsAtItsLimit) {
  const double seconds = seconds_of_dripping("GET / HTTP/1.1\r\nX: ");
  EXPECT_GT(seconds, .9);
  EXPECT_LT(seconds, 3);
}

TEST_F(Listening, ARequestWhoseBodyDripsEndsAtItsLimit) {
  const double seconds = seconds_of_dripping("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_GT(seconds, .9);
  EXPECT_LT(seconds, 3);
}

TEST_F(Listening, IdleConnectionsEnd) {
  RawClient silent{port_}, kept{port_};
  ASSERT_TRUE(kept.send(whole));
  EXPECT_TRUE(kept.closes_within(3s));
  EXPECT_THAT(kept.read_until("", 1s), HasSubstr("[/small]"));
  EXPECT_TRUE(silent.closes_within(3s));
}

// 140 that drip and send nothing, for two workers.
TEST_F(Listening, WhileManyDripOthersAreAnsweredAtOnce) {
  const std::vector<RawClient> heads = clients(50), bodies = clients(50), idle = clients(40);
  for (const RawClient& client : heads) ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nX: "));
  for (const RawClient& client : bodies) ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"));
  for (int i = 0; i < 10; ++i) {
    for (const RawClient& client : heads) (void)client.send("a");
    for (const RawClient& client : bodies) (void)client.send("a");
    EXPECT_LT(seconds_to_answer(), 1);
  }
}

TEST_F(Listening, MoreClientsThanConnectionsLockNobodyOut) {
  const std::vector<RawClient> many = clients(400);
  for (const RawClient& client : many) (void)client.send("GET ");
  EXPECT_LT(seconds_to_answer(), 1);
}

TEST_F(Listening, AClientThatTakesNoAnswerIsDropped) {
  std::vector<RawClient> lazy = clients(3);  // more than there are workers
  for (const RawClient& client : lazy) ASSERT_TRUE(client.send("GET /large HTTP/1.1\r\n\r\n"));
  EXPECT_LT(seconds_to_answer(), 2);
  std::this_thread::sleep_for(3s);
  EXPECT_TRUE(lazy.front().closes_within(2s));
  EXPECT_LT(lazy.front().read_until("nothing", 1ms).size(), std::size_t{64 << 20}) << "it got all of it";
}

TEST_F(Listening, RequestsOfAMillionBytesAreRefused) {
  const std::string large(1000000, 'a');
  for (const auto& [request, status] : {std::pair{"GET /" + large + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431"},
                                        {"GET / HTTP/1.1\r\nX: " + large + "\r\n\r\n", "HTTP/1.1 431"},
                                        {"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + large, "HTTP/1.1 413"}}) {
    RawClient client{port_};
    (void)client.send(request);
    EXPECT_THAT(client.read_until("\r\n\r\n", 5s), StartsWith(status));
    EXPECT_TRUE(client.closes_within(5s));
  }
}

TEST_F(Listening, ARequestThatWasBegunIsAnsweredAtTheEnd) {
  RawClient client{port_};
  ASSERT_TRUE(client.send("GET /late HTTP/1.1\r\n\r\n"));
  std::this_thread::sleep_for(200ms);
  end();
  EXPECT_THAT(client.read_until("[/late]", 1s), HasSubstr("[/late]"));
}

TEST(BytesHttpPort, IsNotSharedByTwoServers) {
  BytesHttp first, second;
  const int port = first.listen_at("127.0.0.1", 0);
  ASSERT_GT(port, 0);
  EXPECT_EQ(second.listen_at("127.0.0.1", port), -1);
  ::close(first.listening_socket());
}

}  // namespace
}  // namespace lensfind::inspect
