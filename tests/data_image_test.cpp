#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stb_image_write.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/data/exif.h"
#include "engine/data/picture_file.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A picture to write: row by row, the channels of a pixel side by side.
struct Pixels {
  int width = 0;
  int height = 0;
  int channels = 1;
  Bytes values;
};

Pixels flat(int width, int height, const Bytes& pixel) {
  Pixels picture{width, height, static_cast<int>(pixel.size()), {}};
  for (int i = 0; i < width * height; ++i) {
    for (const std::uint8_t value : pixel) picture.values.push_back(value);
  }
  return picture;
}

void append(void* context, void* data, int size) {
  auto* bytes = static_cast<Bytes*>(context);
  const auto* first = static_cast<const std::uint8_t*>(data);
  bytes->insert(bytes->end(), first, first + size);
}

// The picture in the format that a file's ending names.
Bytes encoded(const std::string& ending, const Pixels& p) {
  Bytes bytes;
  if (ending == "png") {
    stbi_write_png_to_func(append, &bytes, p.width, p.height, p.channels, p.values.data(), 0);
  } else if (ending == "jpg") {
    stbi_write_jpg_to_func(append, &bytes, p.width, p.height, p.channels, p.values.data(), 100);
  } else if (ending == "bmp") {
    stbi_write_bmp_to_func(append, &bytes, p.width, p.height, p.channels, p.values.data());
  } else {
    stbi_write_tga_to_func(append, &bytes, p.width, p.height, p.channels, p.values.data());
  }
  return bytes;
}

class Pictures : public FolderTest {
 protected:
  std::string here() const { return folder_.string(); }

  std::string put(const std::string& name, const Pixels& picture) const {
    return write(name, encoded(name.substr(name.rfind('.') + 1), picture));
  }

  std::shared_ptr<const Dataset> loaded(std::optional<ImageSize> size = {}) const {
    auto data = load(here(), size);
    if (data) return *data;
    ADD_FAILURE() << data.error().message;
    return std::make_shared<Dataset>();
  }

  // What a file holds, brought to this shape.
  static Bytes decoded(const std::string& file, const ImageShape& shape,
                       const PictureRules& rules = {}) {
    Bytes pixels(static_cast<std::size_t>(shape.size()));
    const auto info = read_picture_info(file);
    EXPECT_TRUE(info) << info.error().message;
    if (!info) return pixels;
    const auto done = read_picture(file, *info, shape, rules, pixels);
    EXPECT_TRUE(done) << done.error().message;
    return pixels;
  }

  // Two classes of two pictures, all of one size; their pixels tell them apart.
  void put_classes(const std::string& below = "") const {
    put(below + "cat/1.png", flat(4, 3, {10}));
    put(below + "cat/2.png", flat(4, 3, {11}));
    put(below + "dog/1.png", flat(4, 3, {20}));
    put(below + "dog/2.png", flat(4, 3, {21}));
  }
};

TEST_F(Pictures, OfEveryFormatAndNumberOfChannelsAreRead) {
  const Bytes values = {255, 10, 90, 170, 0, 60};
  for (const std::string ending : {"png", "bmp", "tga", "jpg"}) {
    const int tolerance = ending == "jpg" ? 3 : 0;
    for (const int channels : {1, 3}) {
      const Pixels picture = flat(8, 6, Bytes(values.begin(), values.begin() + channels));
      const std::string file = put("p." + ending, picture);
      const Bytes read = decoded(file, {6, 8, 3});
      for (std::size_t i = 0; i < read.size(); ++i) {
        EXPECT_NEAR(read[i], values[channels == 1 ? 0 : i % 3], tolerance) << ending << channels;
      }
      const auto info = read_picture_info(file);
      ASSERT_TRUE(info) << info.error().message;
      EXPECT_EQ(info->width, 8);
      EXPECT_EQ(info->height, 6);
      // BMP has no grey pictures, and stb_image_write writes JPEG in colour.
      EXPECT_EQ(info->grey, channels == 1 && (ending == "png" || ending == "tga")) << ending;
    }
  }
}

