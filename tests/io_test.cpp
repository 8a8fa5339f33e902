#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stb_image.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "engine/io/atomic_file.h"
#include "engine/io/png.h"
#include "engine/io/safetensors.h"
#include "engine/random.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A folder of its own for each test, removed with everything in it.
class Io : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "zscape-io-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  fs::path folder_;
};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

using AtomicFile = Io;

TEST_F(AtomicFile, WritesTheBytesAndNothingElse) {
  ASSERT_TRUE(write_file_atomically(at("a.txt"), bytes_of("hello")));
  EXPECT_EQ(content(at("a.txt")), "hello");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFile, ReplacesAFileAndKeepsItsPermissions) {
  ASSERT_TRUE(write_file_atomically(at("a"), bytes_of("a longer old text")));
  fs::permissions(at("a"), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(write_file_atomically(at("a"), bytes_of("new")));
  EXPECT_EQ(content(at("a")), "new");
  EXPECT_EQ(fs::status(at("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFile, ANewFileFollowsTheUmask) {
  const mode_t before = umask(027);
  const auto written = write_file_atomically(at("a"), bytes_of("x"));
  umask(before);
  ASSERT_TRUE(written);
  EXPECT_EQ(fs::status(at("a")).permissions(), fs::perms(0640));
}

TEST_F(AtomicFile, WritesThroughASymbolicLink) {
  ASSERT_TRUE(write_file_atomically(at("target"), bytes_of("old")));
  fs::create_symlink("target", at("link"));
  ASSERT_TRUE(write_file_atomically(at("link"), bytes_of("new")));
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(content(at("target")), "new");
}

TEST_F(AtomicFile, NamesTheMissingFolder) {
  const auto result = write_file_atomically(at("none/a"), bytes_of("x"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr(at("none/a")));
  EXPECT_THAT(result.error().message, HasSubstr("does not exist"));
  EXPECT_EQ(result.error().message, check_can_write(at("none/a")).error().message);
}

TEST_F(AtomicFile, RefusesAFolder) {
  fs::create_directory(at("folder"));
  const auto result = write_file_atomically(at("folder"), bytes_of("x"));
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("is a folder"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFile, LeavesADeviceAlone) {
  const auto result = write_file_atomically("/dev/null", bytes_of("x"));
  ASSERT_FALSE(result);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

// A limit on the size of files breaks the writing in the middle, for root too.
TEST_F(AtomicFile, AFailureLeavesTheOldFileAndNoTemporary) {
  ASSERT_TRUE(write_file_atomically(at("a"), bytes_of("old")));
  struct rlimit_guard {
    rlimit_guard() {
      getrlimit(RLIMIT_FSIZE, &before);
      handler = signal(SIGXFSZ, SIG_IGN);
      const rlimit tight{16, before.rlim_max};
      setrlimit(RLIMIT_FSIZE, &tight);
    }
    ~rlimit_guard() {
      setrlimit(RLIMIT_FSIZE, &before);
      signal(SIGXFSZ, handler);
    }
    rlimit before{};
    sighandler_t handler;
  };
  const std::string large(1000, 'x');
  Expected<void> result;
  {
    const rlimit_guard guard;
    result = write_file_atomically(at("a"), bytes_of(large));
  }
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("File too large"));
  EXPECT_EQ(content(at("a")), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFile, AskingWhetherItCanWriteLeavesNothing) {
  EXPECT_TRUE(check_can_write(at("a")));
  EXPECT_EQ(files(), 0U);
}

// -------------------------------------------------------------------------------------------------

std::vector<std::byte> raw_file(std::string header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

TensorFile sample_file() {
  const std::vector<float> weight = {1, -2, 3.5F, 0, 1e-30F, 4};
  const std::vector<float> bias = {0.25F, -0.5F};
  TensorFile file;
  file.tensors.push_back(float_tensor("encoder.0.weight", {2, 3}, weight));
  file.tensors.push_back(float_tensor("encoder.0.bias", {2}, bias));
  file.metadata["zscape"] = R"({"format":1,"name":"Zahlen äöü"})";
  return file;
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const auto file = parse_safetensors(safetensors_bytes(sample_file()), "m");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->tensors.size(), 2U);
  const TensorEntry* weight = file->find("encoder.0.weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_THAT(weight->shape, ElementsAre(2, 3));
  EXPECT_THAT(to_floats(*weight), ElementsAre(1, -2, 3.5F, 0, 1e-30F, 4));
  EXPECT_THAT(to_floats(*file->find("encoder.0.bias")), ElementsAre(0.25F, -0.5F));
  EXPECT_EQ(file->metadata, sample_file().metadata);
  EXPECT_EQ(file->find("encoder.1.bias"), nullptr);
}

TEST(Safetensors, AlignsTheDataToEightBytes) {
  for (int length = 0; length < 8; ++length) {
    TensorFile file = sample_file();
    file.metadata["pad"] = std::string(static_cast<std::size_t>(length), 'p');
    const auto bytes = safetensors_bytes(file);
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), 8);
    EXPECT_EQ(header % 8, 0U);
    EXPECT_TRUE(parse_safetensors(bytes, "m"));
  }
}

TEST(Safetensors, TakesEmptyFilesEmptyTensorsAndSingleNumbers) {
  EXPECT_TRUE(parse_safetensors(raw_file("{}", 0), "m"));
  const auto file =
      parse_safetensors(raw_file(R"({"a":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},)"
                                 R"("b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   )",
                                 4),
                        "m");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(to_floats(*file->find("a")).empty());
  EXPECT_THAT(to_floats(*file->find("b")), ElementsAre(0.0F));
}

TEST(Safetensors, ConvertsHalfNumbersExactly) {
  struct Case {
    std::uint16_t bits;
    float value;
  };
  for (const auto [bits, value] :
       {Case{0x0000, 0.0F}, Case{0x3C00, 1.0F}, Case{0xC000, -2.0F}, Case{0x3555, 0.333251953125F},
        Case{0x7BFF, 65504.0F}, Case{0x0001, 0x1p-24F}, Case{0x83FF, -1023 * 0x1p-24F},
        Case{0x0400, 0x1p-14F}, Case{0x7C00, std::numeric_limits<float>::infinity()}}) {
    TensorEntry entry{"h", TensorType::f16, {1}, std::vector<std::byte>(2)};
    std::memcpy(entry.data.data(), &bits, 2);
    EXPECT_EQ(to_floats(entry)[0], value) << std::hex << bits;
  }
  TensorEntry nan{"h", TensorType::f16, {1}, {std::byte{0x01}, std::byte{0x7E}}};
  EXPECT_TRUE(std::isnan(to_floats(nan)[0]));
  TensorEntry minus_zero{"h", TensorType::f16, {1}, {std::byte{0}, std::byte{0x80}}};
  EXPECT_TRUE(std::signbit(to_floats(minus_zero)[0]));
}

TEST(Safetensors, ConvertsBrainAndDoubleNumbers) {
  TensorEntry brain{"b",
                    TensorType::bf16,
                    {2},
                    {std::byte{0x80}, std::byte{0x3F}, std::byte{0x40}, std::byte{0xC0}}};
  EXPECT_THAT(to_floats(brain), ElementsAre(1.0F, -3.0F));
  const double tenth = 0.1;
  TensorEntry wide{"d", TensorType::f64, {1}, std::vector<std::byte>(8)};
  std::memcpy(wide.data.data(), &tenth, 8);
  EXPECT_THAT(to_floats(wide), ElementsAre(0.1F));
}

TEST(Safetensors, RefusesAHeaderOfMoreThan32Megabytes) {
  const std::string blanks(std::size_t{33} << 20, ' ');
  const auto result = parse_safetensors(raw_file("{}" + blanks, 0), "m.safetensors");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("32 MB are the most"));
}

struct Broken {
  std::string why;  // a part of the message
  std::string header;
  std::size_t data = 0;
};

TEST(Safetensors, RefusesEveryBrokenHeader) {
  const auto tensor = [](std::string_view dtype, std::string_view shape, std::string_view offsets) {
    return fmt::format(R"({{"a":{{"dtype":{},"shape":{},"data_offsets":{}}}}})", dtype, shape,
                       offsets);
  };
  const std::string good = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const std::vector<Broken> cases = {
      {"JSON", "not json", 0},
      {"JSON", "[]", 0},
      {"JSON", " {}", 0},
      {"JSON", R"({"a":)", 0},
      {"JSON", "{\"a\xff\":1}", 0},
      {"JSON", "{} {}", 0},
      {"JSON", tensor("\"F32\"", "[[[1]]]", "[0,4]"), 4},
      {"JSON", R"({"a":)" + std::string(100'000, '['), 0},
      {"a twice", R"({"a":)" + good + R"(,"a":)" + good + "}", 4},
      {"dtype twice", R"({"a":{"dtype":"F64","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4},
      {"must give", R"({"a":1})", 0},
      {"must give", R"({"a":{"dtype":"F32","shape":[1]}})", 0},
      {"dtype is not", tensor("32", "[1]", "[0,4]"), 4},
      {"I64", tensor("\"I64\"", "[1]", "[0,8]"), 8},
      {"list of counts", tensor("\"F32\"", "[-1]", "[0,4]"), 4},
      {"list of counts", tensor("\"F32\"", "[1.0]", "[0,4]"), 4},
      {"list of counts", tensor("\"F32\"", "1", "[0,4]"), 4},
      {"list of counts", tensor("\"F32\"", "[18446744073709551615]", "[0,4]"), 4},
      {"two counts", tensor("\"F32\"", "[1]", "[0,4,8]"), 4},
      {"two counts", tensor("\"F32\"", "[1]", "[-4,0]"), 4},
      {"two counts", tensor("\"F32\"", "[1]", "[\"0\",4]"), 4},
      {"end before", tensor("\"F32\"", "[1]", "[4,0]"), 4},
      {"truncated", tensor("\"F32\"", "[2]", "[0,8]"), 4},
      {"do not agree", tensor("\"F32\"", "[2]", "[0,4]"), 4},
      {"do not agree", tensor("\"F32\"", "[4611686018427387904,4]", "[0,0]"), 0},
      {"begins at", tensor("\"F32\"", "[1]", "[4,8]"), 8},
      {"cover 4", tensor("\"F32\"", "[1]", "[0,4]"), 8},
      {"cover 0", "{}", 1},
      {"begins at", R"({"a":)" + good + R"(,"b":)" + good + "}", 4},
      {"begins at",
       R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
       R"("b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
       12},
      {"no map", R"({"__metadata__":"text"})", 0},
      {"not a string", R"({"__metadata__":{"zscape":{}}})", 0},
  };
  for (const Broken& broken : cases) {
    const auto result = parse_safetensors(raw_file(broken.header, broken.data), "m.safetensors");
    ASSERT_FALSE(result) << broken.header.substr(0, 200);
    EXPECT_THAT(result.error().message, HasSubstr(broken.why)) << broken.header.substr(0, 200);
    EXPECT_THAT(result.error().message, testing::StartsWith("m.safetensors"));
  }
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFileOrTheLimit) {
  auto bytes = safetensors_bytes(sample_file());
  for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{bytes.size()},
                                     std::uint64_t{100'000'001}, ~std::uint64_t{0}}) {
    std::memcpy(bytes.data(), &length, 8);
    EXPECT_FALSE(parse_safetensors(bytes, "m")) << length;
  }
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_FALSE(parse_safetensors(std::span(bytes).first(size), "m")) << size;
  }
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto bytes = safetensors_bytes(sample_file());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(parse_safetensors(std::span(bytes).first(size), "m")) << size;
  }
}

TEST(Safetensors, SurvivesRandomDamage) {
  const auto good = safetensors_bytes(sample_file());
  Random random(7, Stream::evaluation, 0);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    auto bytes = good;
    for (std::uint32_t flip = 0, flips = 1 + random.below(8); flip < flips; ++flip) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] ^=
          static_cast<std::byte>(1 + random.below(255));
    }
    if (random.below(4) == 0) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
    const auto file = parse_safetensors(bytes, "m");
    if (!file) {
      ++refused;
      continue;
    }
    for (const TensorEntry& tensor : file->tensors) {
      EXPECT_EQ(to_floats(tensor).size() * size_of(tensor.type), tensor.data.size());
    }
  }
  EXPECT_GT(refused, 1000);  // most of the sample file is its header
}

