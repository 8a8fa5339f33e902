#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "engine/data/download.h"
#include "tests/fetch_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Download = Fetch;

TEST_F(Download, GoesOnByItselfWhereAConnectionBreaksOff) {
  EXPECT_EQ(error([](const HttpRequest& request) {
              return request.range_start < 0 ? http_ok(kContent, kHalf)
                                             : http_part(kContent, request.range_start);
            }),
            "");
  EXPECT_EQ(file(), kContent);
  EXPECT_THAT(ranges(), ElementsAre(-1, kHalf));
}

TEST_F(Download, DoesNotTireWhileSomethingComes) {
  EXPECT_EQ(error([](const HttpRequest& request) {
              return request.range_start < 0 ? http_ok(kContent, 30'000)
                                             : http_part(kContent, request.range_start, 30'000);
            }),
            "");
  EXPECT_EQ(file(), kContent);
  EXPECT_EQ(requests_.size(), 10U);
}

TEST_F(Download, KeepsWhatCameForTheNextRun) {
  const std::string said = error([](const HttpRequest& request) {
    return request.range_start < 0 ? http_ok(kContent, kHalf) : HttpAnswer{};
  });
  EXPECT_THAT(said, AllOf(HasSubstr("/a.gz"), HasSubstr("broke off"),
                          HasSubstr("150000 of 300000 bytes are here; run it again to resume")));
  EXPECT_EQ(requests_.size(), 4U);  // one that brought something, three that did not
  EXPECT_EQ(part(), kContent.substr(0, kHalf));
  EXPECT_THAT(names(), ElementsAre("a.gz.part"));

  EXPECT_EQ(
      error([](const HttpRequest& request) { return http_part(kContent, request.range_start); }),
      "");
  EXPECT_EQ(file(), kContent);
  EXPECT_THAT(ranges(), ElementsAre(kHalf));
  EXPECT_THAT(names(), ElementsAre("a.gz"));
}

TEST_F(Download, BeginsAnewWhereAServerIgnoresTheRange) {
  write_text("set/a.gz.part", std::string(kHalf, 'x'));
  EXPECT_EQ(error([](const HttpRequest&) { return http_ok(kContent); }), "");
  EXPECT_THAT(ranges(), ElementsAre(kHalf));
  EXPECT_EQ(file(), kContent);
}

TEST_F(Download, GivesUpOnAServerThatIgnoresTheRangeAndAlwaysBreaksOff) {
  EXPECT_THAT(error([](const HttpRequest&) { return http_ok(kContent, kHalf); }),
              HasSubstr("150000 of 300000 bytes are here"));
  EXPECT_EQ(requests_.size(), 4U);
  EXPECT_EQ(part(), kContent.substr(0, kHalf));
}

TEST_F(Download, BeginsAnewWhereAServerHasNoSuchRange) {
  write_text("set/a.gz.part", std::string(kHalf, 'x'));
  for (const std::string body : {"", "no such range"}) {
    EXPECT_EQ(error([&](const HttpRequest& request) {
                if (request.range_start < 0) return http_ok(kContent);
                return HttpAnswer{http_head("416 Range Not Satisfiable",
                                            "Content-Length: " + std::to_string(body.size()) +
                                                "\r\nContent-Range: bytes */300000\r\n") +
                                  body};
              }),
              "");
    EXPECT_THAT(ranges(), ElementsAre(kHalf, -1));
    EXPECT_EQ(file(), kContent);
    fs::remove(path("set/a.gz"));
    write_text("set/a.gz.part", std::string(kHalf, 'x'));
  }
}

TEST_F(Download, BeginsAnewWhereAServerSendsAnotherPart) {
  write_text("set/a.gz.part", kContent.substr(0, kHalf));
  EXPECT_EQ(error([](const HttpRequest& request) {
              return request.range_start < 0 ? http_ok(kContent) : http_part(kContent, 100);
            }),
            "");
  EXPECT_EQ(file(), kContent);
}

TEST_F(Download, ThrowsAwayAPartThatIsTooLong) {
  write_text("set/a.gz.part", kContent + "x");
  EXPECT_EQ(error([](const HttpRequest&) { return http_ok(kContent); }), "");
  EXPECT_THAT(ranges(), ElementsAre(-1));
  EXPECT_EQ(file(), kContent);
}

TEST_F(Download, RefusesAFileOfAnotherSizeBeforeItComes) {
  const std::string page = "<html>Please log in</html>";
  write_text("set/a.gz.part", kContent.substr(0, kHalf));
  EXPECT_THAT(error([&](const HttpRequest&) { return http_ok(page); }),
              HasSubstr("it has 26 bytes there instead of 300000, so it is another file"));
  EXPECT_THAT(error([&](const HttpRequest&) { return http_ok(""); }),
              HasSubstr("it has 0 bytes there"));
  EXPECT_THAT(error([&](const HttpRequest& request) {
                return http_part(kContent + "more", request.range_start);
              }),
              HasSubstr("it has 300004 bytes there"));
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_EQ(part(), kContent.substr(0, kHalf));  // which another mirror may complete
}

// The length that a server announces is a stranger's number, and is added to what came before.
TEST_F(Download, RefusesTheLargestLength) {
  write_text("set/a.gz.part", kContent.substr(0, kHalf));
  const std::string head = http_head(
      "206 Partial Content", "Content-Length: 9223372036854775807\r\nContent-Range: bytes " +
                                 std::to_string(kHalf) + "-\r\n");
  EXPECT_THAT(error([&](const HttpRequest&) { return HttpAnswer{head + "x"}; }),
              HasSubstr("it has 9223372036854775807 bytes there instead of 300000"));
}

TEST_F(Download, RefusesMoreThanItAskedFor) {
  const std::string said = error([](const HttpRequest&) {
    return HttpAnswer{http_head("200 OK", "") + kContent + "more"};  // without a length
  });
  EXPECT_THAT(said, HasSubstr("more than the 300000 bytes"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Download, TakesAnswersWithoutALength) {
  EXPECT_EQ(
      error([](const HttpRequest&) { return HttpAnswer{http_head("200 OK", "") + kContent}; }), "");
  EXPECT_EQ(file(), kContent);
  fs::remove(path("set/a.gz"));
  EXPECT_EQ(error([](const HttpRequest& request) {
              if (request.range_start >= 0) return http_part(kContent, request.range_start);
              return HttpAnswer{http_head("200 OK", "") + kContent.substr(0, kHalf)};
            }),
            "");
  EXPECT_EQ(file(), kContent);
}

TEST_F(Download, NamesTheAddressAndTheStatusOfARefusal) {
  for (const std::string status : {"404 Not Found", "403 Forbidden", "500 Internal Server Error"}) {
    const std::string said = error([&](const HttpRequest&) {
      return HttpAnswer{http_head(status, "Content-Length: 7\r\n") + "sorry!\n"};
    });
    EXPECT_THAT(said, AllOf(HasSubstr("http://127.0.0.1:"), HasSubstr("/a.gz"),
                            HasSubstr("answers " + status.substr(0, 3))));
    EXPECT_EQ(requests_.size(), 1U);
    EXPECT_THAT(names(), IsEmpty());
  }
}

TEST_F(Download, KeepsAPartThroughARefusal) {
  write_text("set/a.gz.part", kContent.substr(0, kHalf));
  EXPECT_THAT(error([](const HttpRequest&) { return HttpAnswer{http_head("404 Not Found", "")}; }),
              HasSubstr("404"));
  EXPECT_EQ(part(), kContent.substr(0, kHalf));
}

TEST_F(Download, NamesAServerThatIsNotThere) {
  std::string url;
  {
    const HttpServer gone([](const HttpRequest&) { return HttpAnswer{}; });
    url = gone.url();
  }
  const auto fetched = from({url});
  ASSERT_FALSE(fetched);
  EXPECT_THAT(fetched.error().message, AllOf(HasSubstr(url), HasSubstr("onnect")));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Download, DoesNotTakeGarbageForAnAnswer) {
  EXPECT_THAT(error([](const HttpRequest&) { return HttpAnswer{"garbage, not HTTP\r\n\r\n"}; }),
              HasSubstr("could not be downloaded"));
  EXPECT_THAT(error([](const HttpRequest&) { return HttpAnswer{}; }), HasSubstr("broke off"));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Download, ResumesAfterSilence) {
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(error([](const HttpRequest& request) {
              if (request.range_start >= 0) return http_part(kContent, request.range_start);
              HttpAnswer half = http_ok(kContent, kHalf);
              half.hold = true;
              return half;
            }),
            "");
  EXPECT_EQ(file(), kContent);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

TEST_F(Download, GivesUpOnSilence) {
  patience_.tries = 1;
  EXPECT_THAT(error([](const HttpRequest&) {
                return HttpAnswer{"", true};
              }),
              AllOf(HasSubstr("no byte came for 1 s"), HasSubstr("nothing of it is here")));
}

TEST_F(Download, FollowsRedirects) {
  const HttpServer other([](const HttpRequest&) { return http_ok(kContent); });
  EXPECT_EQ(error([&](const HttpRequest&) {
              return HttpAnswer{http_head("302 Found", "Location: " + other.url() +
                                                           "/x\r\nContent-Length: 4\r\n") +
                                "gone"};
            }),
            "");
  EXPECT_EQ(file(), kContent);
  EXPECT_EQ(other.requests()[0].path, "/x");
}

TEST_F(Download, FollowsNoRedirectToAnotherProtocol) {
  for (const std::string& target :
       {"file://" + path("original"), std::string("ftp://127.0.0.1/a")}) {
    const std::string said = error([&](const HttpRequest&) {
      return HttpAnswer{http_head("302 Found", "Location: " + target + "\r\n")};
    });
    EXPECT_THAT(said, HasSubstr("could not be downloaded"));
    EXPECT_THAT(names(), IsEmpty());
  }
  EXPECT_THAT(error([](const HttpRequest&) {
                return HttpAnswer{http_head("302 Found", "Location: /again\r\n")};
              }),
              HasSubstr("redirects"));
}

}  // namespace
}  // namespace zscape
