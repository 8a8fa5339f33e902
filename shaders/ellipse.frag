#version 330 core
flat in vec4 line_color;
in float across;

uniform float width;

out vec4 pixel;

void main() {
  pixel = line_color * clamp(0.5 * width + 0.5 - abs(across), 0.0, 1.0);
}