using SafetensorsFile = Io;

TEST_F(SafetensorsFile, IsToldFromOtherFilesByItsContent) {
  ASSERT_TRUE(write_file_atomically(at("m"), safetensors_bytes(sample_file())));
  ASSERT_TRUE(write_file_atomically(at("text"), bytes_of("a text that is long enough")));
  EXPECT_TRUE(looks_like_safetensors(at("m")));
  EXPECT_FALSE(looks_like_safetensors(at("text")));
  EXPECT_FALSE(looks_like_safetensors(folder_.string()));
  EXPECT_FALSE(looks_like_safetensors(at("none")));
}

TEST_F(SafetensorsFile, ErrorsNameTheFile) {
  ASSERT_TRUE(write_file_atomically(at("text"), bytes_of("a text that is long enough")));
  for (const std::string& path : {at("text"), at("none"), folder_.string()}) {
    const auto file = read_safetensors(path);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().message, HasSubstr(path));
  }
}

// -------------------------------------------------------------------------------------------------

TEST(PictureGrid, IsSquareRowByRowWithoutGaps) {
  // Five 1×2 pictures: three a side.
  const std::vector<float> pictures = {0, 0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F, 0.7F, 0.8F, 1};
  const Picture grid = picture_grid(pictures, ImageShape{1, 2, 1});
  EXPECT_EQ(grid.width, 6);
  EXPECT_EQ(grid.height, 3);
  EXPECT_THAT(grid.pixels, ElementsAre(0, 26, 51, 77, 102, 128,   //
                                       153, 179, 204, 255, 0, 0,  //
                                       0, 0, 0, 0, 0, 0));
}

