#version 330 core
// A picture in the latent plane: four corners, an instance a picture.
layout(location = 0) in vec4 box;    // low x, low y, high x, high y; latent plane
layout(location = 1) in vec4 part;   // of the sheet: left, top, right, bottom

uniform vec2 center;          // latent point in the middle
uniform vec2 clip_per_unit;   // clip coordinates a latent unit
uniform vec2 texel;           // a pixel of the sheet

out vec2 cell;                // within the box, from its lower left corner
out vec2 at;
flat out vec4 inside;         // the middles of the picture's outermost pixels

void main() {
  cell = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 place = mix(box.xy, box.zw, cell);
  at = vec2(mix(part.x, part.z, cell.x), mix(part.w, part.y, cell.y));
  inside = vec4(part.xy + 0.5 * texel, part.zw - 0.5 * texel);
  gl_Position = vec4((place - center) * clip_per_unit, 0.0, 1.0);
}
