#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/data/idx.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class CompressedTest : public FolderTest {
 protected:
  std::string write_gzip(const std::string& name, const Bytes& bytes) const {
    const gzFile file = gzopen(path(name).c_str(), "wb");
    EXPECT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
              static_cast<int>(bytes.size()));
    EXPECT_EQ(gzclose(file), Z_OK);
    return path(name);
  }
};

using Idx = CompressedTest;
using Load = CompressedTest;

// [2, 2, 3]
const Bytes kImages = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0,   0,
                       0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 128, 255};
const Bytes kLabels = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};

// Data of any form, each pixel different from its neighbours.
Dataset make_data(ImageShape shape, std::int64_t train, std::int64_t test, int classes) {
  Dataset data;
  data.shape = shape;
  for (int c = 0; c < classes; ++c) data.class_names.push_back(std::to_string(c));
  for (Split* split : {&data.train, &data.test}) {
    split->count = split == &data.train ? train : test;
    for (std::int64_t i = 0; i < split->count * shape.size(); ++i) {
      split->pixels.own().push_back(static_cast<std::uint8_t>(i * 37 + split->count));
    }
    for (std::int64_t i = 0; classes > 0 && i < split->count; ++i) {
      split->labels.push_back(static_cast<std::int32_t>((i + 1) % classes));
    }
  }
  return data;
}

std::string idx_error(const std::string& path) {
  const auto array = read_idx(path);
  return array ? "" : array.error().message;
}

TEST_F(Idx, ReadsPlainFile) {
  const auto array = read_idx(write("a", kImages));
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_THAT(array->dims, ElementsAre(2, 2, 3));
  EXPECT_THAT(array->values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 128, 255));
}

TEST_F(Idx, ReadsGzipWhateverItsName) {
  const auto array = read_idx(write_gzip("plain-looking", kImages));
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_THAT(array->dims, ElementsAre(2, 2, 3));
  EXPECT_EQ(array->values.back(), 255);
  EXPECT_TRUE(read_idx(write("not-compressed.gz", kLabels)));
}

TEST_F(Idx, RejectsEveryTruncatedPlainFile) {
  for (std::size_t size = 0; size < kImages.size(); ++size) {
    const Bytes part(kImages.begin(), kImages.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(idx_error(write("part", part)), HasSubstr("part'")) << size;
  }
}

TEST_F(Idx, RejectsEveryTruncatedGzip) {
  write_gzip("whole", kImages);
  const Bytes whole = read("whole");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(idx_error(write("part", part)), HasSubstr("part'")) << size;
  }
  EXPECT_THAT(idx_error(write("part", Bytes(whole.begin(), whole.end() - 6))),
              HasSubstr("cut short"));
}

TEST_F(Idx, RejectsGzipWithAWrongChecksum) {
  write_gzip("whole", kImages);
  Bytes damaged = read("whole");
  damaged[damaged.size() - 8] ^= 1;
  EXPECT_THAT(idx_error(write("damaged", damaged)), HasSubstr("damaged'"));
}

TEST_F(Idx, RejectsTrailingBytes) {
  Bytes longer = kImages;
  longer.push_back(0);
  EXPECT_THAT(idx_error(write("longer", longer)), HasSubstr("goes on after the 12 values"));
  EXPECT_THAT(idx_error(write_gzip("longer.gz", longer)), HasSubstr("goes on after the 12 values"));
}

TEST_F(Idx, RejectsWhatIsNotIdx) {
  EXPECT_THAT(idx_error(write("text", {'h', 'e', 'l', 'l', 'o'})), HasSubstr("not an IDX file"));
  EXPECT_THAT(idx_error(write("empty", {})), HasSubstr("is empty"));
  EXPECT_THAT(idx_error(path("absent")), AllOf(HasSubstr("absent'"), HasSubstr("No such file")));
  EXPECT_THAT(idx_error(folder_.string()), HasSubstr("cannot be read"));
}

