#version 330 core
// One point of the scatter, on its way from its place in the last snapshot to that in the newest.
layout(location = 0) in vec2 from;    // latent plane
layout(location = 1) in vec2 to;      // latent plane
layout(location = 2) in uint entry;   // of the palette

uniform vec2 center;          // latent point in the middle
uniform vec2 clip_per_unit;   // clip coordinates a latent unit
uniform float mix_part;       // 0: from, 1: to
uniform float diameter;       // pixels
uniform vec4 palette[121];    // premultiplied; alpha 0: not shown

flat out vec4 point_color;

void main() {
  point_color = palette[min(entry, 120u)];
  vec2 place = (mix(from, to, mix_part) - center) * clip_per_unit;
  // Points that are not shown go where nothing is drawn.
  gl_Position = point_color.a > 0.0 ? vec4(place, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = diameter + 1.0;   // a pixel more for the smooth edge
}