// Written by Pillow: 8×8 grey of 200 as JPEG; two pixels of a palette, of 16 bits as PNG.
const Bytes kGreyJpeg = {
    255, 216, 255, 224, 0,   16,  74,  70,  73, 70,  0,   1,  1,  0,  0,  1,  0,  1,  0,   0,
    255, 219, 0,   67,  0,   3,   2,   2,   3,  2,   2,   3,  3,  3,  3,  4,  3,  3,  4,   5,
    8,   5,   5,   4,   4,   5,   10,  7,   7,  6,   8,   12, 10, 12, 12, 11, 10, 11, 11,  13,
    14,  18,  16,  13,  14,  17,  14,  11,  11, 16,  22,  16, 17, 19, 20, 21, 21, 21, 12,  15,
    23,  24,  22,  20,  24,  18,  20,  21,  20, 255, 192, 0,  11, 8,  0,  8,  0,  8,  1,   1,
    17,  0,   255, 196, 0,   20,  0,   1,   0,  0,   0,   0,  0,  0,  0,  0,  0,  0,  0,   0,
    0,   0,   0,   8,   255, 196, 0,   20,  16, 1,   0,   0,  0,  0,  0,  0,  0,  0,  0,   0,
    0,   0,   0,   0,   0,   0,   255, 218, 0,  8,   1,   1,  0,  0,  63, 0,  96, 63, 255, 217};
const Bytes kPalettePng = {137, 80,  78,  71,  13,  10,  26,  10, 0,   0,   0,   13,  73,  72, 68,
                           82,  0,   0,   0,   2,   0,   0,   0,  1,   1,   3,   0,   0,   0,  206,
                           236, 237, 201, 0,   0,   0,   6,   80, 76,  84,  69,  10,  20,  30, 200,
                           100, 50,  119, 160, 179, 156, 0,   0,  0,   10,  73,  68,  65,  84, 120,
                           156, 99,  104, 0,   0,   0,   130, 0,  129, 119, 205, 114, 182, 0,  0,
                           0,   0,   73,  69,  78,  68,  174, 66, 96,  130};
const Bytes kDeepPng = {137, 80,  78,  71,  13,  10,  26, 10, 0,  0,   0,   13, 73,  72,
                        68,  82,  0,   0,   0,   2,   0,  0,  0,  1,   16,  0,  0,   0,
                        0,   129, 217, 252, 21,  0,   0,  0,  13, 73,  68,  65, 84,  120,
                        156, 99,  16,  50,  249, 207, 0,  0,  2,  231, 1,   70, 127, 251,
                        140, 66,  0,   0,   0,   0,   73, 69, 78, 68,  174, 66, 96,  130};