TEST_F(Idx, RejectsOtherTypesAndRanks) {
  EXPECT_THAT(idx_error(write("float", {0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0})),
              AllOf(HasSubstr("float32"), HasSubstr("unsigned bytes")));
  EXPECT_THAT(idx_error(write("odd", {0, 0, 0x0A, 1, 0, 0, 0, 1, 0})),
              AllOf(HasSubstr("0x0A"), HasSubstr("does not have")));
  EXPECT_THAT(idx_error(write("flat", {0, 0, 8, 0})), HasSubstr("0 dimensions"));
  EXPECT_THAT(idx_error(write("deep", {0, 0, 8, 5})), HasSubstr("5 dimensions"));
}

TEST_F(Idx, RejectsHugeClaimsWithoutTakingTheMemory) {
  Bytes huge = {0, 0, 8, 4};
  huge.insert(huge.end(), 16, 0xFF);
  EXPECT_THAT(idx_error(write("huge", huge)), HasSubstr("more values than fit"));
  const Bytes large = {0, 0, 8, 2, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3};
  EXPECT_THAT(idx_error(write("large", large)), HasSubstr("15 bytes cannot hold them"));
}

// A gzip bomb: what it claims it could hold, but not this machine.
TEST_F(Idx, RefusesMoreThanTheMachinesMemory) {
  constexpr std::uint64_t kMegabyte = 1 << 20;
  EXPECT_TRUE(check_idx_claim("a", 900 * kMegabyte, kMegabyte, 1000 * kMegabyte));
  EXPECT_TRUE(check_idx_claim("a", 900 * kMegabyte, kMegabyte, 0));  // unknown
  const auto bomb = check_idx_claim("a", 900 * kMegabyte, kMegabyte, 500 * kMegabyte);
  ASSERT_FALSE(bomb);
  EXPECT_THAT(bomb.error().message,
              HasSubstr("'a' holds 900 MB, which is more than this machine's memory (500 MB)"));
  EXPECT_FALSE(check_idx_claim("a", 1100 * kMegabyte, kMegabyte, 0));
}

TEST_F(Idx, StopsWhenCancelled) {
  const auto array = read_idx(write("a", kImages), [](double) { return false; });
  ASSERT_FALSE(array);
  EXPECT_EQ(array.error().code, ErrorCode::cancelled);
}

TEST_F(Idx, WritesTheBytesOfTheFormat) {
  Split split;
  split.count = 2;
  split.pixels.own().assign(kImages.begin() + 16, kImages.end());
  split.labels = {7, 3};
  EXPECT_EQ(idx_images_bytes(split, {2, 3, 1}), kImages);
  EXPECT_EQ(idx_labels_bytes(split), kLabels);
}

// What a data set was written as, loaded again.
void expect_same(const Dataset& loaded, const Dataset& written) {
  EXPECT_EQ(loaded.shape, written.shape);
  EXPECT_EQ(loaded.class_names, written.class_names);
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    EXPECT_EQ(loaded.split(name).count, written.split(name).count);
    EXPECT_EQ(loaded.split(name).pixels, written.split(name).pixels);
    EXPECT_EQ(loaded.split(name).labels, written.split(name).labels);
  }
}

TEST_F(Load, ReadsBackWhatWasWritten) {
  for (const ImageShape shape : {ImageShape{28, 28, 1}, ImageShape{8, 8, 1}, ImageShape{32, 32, 3},
                                 ImageShape{1, 5, 1}, ImageShape{7, 3, 3}}) {
    for (const int classes : {0, 3}) {
      const std::string name = std::to_string(shape.size()) + "-" + std::to_string(classes);
      fs::create_directory(path(name));
      const Dataset data = make_data(shape, 11, 4, classes);
      ASSERT_TRUE(write_idx_dataset(data, path(name), write_plainly));
      const auto loaded = load(path(name));
      ASSERT_TRUE(loaded) << loaded.error().message;
      expect_same(**loaded, data);
    }
  }
}

