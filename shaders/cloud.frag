#version 330 core
// A disc that hides what lies behind it.
flat in vec4 point_color;
flat in float point_diameter;

out vec4 pixel;

void main() {
  float from_center = length(gl_PointCoord - 0.5) * (point_diameter + 1.0);
  float cover = clamp(0.5 * point_diameter + 0.5 - from_center, 0.0, 1.0);
  if (cover < 0.3) discard;   // the edge must not hide much
  pixel = point_color * cover;
}
