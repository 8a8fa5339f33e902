#version 330 core
// A ring around the code of one input, where its posterior's density falls to that of some σ: a
// strip of triangles along the ellipse, an instance an input.
layout(location = 0) in vec2 from;    // latent plane
layout(location = 1) in vec2 to;      // latent plane
layout(location = 2) in vec2 sigma;   // latent units, along its own axes
layout(location = 3) in vec2 turn;    // cosine and sine of the first axis's angle
layout(location = 4) in uint entry;   // of the palette

uniform vec2 center;          // latent point in the middle
uniform vec2 clip_per_unit;   // clip coordinates a latent unit
uniform float pixels_per_unit;
uniform float mix_part;       // 0: from, 1: to
uniform float sigmas;         // 1, 2
uniform float width;          // of the line, pixels
uniform int segments;
uniform float opacity;
uniform vec4 palette[121];    // premultiplied

flat out vec4 line_color;
out float across;             // pixels from the line's middle

void main() {
  line_color = palette[min(entry, 120u)] * opacity;
  float angle = 6.28318531 * float(gl_VertexID / 2) / float(segments);
  vec2 direction = vec2(cos(angle), sin(angle));
  vec2 radius = max(sigma * sigmas * pixels_per_unit, vec2(0.5));   // pixels
  // The normal of an ellipse; half a pixel more on each side for the smooth edge.
  vec2 normal = normalize(direction / radius);
  across = (gl_VertexID % 2 == 0 ? 1.0 : -1.0) * (width + 1.0) * 0.5;
  vec2 offset = (direction * radius + normal * across) / pixels_per_unit;
  offset = vec2(turn.x * offset.x - turn.y * offset.y, turn.y * offset.x + turn.x * offset.y);
  vec2 place = (mix(from, to, mix_part) + offset - center) * clip_per_unit;
  gl_Position = vec4(place, 0.0, 1.0);
}
