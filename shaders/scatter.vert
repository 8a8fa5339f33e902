#version 330 core
// One point of the scatter, on its way from its place in the last snapshot to that in the newest.
layout(location = 0) in vec2 from;    // latent plane
layout(location = 1) in vec2 to;      // latent plane
layout(location = 2) in uint dimmed;  // 1: yes
layout(location = 3) in uint entry;   // of the palette

uniform vec2 center;          // latent point in the middle
uniform vec2 clip_per_unit;   // clip coordinates a latent unit
uniform float mix_part;       // 0: from, 1: to
uniform float diameter;       // pixels
uniform vec4 palette[121];    // premultiplied
uniform bool only_dimmed;     // which half of the points this call draws
uniform vec4 dim_color;       // premultiplied

flat out vec4 point_color;

void main() {
  bool is_dimmed = dimmed != 0u;
  point_color = only_dimmed ? dim_color : palette[min(entry, 120u)];
  vec2 place = (mix(from, to, mix_part) - center) * clip_per_unit;
  // Points of the other half go where nothing is drawn.
  gl_Position = is_dimmed == only_dimmed ? vec4(place, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = diameter + 1.0;   // a pixel more for the smooth edge
}
