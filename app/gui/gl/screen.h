#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zscape::gl {

// Whether a GL_RENDERER draws on the processor's cores, which training needs too.
bool is_software_renderer(std::string_view renderer);

std::string renderer_name();  // GL_RENDERER of the present context

// OpenGL's first error since the last call as a name ("GL_INVALID_VALUE"), or an empty string.
std::string take_error();

// Clears the window to a colour, [0, 1] each.
void clear_window(float red, float green, float blue);

// Part of the window as drawn in this frame, before the swap: [height, width, 3], from the top row.
// x, y: its lower left corner, y up.
std::vector<std::uint8_t> read_window(int x, int y, int width, int height);

}  // namespace zscape::gl