TEST_F(Load, NamesTheDataAfterItsFolder) {
  fs::create_directory(path("digits"));
  ASSERT_TRUE(write_idx_dataset(make_data({2, 2, 1}, 3, 1, 2), path("digits"), write_plainly));
  for (const std::string& source : {path("digits"), path("digits/"), path("digits/.")}) {
    const auto data = load(source);
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ((*data)->name, "digits");
    EXPECT_EQ((*data)->source, fs::canonical(path("digits")).string());
  }
}

TEST_F(Load, ReadsCompressedFilesAndSingleChannelsOfFourDimensions) {
  const Bytes images = {0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 8, 9};
  write_gzip("train-images-idx3-ubyte.gz", images);
  write_gzip("t10k-images-idx3-ubyte.gz", images);
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ((*data)->shape, (ImageShape{1, 2, 1}));
  EXPECT_EQ((*data)->classes(), 0);
  EXPECT_EQ((*data)->train.label(0), -1);
}

TEST_F(Load, CountsClassesOverBothSplits) {
  Dataset data = make_data({2, 2, 1}, 3, 2, 2);
  data.test.labels = {0, 6};
  ASSERT_TRUE(write_idx_dataset(data, folder_.string(), write_plainly));
  EXPECT_EQ((*load(folder_.string()))->classes(), 7);
}

TEST_F(Load, NamesTheFileThatIsMissing) {
  EXPECT_THAT(error_of(folder_.string()),
              AllOf(HasSubstr("holds no data set"), HasSubstr("train-images-idx3-ubyte"),
                    HasSubstr("t10k-labels-idx1-ubyte")));
  ASSERT_TRUE(write_idx_dataset(make_data({2, 2, 1}, 3, 2, 2), folder_.string(), write_plainly));
  fs::remove(path("t10k-labels-idx1-ubyte"));
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("lacks t10k-labels-idx1-ubyte"));
  fs::remove(path("t10k-images-idx3-ubyte"));
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("lacks t10k-images-idx3-ubyte"));
}

TEST_F(Load, RejectsFilesThatDoNotFitTogether) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 3, 1}, 2, 2, 2), folder_.string(), write_plainly));
  write("train-labels-idx1-ubyte", {0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 1});
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("3 labels for the 2 inputs"));
  write("train-labels-idx1-ubyte", kImages);
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("labels are [count], [count, 1] or one-hot"));
  write("train-labels-idx1-ubyte", kLabels);
  EXPECT_EQ(error_of(folder_.string()), "");
  write("t10k-images-idx3-ubyte", idx_images_bytes(make_data({3, 2, 1}, 2, 0, 0).train, {3, 2, 1}));
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("both must hold inputs of one form"));
}

TEST_F(Load, RejectsImagesOfNoUsableForm) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 3, 1}, 2, 2, 0), folder_.string(), write_plainly));
  const auto error_with = [&](const Bytes& bytes) {
    write("train-images-idx3-ubyte", bytes);
    return error_of(folder_.string());
  };
  EXPECT_THAT(error_with(kLabels), HasSubstr("[count, height, width]"));
  EXPECT_THAT(error_with({0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4}),
              HasSubstr("[1, 2, 1, 2]"));
  EXPECT_THAT(error_with({0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3}),
              HasSubstr("holds no numbers"));
}

TEST_F(Load, SaysWhatWouldBeRight) {
  EXPECT_THAT(error_of(path("absent")),
              AllOf(HasSubstr("absent' does not exist"), HasSubstr("give synthetic, mnist"),
                    HasSubstr("an .npy file, "), HasSubstr(" or a zip or tar archive")));
  EXPECT_THAT(error_of(write_text("file", "of no format")),
              AllOf(HasSubstr("file' is a file of no format that zscape reads"),
                    HasSubstr("a folder of IDX files")));
  EXPECT_THAT(error_of(""), HasSubstr("does not exist"));
}

