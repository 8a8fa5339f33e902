#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/data/child_reader.h"
#include "engine/data/picture_file.h"

// Pictures that a C library reads in a child process: WebP and TIFF.
namespace zscape {

// By the file's first bytes. Any thread.
bool is_for_child(const std::string& path);

// What the child says of a picture, and its EXIF.
PictureInfo info_of(const ChildPicture& header, const std::string& path);

// Finishes a decoded picture, the child's or our own, as read_picture() does.
Expected<bool> finish_child_picture(const ChildPicture& picture, const std::string& path,
                                    const PictureInfo& info, const ImageShape& shape,
                                    const PictureRules& rules, std::span<std::uint8_t> pixels,
                                    const DeepRange& deep = {});

// The least and the greatest number of a picture of floats.
Expected<PixelRange> read_child_picture_ends(const std::string& path);

// The largest number of a picture of 16 bits, of its colours.
int peak_of(const ChildPicture& picture);

// read_picture_info() and read_picture() of one such file, in a child of its own.
Expected<PictureInfo> read_child_picture_info(const std::string& path);
Expected<bool> read_child_picture(const std::string& path, const PictureInfo& info,
                                  const ImageShape& shape, const PictureRules& rules,
                                  std::span<std::uint8_t> pixels, const DeepRange& deep = {});
Expected<int> read_child_picture_peak(const std::string& path);

}  // namespace zscape
