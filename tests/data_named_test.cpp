#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

#include "engine/data/fetch.h"
#include "engine/data/idx.h"
#include "engine/data/load.h"
#include "engine/data/named_sets.h"
#include "engine/data/names.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// Sets an environment variable, or takes it away, until the end of the test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) const {
    if (value != nullptr) {
      setenv(name_, value, 1);
    } else {
      unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

class NamedSets : public FolderTest {
 protected:
  // A tiny set of ten classes where fetch would have put it.
  void put(const std::string& name, std::int32_t largest = 9) const {
    fs::create_directories(path("zscape/" + name));
    Dataset data;
    data.shape = {2, 2, 1};
    data.class_names.resize(static_cast<std::size_t>(largest) + 1);
    for (Split* split : {&data.train, &data.test}) {
      split->count = 2;
      split->pixels = {1, 2, 3, 4, 5, 6, 7, 8};
      split->labels = {0, largest};
    }
    ASSERT_TRUE(write_idx_dataset(data, path("zscape/" + name), write_plainly));
  }

  Variable data_home_{"XDG_DATA_HOME", folder_.c_str()};
};

TEST_F(NamedSets, AreLoadedFromTheUsersDataFolder) {
  for (const char* name : {"mnist", "fashion-mnist", "kmnist"}) {
    put(name);
    const auto data = load(name);
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ((*data)->name, name);
    EXPECT_EQ((*data)->source, name);
    EXPECT_EQ((*data)->classes(), 10);
    EXPECT_THAT((*data)->train.labels, ElementsAre(0, 9));
  }
  EXPECT_EQ((*load("mnist"))->class_names[7], "7");
  EXPECT_EQ((*load("fashion-mnist"))->class_names[0], "t-shirt/top");
  EXPECT_EQ((*load("fashion-mnist"))->class_names[9], "ankle boot");
  EXPECT_EQ((*load("kmnist"))->class_names[3], "tsu");
}

TEST_F(NamedSets, ThatAreNotHereSayHowToFetchThem) {
  EXPECT_THAT(error_of("mnist"), AllOf(HasSubstr("'mnist' is not here yet"),
                                       HasSubstr("`zscape fetch mnist` downloads it")));
  put("kmnist");
  fs::remove(path("zscape/kmnist/t10k-labels-idx1-ubyte"));
  EXPECT_THAT(error_of("kmnist"), HasSubstr("`zscape fetch kmnist`"));
}

TEST_F(NamedSets, HaveSizesOfTheirOwn) {
  put("mnist");
  EXPECT_EQ(error_of("mnist", ImageSize{2, 2}), "");
  EXPECT_THAT(error_of("mnist", ImageSize{28, 28}), HasSubstr("'mnist' has images of 2x2"));
}

TEST_F(NamedSets, RefuseLabelsThatTheyDoNotHave) {
  put("mnist", 10);
  EXPECT_THAT(error_of("mnist"),
              AllOf(HasSubstr("labels of 11 classes"), HasSubstr("`zscape fetch mnist`")));
}

TEST_F(NamedSets, WinOverAFolderOfTheSameName) {
  put("mnist");
  const fs::path before = fs::current_path();
  fs::create_directories(path("cwd/mnist"));
  fs::current_path(path("cwd"));
  EXPECT_EQ(error_of("mnist"), "");
  EXPECT_THAT(error_of("./mnist"), HasSubstr("holds no data set"));
  fs::current_path(before);
}

TEST_F(NamedSets, LieWhereTheBaseDirectorySpecificationSays) {
  const NamedSet& mnist = *find_named_set("mnist");
  EXPECT_EQ(named_set_folder(mnist)->string(), path("zscape/mnist"));
  const Variable home("HOME", path("home").c_str());
  for (const char* value : {static_cast<const char*>(nullptr), "", "relative/path"}) {
    const Variable data_home("XDG_DATA_HOME", value);
    EXPECT_EQ(named_set_folder(mnist)->string(), path("home/.local/share/zscape/mnist"));
    const Variable no_home("HOME", nullptr);
    const auto nowhere = named_set_folder(mnist);
    ASSERT_FALSE(nowhere);
    EXPECT_THAT(nowhere.error().message, HasSubstr("HOME or XDG_DATA_HOME"));
  }
}

TEST_F(NamedSets, HaveFourVerifiableFilesAndSafeMirrors) {
  EXPECT_EQ(named_sets().size(), 3U);
  EXPECT_EQ(find_named_set("cifar"), nullptr);
  for (const NamedSet& set : named_sets()) {
    EXPECT_EQ(set.files.size(), 4U);
    for (const RemoteFile& file : set.files) {
      EXPECT_THAT(file.name, EndsWith("-ubyte.gz"));
      EXPECT_GT(file.size, 4000);
      EXPECT_EQ(file.md5.size(), 32U);
      EXPECT_EQ(file.md5.find_first_not_of("0123456789abcdef"), std::string::npos);
    }
    ASSERT_FALSE(set.mirrors.empty());
    for (const std::string& mirror : set.mirrors) EXPECT_TRUE(mirror.starts_with("https://"));
  }
}

TEST_F(NamedSets, KnowTheRealMnist) {
  const char* folder = std::getenv("ZSCAPE_MNIST");
  if (folder == nullptr) GTEST_SKIP() << "ZSCAPE_MNIST names no folder";
  for (const RemoteFile& file : find_named_set("mnist")->files) {
    const fs::path real = fs::path(folder) / file.name;
    EXPECT_EQ(static_cast<std::int64_t>(fs::file_size(real)), file.size);
    EXPECT_EQ(md5_of_file(real.string()).value(), file.md5);
  }
}

// -------------------------------------------------------------------------------------------------

using Md5 = FolderTest;

TEST_F(Md5, AgreesWithItsStandard) {  // RFC 1321, A.5
  EXPECT_EQ(md5_of_file(write_text("a", "")).value(), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_of_file(write_text("a", "message digest")).value(),
            "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_of_file(write_text("a", std::string(1'000'000, 'a'))).value(),
            "7707d6ae4e027c70eea2a935c2296f21");
  EXPECT_FALSE(md5_of_file(path("absent")));
  EXPECT_FALSE(md5_of_file(folder_.string()));
}

// -------------------------------------------------------------------------------------------------

Dataset small_data() {
  Dataset data;
  data.shape = {2, 2, 1};
  data.train.count = 1;
  data.train.pixels = {1, 2, 3, 4};
  data.train.labels = {1};
  data.test = data.train;
  return data;
}

TEST(Checksum, DependsOnInputsLabelsAndShapeOnly) {
  const std::uint32_t sum = checksum(small_data());
  Dataset data = small_data();
  data.name = "another";
  data.class_names = {"a", "b"};
  EXPECT_EQ(checksum(data), sum);
  const auto differs = [&](auto change) {
    Dataset changed = small_data();
    change(changed);
    return checksum(changed) != sum;
  };
  EXPECT_TRUE(differs([](Dataset& d) { d.train.pixels.own()[3] = 5; }));
  EXPECT_TRUE(differs([](Dataset& d) { d.test.pixels.own()[0] = 5; }));
  EXPECT_TRUE(differs([](Dataset& d) { d.test.labels[0] = 0; }));
  EXPECT_TRUE(differs([](Dataset& d) { d.train.labels.clear(); }));
  EXPECT_TRUE(differs([](Dataset& d) { d.shape = {1, 4, 1}; }));
  EXPECT_TRUE(differs([](Dataset& d) {
    d.train.values = {1, 2, 3, 4};
    d.train.pixels.own().clear();
  }));
}

// Rows that move from one split to the other change the sum though the bytes in a row are the same.
TEST(Checksum, SeesWhereASplitEnds) {
  Dataset data = small_data();
  data.train.labels.clear();
  data.test.labels.clear();
  data.shape = {1, 1, 1};
  data.train.count = 4;
  data.test.count = 4;
  Dataset moved = data;
  moved.train.count = 5;
  moved.train.pixels.own().push_back(data.test.pixels[0]);
  moved.test.count = 3;
  moved.test.pixels.own().erase(moved.test.pixels.own().begin());
  EXPECT_NE(checksum(moved), checksum(data));
}

TEST(Checksum, IsTheSameInEveryRelease) {
  // Python's zlib.crc32 of the numbers as little-endian words.
  EXPECT_EQ(checksum(small_data()), 0x2a86f276U);
}

// -------------------------------------------------------------------------------------------------

TEST(Utf8, IsToldFromOtherBytes) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain, \xC3\xA4, \xE3\x81\x82, \xF0\x9F\x98\x80"));
  for (const char* text :
       {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xE3\x81", "a\xFF", "\xF0\x8F\xBF\xBF", "\xC3("}) {
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
    EXPECT_TRUE(is_utf8(as_utf8(text)));
  }
  EXPECT_EQ(as_utf8("\xC3\xA4\xC3"
                    "b"),
            "\xC3\xA4\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace zscape
