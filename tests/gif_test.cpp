#include "engine/io/gif.h"

#include <gif_lib.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// What giflib reads: each frame's pixels as RGB.
struct ReadGif {
  int width = 0;
  int height = 0;
  std::vector<std::vector<std::uint8_t>> frames;  // [height, width, 3]
  std::vector<int> delays;                        // in hundredths of a second
  int repeats = -1;                               // -1: no such extension; 0: for ever
  std::string version;
};

struct Source {
  std::span<const std::byte> rest;
};

int read_bytes(GifFileType* file, GifByteType* data, int size) {
  auto& rest = static_cast<Source*>(file->UserData)->rest;
  const std::size_t count = std::min(rest.size(), static_cast<std::size_t>(size));
  std::memcpy(data, rest.data(), count);
  rest = rest.subspan(count);
  return static_cast<int>(count);
}

int repeats_of(const SavedImage& image) {
  for (int i = 0; i + 1 < image.ExtensionBlockCount; ++i) {
    const ExtensionBlock& name = image.ExtensionBlocks[i];
    const ExtensionBlock& data = image.ExtensionBlocks[i + 1];
    if (name.Function == APPLICATION_EXT_FUNC_CODE && name.ByteCount == 11 &&
        std::memcmp(name.Bytes, "NETSCAPE2.0", 11) == 0 && data.ByteCount == 3) {
      return data.Bytes[1] + 256 * data.Bytes[2];
    }
  }
  return -1;
}

ReadGif read_gif(std::span<const std::byte> bytes) {
  ReadGif gif;
  gif.version = std::string(reinterpret_cast<const char*>(bytes.data()), 6);
  Source source{bytes};
  GifFileType* file = DGifOpen(&source, read_bytes, nullptr);
  if (file == nullptr || DGifSlurp(file) != GIF_OK) {
    ADD_FAILURE() << "giflib cannot read it";
    return gif;
  }
  EXPECT_TRUE(source.rest.empty());
  gif.width = file->SWidth;
  gif.height = file->SHeight;
  gif.repeats = repeats_of(file->SavedImages[0]);
  for (int i = 0; i < file->ImageCount; ++i) {
    const SavedImage& image = file->SavedImages[i];
    const ColorMapObject* colours =
        image.ImageDesc.ColorMap != nullptr ? image.ImageDesc.ColorMap : file->SColorMap;
    std::vector<std::uint8_t> pixels;
    for (int p = 0; p < image.ImageDesc.Width * image.ImageDesc.Height; ++p) {
      const GifColorType& colour = colours->Colors[image.RasterBits[p]];
      pixels.insert(pixels.end(), {colour.Red, colour.Green, colour.Blue});
    }
    gif.frames.push_back(std::move(pixels));
    GraphicsControlBlock control{};
    EXPECT_EQ(DGifSavedExtensionToGCB(file, i, &control), GIF_OK);
    gif.delays.push_back(control.DelayTime);
  }
  DGifCloseFile(file, nullptr);
  return gif;
}

Picture picture(int width, int height, int channels, int seed) {
  Picture made{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) {
    made.pixels.push_back(static_cast<std::uint8_t>(i * 7 + seed * 50));
  }
  return made;
}

TEST(Gif, KeepsGreyFramesExactly) {
  const std::vector<Picture> frames = {picture(20, 17, 1, 0), picture(20, 17, 1, 1),
                                       picture(20, 17, 1, 2)};
  const auto bytes = gif_bytes(frames, 120);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const ReadGif gif = read_gif(*bytes);
  EXPECT_EQ(gif.version, "GIF89a");
  EXPECT_EQ(gif.width, 20);
  EXPECT_EQ(gif.height, 17);
  ASSERT_EQ(gif.frames.size(), 3U);
  for (std::size_t f = 0; f < 3; ++f) {
    for (std::size_t i = 0; i < frames[f].pixels.size(); ++i) {
      for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(gif.frames[f][3 * i + c], frames[f].pixels[i]);
    }
  }
}

