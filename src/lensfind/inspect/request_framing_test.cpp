#include "lensfind/inspect/request_framing.h"

#include <string>

#include <gtest/gtest.h>

namespace lensfind::inspect {
namespace {

constexpr RequestLimits limits{.head = 100, .body = 50};

TEST(RequestFraming, ARequestEndsBehindItsBody) {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", post = "POST / HTTP/1.1\r\ncontent-LENGTH:  3 \r\n\r\n";
  EXPECT_EQ(frame_request(get, limits).size, get.size());
  EXPECT_EQ(frame_request(get + get, limits).size, get.size());
  EXPECT_EQ(frame_request(post + "abcGET", limits).size, post.size() + 3);
}

TEST(RequestFraming, NoPartOfARequestIsTakenForOne) {
  const std::string post = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t length = 0; length < post.size(); ++length) {
    EXPECT_EQ(frame_request(std::string_view{post}.substr(0, length), limits).size, 0u) << length;
    EXPECT_EQ(frame_request(std::string_view{post}.substr(0, length), limits).refusal, 0) << length;
  }
}

TEST(RequestFraming, WhatIsTooLargeIsRefusedBeforeItIsThere) {
  EXPECT_EQ(frame_request("GET /" + std::string(200, 'a'), limits).refusal, 431);
  EXPECT_EQ(frame_request("GET / HTTP/1.1\r\nX: " + std::string(200, 'a') + "\r\n\r\n", limits).refusal, 431);
  EXPECT_EQ(frame_request("POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\n", limits).refusal, 413);
  EXPECT_EQ(frame_request("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", limits).refusal, 413);
}

TEST(RequestFraming, WhatCouldBeReadInTwoWaysIsRefused) {
  for (const std::string headers :
       {"Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n", "Content-Length: -1\r\n",
        "Content-Length: +3\r\n", "Content-Length: 3, 3\r\n", "Content-Length: 0x3\r\n", "Content-Length:\r\n", "Content-Length : 3\r\n",
        " folded: 3\r\n", "A: b\r\n c\r\n", "no colon\r\n", ": no name\r\n", "A: b\n", "A: b\rc\r\n", "A: b\nContent-Length: 3\r\n"})
    EXPECT_EQ(frame_request("POST / HTTP/1.1\r\n" + headers + "\r\nabc", limits).refusal, 400) << headers;
  EXPECT_EQ(frame_request(std::string{"GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24}, limits).refusal, 400) << "a zero byte";
  EXPECT_EQ(frame_request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", limits).refusal, 501);
}

}  // namespace
}  // namespace lensfind::inspect