TEST_F(Pictures, OfOtherMakersAreRead) {
  const std::string grey = write("grey.JPEG", kGreyJpeg);
  EXPECT_TRUE(read_picture_info(grey)->grey);
  EXPECT_THAT(decoded(grey, {8, 8, 1}), Each(200));
  const std::string palette = write("palette.png", kPalettePng);
  EXPECT_FALSE(read_picture_info(palette)->grey);
  EXPECT_THAT(decoded(palette, {1, 2, 3}), ElementsAre(200, 100, 50, 10, 20, 30));
  EXPECT_THAT(decoded(write("deep.png", kDeepPng), {1, 2, 1}), ElementsAre(0x12, 0xFF));
  EXPECT_TRUE(read_picture_info(path("deep.png"))->deep);
  EXPECT_FALSE(read_picture_info(palette)->deep);
  const std::string ppm = write_text("p.ppm", "P6 2 1 255\n\x01\x02\x03\x04\x05\x06");
  EXPECT_THAT(decoded(ppm, {1, 2, 3}), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_FALSE(read_picture_info(ppm)->grey);
  const std::string pgm = write_text("p.pgm", "P5 2 1 255\n\x01\x02");
  EXPECT_THAT(decoded(pgm, {1, 2, 1}), ElementsAre(1, 2));
  EXPECT_TRUE(read_picture_info(pgm)->grey);
}

// By NetPBM's own rules, which stb_image bends: the largest value is white.
TEST_F(Pictures, OfNetpbmAreReadWhateverTheirKind) {
  const std::string zero("\0", 1);
  const auto read = [&](const std::string& text, int channels = 1) {
    return decoded(write_text("p.pnm", text), {2, 2, channels});
  };
  EXPECT_THAT(read("P1\n# words\n2 2\n10 0 1"), ElementsAre(0, 255, 255, 0));
  EXPECT_THAT(read("P1 2 2 1001"), ElementsAre(0, 255, 255, 0));
  EXPECT_THAT(read("P2 2 2 15 0 5\n10 15"), ElementsAre(0, 85, 170, 255));
  EXPECT_THAT(read("P3 2 2 1 1 0 0 0 1 0 0 0 1 1 1 1", 3),
              ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255));
  EXPECT_THAT(read("P4 2 2\n\x80\x40"), ElementsAre(0, 255, 255, 0));
  EXPECT_THAT(read("P5 2 2 3\n" + zero + "\x01\x02\x03"), ElementsAre(0, 85, 170, 255));
  EXPECT_THAT(read("P5 2 2 4095\n" + zero + zero + "\x0F\xFF\x05\x55" + "\x0A\xAA"),
              ElementsAre(0, 255, 85, 170));
  EXPECT_TRUE(read_picture_info(path("p.pnm"))->deep);
  for (const std::string broken :
       {"P2 2 2 15 0 5 10", "P2 2 2 15 0 5 10 16", "P5 2 2 255\n\x01\x02\x03", "P5 2 2",
        "P5 0 2 255\n", "P5 99999 2 255\n", "P5 65535 65535 255\n1", "P2 2 2 15 0 a 1 1",
        "P4 9 1\n\x01", "P5x2 2 255 1234", "8BPS pictures of another program"}) {
    const std::string file = write_text("p.pnm", broken);
    Bytes pixels(4);
    const auto info = read_picture_info(file);
    const bool is_read = info && read_picture(file, *info, {2, 2, 1}, {}, pixels);
    EXPECT_FALSE(is_read) << broken;
  }
}

// EXIF says how the file's pixels become upright. The file's picture is 3 wide and 2 high:
// 0 1 2 / 3 4 5.
TEST_F(Pictures, AreTurnedUprightAsTheirExifSays) {
  const Bytes seen[] = {{0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0},
                        {3, 4, 5, 0, 1, 2}, {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2},
                        {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
  const Bytes png = encoded("png", {3, 2, 1, {0, 1, 2, 3, 4, 5}});
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    // A chunk eXIf after the header chunk; stb_image does not look at checksums.
    const Bytes exif = {0, 0,           0, 26, 'e', 'X', 'I', 'f', 'M', 'M', 0, 42, 0,
                        0, 0,           8, 0,  1,   1,   18,  0,   3,   0,   0, 0,  1,
                        0, orientation, 0, 0,  0,   0,   0,   0,   0,   0,   0, 0};
    Bytes file = png;
    file.insert(file.begin() + 33, exif.begin(), exif.end());
    const std::string name = write("p.png", file);
    const bool turned = orientation >= 5;
    const auto info = read_picture_info(name);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->orientation, orientation);
    EXPECT_EQ(info->width, turned ? 2 : 3);
    EXPECT_EQ(info->height, turned ? 3 : 2);
    EXPECT_EQ(decoded(name, {info->height, info->width, 1}), seen[orientation - 1])
        << int{orientation};
  }
}

TEST(Exif, OfDamagedMetadataIsUpright) {
  const std::string whole("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", 22);
  EXPECT_EQ(exif_orientation(whole), 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(exif_orientation(whole.substr(0, size)), 1) << size;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char value : {'\x00', '\x7F', '\xFF'}) {
      std::string damaged = whole;
      damaged[at] = value;
      const int orientation = exif_orientation(damaged);
      EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    }
  }
}

TEST_F(Pictures, KeepTheirPixelsInPlace) {
  Pixels picture{3, 2, 3, {}};
  for (int i = 0; i < 18; ++i) picture.values.push_back(static_cast<std::uint8_t>(i * 13));
  for (const std::string ending : {"png", "bmp", "tga"}) {
    EXPECT_EQ(decoded(put("p." + ending, picture), {2, 3, 3}), picture.values) << ending;
  }
}