TEST_F(Load, RefusesAnotherImageSizeThanTheDataHave) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 3, 1}, 2, 2, 0), folder_.string(), write_plainly));
  EXPECT_EQ(error_of(folder_.string(), ImageSize{2, 3}), "");
  EXPECT_THAT(error_of(folder_.string(), ImageSize{3, 2}), HasSubstr("images of 2x3, not of 3x2"));
  EXPECT_THAT(error_of("synthetic", ImageSize{14, 14}), HasSubstr("images of 28x28, not of 14x14"));
  EXPECT_THAT(error_of(folder_.string(), ImageSize{0, 3}), HasSubstr("0x3 is not possible"));
  EXPECT_THAT(error_of(folder_.string(), ImageSize{1 << 20, 1 << 20}),
              HasSubstr("is not possible"));
}

TEST_F(Load, NamesTheClassesOfIdxFilesByATextFile) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 2, 1}, 3, 2, 2), folder_.string(), write_plainly));
  write_text("labels.txt", "cat\ndog\n");
  EXPECT_THAT((*load(folder_.string()))->class_names, ElementsAre("cat", "dog"));
}

// Any bytes in the header and in the labels: never a crash, one line where it is refused.
TEST_F(Load, SurvivesDamageInTheHeadersOfIdxFiles) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 2, 1}, 3, 2, 2), folder_.string(), write_plainly));
  int refused = 0;
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    const Bytes good = read(name);
    for (std::size_t at = 0; at < std::min<std::size_t>(good.size(), 16); ++at) {
      for (const int value : {0, 1, 2, 3, 4, 8, 127, 255}) {
        Bytes bad = good;
        bad[at] = static_cast<std::uint8_t>(value);
        write(name, bad);
        refused += error_of(folder_.string()).empty() ? 0 : 1;
      }
    }
    write(name, good);
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Load, RefusesToWriteFloatsAsBytes) {
  Dataset data = make_data({1, 2, 1}, 1, 1, 0);
  data.train.pixels.own().clear();
  data.train.values = {0.5F, 3};
  const auto done = write_idx_dataset(data, folder_.string(), write_plainly);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("holds floats"));
}

TEST_F(Load, PassesOnTheWritersError) {
  const auto done = write_idx_dataset(make_data({2, 2, 1}, 1, 1, 0), path("absent"), write_plainly);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("train-images-idx3-ubyte"));
}

TEST_F(Load, RefusesToWriteLabelsThatDoNotFitInAByte) {
  const auto done =
      write_idx_dataset(make_data({1, 1, 1}, 1, 1, 257), folder_.string(), write_plainly);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("257 classes"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Load, CanBeCancelled) {
  ASSERT_TRUE(write_idx_dataset(make_data({2, 2, 1}, 3, 2, 2), folder_.string(), write_plainly));
  for (const std::string& source : {folder_.string(), std::string("synthetic")}) {
    const auto data = load_dataset({source, {}}, [](double) { return false; });
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::cancelled);
  }
}

TEST_F(Load, GivesTheSyntheticDigitsByName) {
  const auto data = load("synthetic");
  ASSERT_TRUE(data);
  EXPECT_EQ((*data)->name, "synthetic");
  EXPECT_EQ((*data)->train.count, 60000);
  EXPECT_EQ((*data)->test.count, 10000);
}

TEST_F(Load, ReadsTheRealMnist) {
  const char* source = std::getenv("ZSCAPE_MNIST");
  if (source == nullptr) GTEST_SKIP() << "ZSCAPE_MNIST names no folder";
  double last = 0;
  const auto loaded = load_dataset({source, {}}, [&last](double fraction) {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1);
    last = fraction;
    return true;
  });
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Dataset& data = **loaded;
  EXPECT_EQ(data.shape, (ImageShape{28, 28, 1}));
  EXPECT_EQ(data.classes(), 10);
  EXPECT_EQ(data.train.count, 60000);
  EXPECT_EQ(data.test.count, 10000);
  EXPECT_EQ(data.train.label(0), 5);
  EXPECT_EQ(data.test.label(0), 7);
  EXPECT_EQ(crc32_z(0, data.train.pixels.data(), data.train.pixels.size()), 0xf3639b56U);
  EXPECT_EQ(crc32_z(0, data.test.pixels.data(), data.test.pixels.size()), 0xe4ca5f57U);
}

}  // namespace
}  // namespace zscape
