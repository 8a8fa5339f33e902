#include "engine/data/fetch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/fetch_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Fetch, BringsAFile) {
  EXPECT_EQ(error([](const HttpRequest&) { return http_ok(kContent); }), "");
  EXPECT_EQ(file(), kContent);
  EXPECT_THAT(names(), ElementsAre("a.gz"));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_EQ(requests_[0].path, "/a.gz");
  EXPECT_EQ(requests_[0].range_start, -1);
}

TEST_F(Fetch, LeavesWholeFilesAlone) {
  const HttpServer server([](const HttpRequest&) { return http_ok(kContent); });
  const auto first = from({server.url() + "/"});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->files, 1);
  EXPECT_EQ(first->bytes, kSize);
  EXPECT_EQ(first->folder, path("set"));
  const auto second = from({server.url()});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->files, 0);
  EXPECT_EQ(server.requests().size(), 1U);
  write_text("set/a.gz", kContent.substr(1) + "x");  // of the right size
  EXPECT_EQ(from({server.url()})->files, 1);
  EXPECT_EQ(file(), kContent);
}

TEST_F(Fetch, BringsSeveralFilesAndReportsAllBytes) {
  write_text("other", "short");
  files_.push_back({"b.gz", 5, md5_of_file(path("other")).value()});
  const HttpServer server([](const HttpRequest& request) {
    return http_ok(request.path == "/a.gz" ? kContent : "short");
  });
  double last = 0;
  const auto fetched = from({server.url()}, [&](double fraction) {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1);
    last = fraction;
    return true;
  });
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->files, 2);
  EXPECT_EQ(fetched->bytes, kSize + 5);
  EXPECT_EQ(last, 1);
  EXPECT_EQ(text_of("set/b.gz"), "short");
}

// Each answer brings a piece: that is no failure, however many there are.
TEST_F(Fetch, VerifiesAPartThatIsWholeWithoutAsking) {
  write_text("set/a.gz.part", kContent);
  EXPECT_EQ(error([](const HttpRequest&) { return HttpAnswer{}; }), "");
  EXPECT_THAT(requests_, IsEmpty());
  EXPECT_EQ(file(), kContent);
}

TEST_F(Fetch, RemovesGarbageOfTheRightSize) {
  const std::string said =
      error([](const HttpRequest&) { return http_ok(std::string(kSize, '?')); });
  EXPECT_THAT(said, AllOf(HasSubstr("/a.gz cannot be used: its MD5 is "), HasSubstr(files_[0].md5),
                          HasSubstr("was removed")));
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(Fetch, RemovesAPartThatTurnsOutToBeGarbage) {
  write_text("set/a.gz.part", std::string(kHalf, '?'));
  const auto good = [](const HttpRequest& request) {
    return request.range_start < 0 ? http_ok(kContent) : http_part(kContent, request.range_start);
  };
  EXPECT_THAT(error(good), HasSubstr("its MD5 is"));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(error(good), "");
  EXPECT_EQ(file(), kContent);
}

TEST_F(Fetch, OpensNothingButTheWeb) {
  const auto fetched = from({"file://" + folder_.string()});
  ASSERT_FALSE(fetched);
  EXPECT_THAT(fetched.error().message, HasSubstr("could not be downloaded"));
  for (const char* url : {"http://host", "https://host/x", "HTTP://host:80/"}) {
    EXPECT_TRUE(is_web_address(url)) << url;
  }
  for (const char* url : {"", "http://", "http:///x", "ftp://host", "file:///etc", "host/x"}) {
    EXPECT_FALSE(is_web_address(url)) << url;
  }
}

TEST_F(Fetch, TriesTheNextMirror) {
  const HttpServer bad([](const HttpRequest&) { return HttpAnswer{http_head("404 No", "")}; });
  const HttpServer wrong([](const HttpRequest&) { return http_ok(std::string(kSize, '?')); });
  const HttpServer good([](const HttpRequest&) { return http_ok(kContent); });
  const auto fetched = from({bad.url(), wrong.url(), good.url()});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(file(), kContent);
  EXPECT_EQ(wrong.requests().size(), 1U);
  fs::remove(path("set/a.gz"));
  const auto failed = from({bad.url(), wrong.url()});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, AllOf(HasSubstr(bad.url()), HasSubstr("404")));
}