TEST_F(Pictures, WithAlphaAreLaidOverTheGround) {
  const std::string grey = put("grey.png", {2, 1, 2, {200, 128, 200, 0}});
  EXPECT_THAT(decoded(grey, {1, 2, 1}), ElementsAre(100, 0));  // 200 · 128 / 255
  EXPECT_THAT(decoded(grey, {1, 2, 3}), ElementsAre(100, 100, 100, 0, 0, 0));
  EXPECT_TRUE(read_picture_info(grey)->grey);
  for (const std::string ending : {"png", "tga"}) {
    const std::string colour = put("rgba." + ending, {1, 2, 4, {255, 100, 0, 51, 9, 8, 7, 255}});
    EXPECT_THAT(decoded(colour, {2, 1, 3}), ElementsAre(51, 20, 0, 9, 8, 7)) << ending;
    EXPECT_THAT(decoded(colour, {2, 1, 3}, {Fit::crop, Ground::white}),
                ElementsAre(255, 224, 204, 9, 8, 7))
        << ending;
  }
  EXPECT_THAT(decoded(grey, {1, 2, 1}, {Fit::crop, Ground::white}), ElementsAre(227, 255));
}

TEST_F(Pictures, OfSubfoldersGetTheFoldersNamesAsClasses) {
  put_classes();
  write_text("README.txt", "not a picture");
  write_text("cat/notes.md", "not a picture");
  write_text(".DS_Store", "hidden");
  write_text("dog/.hidden.png", "hidden");
  write_text(".git/x.png", "hidden");
  fs::create_directory(path("empty"));
  const auto data = loaded();
  EXPECT_EQ(data->shape, (ImageShape{3, 4, 1}));
  EXPECT_THAT(data->class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(data->train.count, 3);
  EXPECT_EQ(data->test.count, 1);
  EXPECT_EQ(data->name, folder_.filename().string());
  EXPECT_EQ(data->source, fs::canonical(folder_).string());
  EXPECT_EQ(data->scaling, nullptr);
  std::set<int> seen;
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    for (std::int64_t i = 0; i < data->split(name).count; ++i) {
      const auto pixels = data->image(name, i);
      EXPECT_THAT(std::vector(pixels.begin(), pixels.end()), Each(pixels[0]));
      EXPECT_EQ(pixels[0] / 10 - 1, data->split(name).label(i));
      seen.insert(pixels[0]);
    }
  }
  EXPECT_THAT(seen, ElementsAre(10, 11, 20, 21));
}

TEST_F(Pictures, OfTrainAndTestFoldersKeepTheirOrder) {
  put_classes("train/");
  put("test/dog/a.png", flat(4, 3, {22}));
  put("test/cat/a.png", flat(4, 3, {12}));
  put("other/a.png", flat(9, 9, {99}));
  const auto data = loaded();
  EXPECT_THAT(data->train.labels, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(data->test.labels, ElementsAre(0, 1));
  EXPECT_THAT(data->class_names, ElementsAre("cat", "dog"));
  EXPECT_EQ(data->image(SplitName::train, 2)[0], 20);
  EXPECT_EQ(data->image(SplitName::test, 0)[0], 12);
  EXPECT_EQ(data->image(SplitName::test, 1)[0], 22);
}

TEST_F(Pictures, OfTrainAndTestNeedTheSameClasses) {
  put_classes("train/");
  put("test/cat/a.png", flat(4, 3, {12}));
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("has pictures in train/dog"), HasSubstr("none in test/dog")));
  put("test/dog/a.png", flat(4, 3, {22}));
  put("test/emu/a.png", flat(4, 3, {32}));
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("has pictures in test/emu"), HasSubstr("none in train/emu")));
  fs::remove_all(path("test"));
  fs::create_directory(path("test"));
  EXPECT_THAT(error_of(here()), HasSubstr("no pictures in its sub-folder test"));
}

