#version 330 core
// A rectangle of the latent plane.
uniform vec2 low;             // its corners, latent units
uniform vec2 high;
uniform vec2 center;          // latent point in the middle of the plot
uniform vec2 clip_per_unit;   // clip coordinates a latent unit

out vec2 at;                  // of the texture, the lowest row first

void main() {
  at = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4((mix(low, high, at) - center) * clip_per_unit, 0.0, 1.0);
}
