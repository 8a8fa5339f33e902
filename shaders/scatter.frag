#version 330 core
// A disc with an edge one pixel wide.
flat in vec4 point_color;

uniform float diameter;

out vec4 pixel;

void main() {
  float from_center = length(gl_PointCoord - 0.5) * (diameter + 1.0);
  float cover = clamp(0.5 * diameter + 0.5 - from_center, 0.0, 1.0);
  pixel = point_color * cover;
}