TEST_F(Pictures, DirectlyInTheFolderHaveNoLabels) {
  put("b.png", flat(4, 3, {1}));
  put("a.tga", flat(4, 3, {2}));
  put("c.TGA", flat(4, 3, {3}));
  const auto data = loaded();
  EXPECT_EQ(data->train.count + data->test.count, 3);
  EXPECT_THAT(data->train.labels, IsEmpty());
  EXPECT_EQ(data->classes(), 0);
  put("test/1.png", flat(4, 3, {5}));
  put("train/1.png", flat(4, 3, {4}));
  const auto two = loaded();
  EXPECT_THAT(two->train.pixels, AllOf(testing::SizeIs(12), Each(4)));
  EXPECT_THAT(two->test.pixels, AllOf(testing::SizeIs(12), Each(5)));
  EXPECT_EQ(two->classes(), 0);
}

TEST_F(Pictures, MustNotLieBothDirectlyAndInSubfolders) {
  put_classes();
  put("stray.png", flat(4, 3, {1}));
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("both directly ('stray.png')"), HasSubstr("'cat'")));
}

TEST_F(Pictures, AreRenamedByATextFile) {
  put_classes();
  write_text("labels.txt", "Katze\nHund\n");
  EXPECT_THAT(loaded()->class_names, ElementsAre("Katze", "Hund"));
  write_text("labels.txt", "Katze\n");
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("labels.txt' names 1 classes"), HasSubstr("the data have 2")));
}

TEST_F(Pictures, OfOneSmallSizeKeepIt) {
  put("1.png", flat(64, 5, {1}));
  put("2.png", flat(64, 5, {1}));
  EXPECT_EQ(loaded()->shape, (ImageShape{5, 64, 1}));
  EXPECT_THAT(loaded()->assumed, IsEmpty());
  put("2.png", flat(9, 30, {1}));  // a square: the shorter sides are 5 and 9
  EXPECT_EQ(loaded()->shape, (ImageShape{9, 9, 1}));
  EXPECT_EQ(loaded(ImageSize{7, 9})->shape, (ImageShape{7, 9, 1}));
  DataRequest request{.source = here(), .usual_size = ImageSize{12, 10}};
  EXPECT_EQ((*load_dataset(request))->shape, (ImageShape{12, 10, 1}));
}

TEST_F(Pictures, OfLargeSizesKeepTheirProportions) {
  put("1.png", flat(640, 480, {77}));
  put("2.png", flat(640, 480, {77}));
  const auto data = loaded();
  EXPECT_EQ(data->shape, (ImageShape{48, 64, 1}));
  EXPECT_THAT(data->train.pixels, Each(77));
  EXPECT_EQ(data->pictures, (PictureRules{Fit::crop, Ground::black}));
  EXPECT_THAT(data->assumed, ElementsAre(HasSubstr("from 480×640 to 48×64: 2; --image-size")));
  put("2.png", flat(320, 240, {77}));
  EXPECT_EQ(loaded()->shape, (ImageShape{48, 64, 1}));
  put("2.png", flat(480, 640, {77}));
  EXPECT_EQ(loaded()->shape, (ImageShape{64, 64, 1}));
  EXPECT_THAT(loaded()->assumed, ElementsAre(AllOf(HasSubstr("from 2 sizes to 64×64: 2"),
                                                   HasSubstr("up to 25 % cut off"))));
}

// What zscape did before there was a choice, so that its runs can be resumed.
TEST_F(Pictures, StretchedWithoutASizeAreBroughtToTheFormerOne) {
  put("1.png", flat(65, 40, {77}));
  put("2.png", flat(65, 40, {77}));
  DataRequest request{.source = here(), .fit = Fit::stretch};
  EXPECT_EQ((*load_dataset(request))->shape, (ImageShape{28, 28, 1}));
  put("1.png", flat(64, 40, {77}));
  put("2.png", flat(64, 40, {77}));
  EXPECT_EQ((*load_dataset(request))->shape, (ImageShape{40, 64, 1}));
}