TEST(PictureGrid, KeepsTheRowsOfEachPictureTogether) {
  const std::vector<float> pictures = {0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1};  // three of 2×2
  const Picture grid = picture_grid(pictures, ImageShape{2, 2, 1});
  EXPECT_THAT(grid.pixels, ElementsAre(0, 255, 0, 255,  //
                                       0, 255, 0, 255,  //
                                       255, 255, 0, 0,  //
                                       255, 255, 0, 0));
}

TEST(PictureGrid, TakesAsManyRowsAsItsColumnsAskFor) {
  const std::vector<float> pictures = {0, 0.2F, 0.4F, 0.6F, 0.8F};
  const Picture grid = picture_grid(pictures, ImageShape{1, 1, 1}, 2);
  EXPECT_EQ(grid.width, 2);
  EXPECT_EQ(grid.height, 3);
  EXPECT_THAT(grid.pixels, ElementsAre(0, 51, 102, 153, 204, 0));
  EXPECT_EQ(picture_grid(pictures, ImageShape{1, 1, 1}, 5).height, 1);
}

TEST(PictureGrid, ClampsValuesThatAreNoBrightness) {
  const std::vector<float> picture = {-1, 2, std::nanf(""), 0.5F};
  EXPECT_THAT(picture_grid(picture, ImageShape{2, 2, 1}).pixels, ElementsAre(0, 255, 0, 128));
}

using Png = Io;

TEST_F(Png, HoldsThePixelsItWasGiven) {
  for (int channels = 1; channels <= 4; ++channels) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(5 * 3 * channels));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 7);
    const auto written = write_png(at("p.png"), 5, 3, channels, pixels);
    ASSERT_TRUE(written) << written.error().message;
    int width = 0, height = 0, found = 0;
    unsigned char* read = stbi_load(at("p.png").c_str(), &width, &height, &found, 0);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(width, 5);
    EXPECT_EQ(height, 3);
    EXPECT_EQ(found, channels);
    EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), read));
    stbi_image_free(read);
  }
}

TEST_F(Png, RefusesAnImpossibleSize) {
  EXPECT_FALSE(write_png(at("p.png"), 0, 3, 1, {}));
  EXPECT_FALSE(write_png(at("p.png"), 3, 3, 5, {}));
  EXPECT_FALSE(write_png(at("p.png"), 1 << 20, 1 << 20, 4, {}));
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace zscape
