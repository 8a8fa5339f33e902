// stb_image and its resizer with the sanitizers and libFuzzer's counters, in place of libstb.

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb_image.h>
#include <stb_image_resize.h>