// Columns 0, 10, 20, … of a picture three times as wide as high.
TEST_F(Pictures, ComeToTheSizeAsTheFitSays) {
  Pixels picture{9, 3, 1, {}};
  for (int i = 0; i < 27; ++i) picture.values.push_back(static_cast<std::uint8_t>(i % 9 * 10));
  const std::string file = put("p.png", picture);
  EXPECT_THAT(decoded(file, {3, 3, 1}, {Fit::crop}),
              ElementsAre(30, 40, 50, 30, 40, 50, 30, 40, 50));
  const Bytes padded = decoded(file, {9, 9, 1}, {Fit::pad, Ground::white});
  for (std::size_t i = 0; i < 81; ++i) {
    EXPECT_EQ(padded[i], i / 9 >= 3 && i / 9 < 6 ? i % 9 * 10 : 255U) << i;
  }
  EXPECT_EQ(decoded(file, {9, 9, 1}, {Fit::pad})[0], 0);
  const Bytes stretched = decoded(file, {3, 3, 1}, {Fit::stretch});
  EXPECT_NEAR(stretched[0], 10, 3);
  EXPECT_NEAR(stretched[2], 70, 3);
  // Higher than wide: rows are cut off.
  const std::string high = put("h.png", {3, 9, 1, [] {
                                           Bytes rows;
                                           for (int i = 0; i < 27; ++i)
                                             rows.push_back(static_cast<std::uint8_t>(i / 3 * 10));
                                           return rows;
                                         }()});
  EXPECT_THAT(decoded(high, {3, 3, 1}, {Fit::crop}),
              ElementsAre(30, 30, 30, 40, 40, 40, 50, 50, 50));
}

TEST_F(Pictures, AreInColourWhereOneIs) {
  put("1.png", flat(2, 2, {50}));
  put("2.png", flat(2, 2, {50, 60}));
  EXPECT_EQ(loaded()->shape.channels, 1);
  put("3.png", flat(2, 2, {50, 50, 50}));
  EXPECT_EQ(loaded()->shape.channels, 3);
}

// Halves of an edge, and the mean of the whole: resizing neither shifts nor brightens.
TEST_F(Pictures, AreResizedInPlace) {
  Pixels picture = flat(64, 64, {0});
  for (std::size_t i = 0; i < picture.values.size(); ++i) {
    if (i % 64 >= 32) picture.values[i] = 240;
  }
  const Bytes small = decoded(put("p.png", picture), {8, 8, 1});
  for (std::size_t y = 0; y < 8; ++y) {
    for (std::size_t x = 0; x < 8; ++x) {
      const double at = small[y * 8 + x];
      if (x < 2 || x > 5) {
        EXPECT_EQ(at, x < 2 ? 0 : 240);
      }
      EXPECT_NEAR(at + small[y * 8 + 7 - x], 240, 2);
    }
  }
  EXPECT_EQ(decoded(path("p.png"), {128, 128, 1})[5], 0);
  EXPECT_EQ(decoded(path("p.png"), {128, 128, 1})[120], 240);
}

TEST_F(Pictures, ThatStbRejectsAreNamed) {
  put_classes();
  write_text("dog/broken.png", "this is no picture at all, whatever its name says");
  EXPECT_THAT(error_of(here()), AllOf(HasSubstr("dog/broken.png' cannot be decoded as a picture: "),
                                      HasSubstr("unknown image type")));
  write("dog/broken.png", {});
  EXPECT_THAT(error_of(here()), HasSubstr("dog/broken.png' cannot be decoded"));
  Bytes damaged = encoded("png", flat(4, 3, {1}));
  damaged[45] ^= 0xFF;  // in the compressed data
  write("dog/broken.png", damaged);
  EXPECT_THAT(error_of(here()), HasSubstr("dog/broken.png' cannot be decoded"));
}