TEST(Gif, RunsForEverAtTheGivenPace) {
  const std::vector<Picture> frames = {picture(2, 2, 1, 0), picture(2, 2, 1, 1)};
  for (const auto& [delay, wanted] : {std::pair{120, 12}, std::pair{84, 8}, std::pair{85, 9},
                                      std::pair{0, 2}, std::pair{-50, 2}, std::pair{3000, 300}}) {
    const ReadGif gif = read_gif(*gif_bytes(frames, delay));
    EXPECT_EQ(gif.repeats, 0);
    EXPECT_THAT(gif.delays, testing::Each(wanted)) << delay;
  }
}

TEST(Gif, KeepsFewColoursExactly) {
  Picture frame{16, 16, 3, {}};
  for (int i = 0; i < 256; ++i) {
    const auto value = static_cast<std::uint8_t>(i);
    frame.pixels.insert(frame.pixels.end(), {value, static_cast<std::uint8_t>(255 - i), 17});
  }
  Picture plain{16, 16, 3, {}};
  for (int i = 0; i < 256; ++i) plain.pixels.insert(plain.pixels.end(), {1, 2, 3});
  const ReadGif gif = read_gif(*gif_bytes(std::vector{frame, plain}, 100));
  EXPECT_EQ(gif.frames[0], frame.pixels);
  EXPECT_EQ(gif.frames[1], plain.pixels);
}

TEST(Gif, BringsManyColoursToCloseOnes) {
  Picture frame{64, 64, 3, {}};
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      frame.pixels.insert(frame.pixels.end(),
                          {static_cast<std::uint8_t>(4 * x), static_cast<std::uint8_t>(4 * y),
                           static_cast<std::uint8_t>(2 * (x + y))});
    }
  }
  const ReadGif gif = read_gif(*gif_bytes(std::vector{frame, frame}, 100));
  double error = 0;
  for (std::size_t i = 0; i < frame.pixels.size(); ++i) {
    const double difference = gif.frames[1][i] - frame.pixels[i];
    error += difference * difference;
  }
  EXPECT_LT(std::sqrt(error / static_cast<double>(frame.pixels.size())), 10);
  EXPECT_GT(std::set(gif.frames[0].begin(), gif.frames[0].end()).size(), 20U);
}

TEST(Gif, RefusesFramesThatDoNotFit) {
  const auto error = [](const std::vector<Picture>& frames) {
    const auto bytes = gif_bytes(frames, 100);
    return bytes ? "" : bytes.error().message;
  };
  EXPECT_THAT(error({}), HasSubstr("one picture at least"));
  EXPECT_THAT(error({picture(2, 2, 1, 0), picture(2, 3, 1, 0)}), HasSubstr("of one size"));
  EXPECT_THAT(error({picture(2, 2, 1, 0), picture(2, 2, 3, 0)}), HasSubstr("all grey or all RGB"));
  EXPECT_THAT(error({picture(2, 2, 4, 0)}), HasSubstr("4 channels is not possible"));
  EXPECT_THAT(error({picture(0, 2, 1, 0)}), HasSubstr("2x0 pixels"));
  EXPECT_THAT(error({picture(65536, 1, 1, 0)}), HasSubstr("up to 65535"));
}

TEST(Gif, IsWrittenWholeOrNotAtAll) {
  std::string folder = (fs::temp_directory_path() / "zscape-gif-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/a.gif";
  const std::vector<Picture> frames = {picture(5, 4, 3, 0), picture(5, 4, 3, 1)};
  ASSERT_TRUE(write_gif(path, frames, 100));
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> content(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(read_gif(std::as_bytes(std::span(content))).frames[1], frames[1].pixels);

  const auto bad = write_gif(folder + "/b.gif", {}, 100);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("b.gif cannot be written"));
  EXPECT_FALSE(fs::exists(folder + "/b.gif"));
  EXPECT_FALSE(write_gif(folder + "/absent/c.gif", frames, 100));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace zscape