TEST_F(Fetch, CanBeCancelledAndResumed) {
  const auto answer = [](const HttpRequest& request) {
    return request.range_start < 0 ? http_ok(kContent) : http_part(kContent, request.range_start);
  };
  {
    const HttpServer server(answer);
    const HttpServer unused(answer);
    const auto stopped =
        from({server.url(), unused.url()}, [](double fraction) { return fraction < 0.3; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
    EXPECT_THAT(unused.requests(), IsEmpty());
    ASSERT_TRUE(part());
    EXPECT_TRUE(kContent.starts_with(*part()));
    EXPECT_GT(part()->size(), 0U);
  }
  EXPECT_EQ(error(answer), "");
  EXPECT_EQ(file(), kContent);
}

TEST_F(Fetch, StaysAwayFromAFileThatAnotherProcessWrites) {
  write_text("set/a.gz.part", kContent.substr(0, kHalf));
  const int other = open(path("set/a.gz.part").c_str(), O_RDWR);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_THAT(error([](const HttpRequest&) { return http_ok(kContent); }),
              HasSubstr("is being written by another zscape"));
  close(other);
  EXPECT_EQ(part(), kContent.substr(0, kHalf));
}

TEST_F(Fetch, NamesAFolderThatCannotBeMade) {
  write_text("set", "a file");
  const auto fetched = from({"http://127.0.0.1:1"});
  ASSERT_FALSE(fetched);
  EXPECT_THAT(fetched.error().message, HasSubstr("set' cannot be made"));
}

TEST_F(Fetch, KnowsThreeSetsByName) {
  setenv("XDG_DATA_HOME", folder_.c_str(), 1);
  const auto unknown = fetch("cifar", std::nullopt, {});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message, HasSubstr("mnist, fashion-mnist, kmnist"));
  const auto odd = fetch("mnist", "ftp://somewhere", {});
  ASSERT_FALSE(odd);
  EXPECT_THAT(odd.error().message, AllOf(HasSubstr("'ftp://somewhere'"), HasSubstr("https://")));
  EXPECT_FALSE(fs::exists(path("zscape")));

  const HttpServer server([](const HttpRequest&) { return HttpAnswer{http_head("404 No", "")}; });
  const auto absent = fetch("kmnist", server.url(), {});
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message, HasSubstr(server.url() + "/train-images-idx3-ubyte.gz"));
}

// The real files, from a server of our own.
TEST_F(Fetch, BringsMnistSoThatItLoads) {
  const char* real = std::getenv("ZSCAPE_MNIST");
  if (real == nullptr) GTEST_SKIP() << "ZSCAPE_MNIST names no folder";
  setenv("XDG_DATA_HOME", folder_.c_str(), 1);
  const HttpServer server([&](const HttpRequest& request) {
    std::ifstream source(real + request.path, std::ios::binary);
    return http_ok(std::string(std::istreambuf_iterator<char>(source), {}));
  });
  EXPECT_THAT(error_of("mnist"), HasSubstr("not here yet"));
  const auto fetched = fetch("mnist", server.url(), {});
  ASSERT_TRUE(fetched) << fetched.error().message;
  EXPECT_EQ(fetched->files, 4);
  EXPECT_EQ(fetched->folder, path("zscape/mnist"));
  const auto data = load("mnist");
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ((*data)->train.count, 60000);
  EXPECT_EQ((*data)->test.label(0), 7);
}

}  // namespace
}  // namespace zscape