TEST_F(Pictures, CutShortAreRefusedWhateverTheirFormat) {
  Pixels picture{21, 17, 3, {}};
  for (int i = 0; i < 21 * 17 * 3; ++i) {
    picture.values.push_back(static_cast<std::uint8_t>(i * i * 31));
  }
  put("a.png", flat(21, 17, {1}));
  for (const std::string ending : {"png", "bmp", "tga", "jpg"}) {
    const Bytes whole = encoded(ending, picture);
    for (std::size_t size = 0; size < whole.size(); size += size < 60 ? 3 : 31) {
      write("b." + ending, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      EXPECT_THAT(error_of(here()), HasSubstr("b." + ending + "'")) << size;
    }
    write("b." + ending, whole);
    EXPECT_EQ(error_of(here()), "");
  }
}

TEST_F(Pictures, ThatClaimToBeHugeAreRefusedBeforeTheyTakeMemory) {
  put("1.png", flat(2, 2, {1}));
  // A TGA header: RGB without compression, 65535 × 65535.
  write("2.tga", {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 24, 0, 1, 2, 3});
  EXPECT_THAT(error_of(here()), AllOf(HasSubstr("2.tga' is a picture of 65535x65535"),
                                      HasSubstr("up to 134 million")));
}

TEST_F(Pictures, AreLookedForWithWordsOfHelp) {
  EXPECT_THAT(error_of(here()), AllOf(HasSubstr("holds no data set"),
                                      HasSubstr("train-images-idx3-ubyte"), HasSubstr("images.npy"),
                                      HasSubstr("PNG, JPEG, WebP, TIFF, BMP, TGA, GIF, PGM or PPM"),
                                      HasSubstr("one sub-folder a class")));
  write_text("notes.txt", "nothing");
  put("much/too/deep/1.png", flat(2, 2, {1}));
  EXPECT_THAT(error_of(here()), HasSubstr("holds no data set"));
  put("1.png", flat(2, 2, {1}));
  EXPECT_THAT(error_of(here()), HasSubstr("holds a single input"));
}

TEST_F(Pictures, OfFoldersWithOddNamesGetNamesInUtf8) {
  put("a\xFF"
      "b/1.png",
      flat(2, 2, {1}));
  put("\xC3\xA4/1.png", flat(2, 2, {1}));
  EXPECT_THAT(loaded()->class_names, ElementsAre("a\xEF\xBF\xBD"
                                                 "b",
                                                 "\xC3\xA4"));
}

TEST_F(Pictures, InGreatNumberAreDecodedOnceEach) {
  for (int i = 0; i < 250; ++i) {
    put(std::to_string(i) + ".png", flat(2, 1, {static_cast<std::uint8_t>(i)}));
  }
  double last = 0;
  const auto data = load_dataset({here(), {}}, [&](double fraction) {
    EXPECT_GE(fraction, last);
    EXPECT_LE(fraction, 1);
    last = fraction;
    return true;
  });
  ASSERT_TRUE(data) << data.error().message;
  Bytes all((*data)->train.pixels.begin(), (*data)->train.pixels.end());
  all.insert(all.end(), (*data)->test.pixels.begin(), (*data)->test.pixels.end());
  EXPECT_EQ(all.size(), 500U);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 250U);
  EXPECT_GT(last, 0.5);
  EXPECT_EQ((*data)->test.count, 35);

  // Few are left out and said; 117 comes before 42 in the list.
  write_text("117.png", "broken");
  write_text("42.png", "broken");
  const auto fewer = loaded();
  EXPECT_EQ(fewer->train.count + fewer->test.count, 248);
  EXPECT_THAT(fewer->left_out, ElementsAre(AllOf(HasSubstr("2 of 250"), HasSubstr("117.png'"),
                                                 HasSubstr("; '"), HasSubstr("42.png'"))));
  for (int i = 100; i < 111; ++i) write_text(std::to_string(i) + ".png", "broken");
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("13 of 250 pictures cannot be read"), HasSubstr("100.png'")));
}

// A picture that is broken only in its pixels takes its label along.
TEST_F(Pictures, ThatAreBrokenTakeTheirLabelsAlong) {
  for (int i = 0; i < 40; ++i) {
    put("cat/" + std::to_string(i) + ".png", flat(2, 1, {static_cast<std::uint8_t>(i)}));
    put("dog/" + std::to_string(i) + ".png", flat(2, 1, {static_cast<std::uint8_t>(100 + i)}));
  }
  Bytes damaged = encoded("png", flat(2, 1, {7}));
  damaged[41] ^= 0xFF;  // where the compressed data begin
  write("cat/7.png", damaged);
  write_text("dog/9.png", "broken");
  const auto data = loaded();
  EXPECT_EQ(data->train.count + data->test.count, 78);
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    const Split& split = data->split(name);
    ASSERT_EQ(split.files.size(), static_cast<std::size_t>(split.count));
    for (std::int64_t i = 0; i < split.count; ++i) {
      const int value = data->image(name, i)[0];
      EXPECT_EQ(split.label(i), value / 100);
      EXPECT_EQ(split.files[static_cast<std::size_t>(i)],
                (value < 100 ? "cat/" : "dog/") + std::to_string(value % 100) + ".png");
    }
  }
}

TEST_F(Pictures, OfAClassThatIsAllBrokenAreAnError) {
  for (int i = 0; i < 60; ++i) put("cat/" + std::to_string(i) + ".png", flat(2, 1, {1}));
  write_text("dog/1.png", "broken");
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("no picture of the class dog"), HasSubstr("dog/1.png'")));
}

TEST_F(Pictures, OneLevelDeeperAreClassesToo) {
  put("greek/alpha/1.png", flat(2, 1, {1}));
  put("greek/beta/1.png", flat(2, 1, {2}));
  put("runes/character10/1.png", flat(2, 1, {4}));
  put("runes/character2/1.png", flat(2, 1, {3}));
  put("plain/1.png", flat(2, 1, {5}));
  put("plain/deep/er/1.png", flat(2, 1, {9}));
  const auto data = loaded();
  EXPECT_THAT(data->class_names, ElementsAre("greek/alpha", "greek/beta", "plain",
                                             "runes/character2", "runes/character10"));
  EXPECT_THAT(data->left_out, ElementsAre(HasSubstr("more than two levels deep: plain/deep/er")));
  put("greek/1.png", flat(2, 1, {9}));
  EXPECT_THAT(error_of(here()), AllOf(HasSubstr("both directly ('1.png')"), HasSubstr("'alpha'")));
}

TEST_F(Pictures, AreSortedIntoPartsWhateverTheCaseOfTheirNames) {
  put("Train/cat/1.png", flat(2, 1, {1}));
  put("VALID/cat/1.png", flat(2, 1, {2}));
  put("VALID/cat/2.png", flat(2, 1, {3}));
  const auto two = loaded();
  EXPECT_EQ(two->train.count, 1);
  EXPECT_EQ(two->test.count, 2);
  EXPECT_THAT(two->assumed, ElementsAre("the test part is VALID"));
  put("TEST/cat/1.png", flat(2, 1, {4}));
  const auto three = loaded();
  EXPECT_THAT(three->test.pixels, Each(4));
  EXPECT_THAT(three->left_out, ElementsAre("sub-folders left out, beside Train and TEST: VALID"));
}

TEST_F(Pictures, OfALoneTrainFolderHaveItsClasses) {
  put_classes("train/");
  EXPECT_THAT(loaded()->class_names, ElementsAre("cat", "dog"));
  put("plane/1.png", flat(4, 3, {1}));  // a train is a vehicle here
  EXPECT_THAT(loaded()->class_names, ElementsAre("plane", "train/cat", "train/dog"));
}

TEST_F(Pictures, AreCountedWhereTheyAreLeftOut) {
  put_classes();
  write_text("cat/3.heic", "another format");
  write_text("dog/3.HEIC", "another format");
  write_text("emu/1.heic", "another format");
  write_text("labels.txt", "Katze\nHund\n");
  for (const char* hidden : {"Thumbs.db", "cat/desktop.ini", "__MACOSX/._1.png", ".DS_Store"}) {
    write_text(hidden, "of the system");
  }
  EXPECT_THAT(loaded()->left_out, ElementsAre("files left out, no pictures by their names: 3 "
                                              "(.heic 3)",
                                              "sub-folders left out, without pictures: emu"));
}

TEST_F(Pictures, CanBeCancelled) {
  put_classes();
  for (const double limit : {0.0, 0.5}) {
    const auto data =
        load_dataset({here(), {}}, [limit](double fraction) { return fraction < limit; });
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, ErrorCode::cancelled);
  }
}

}  // namespace
}  // namespace zscape
