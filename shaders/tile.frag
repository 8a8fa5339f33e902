#version 330 core
// Smoothed within the picture: the neighbours in the sheet are other pictures.
in vec2 at;
flat in vec4 inside;

uniform sampler2D sheet;
uniform float strength;       // 0: the ground, 1: the picture
uniform vec3 ground;

out vec4 pixel;

void main() {
  vec3 seen = texture(sheet, clamp(at, inside.xy, inside.zw)).rgb;
  pixel = vec4(mix(ground, seen, strength), 1.0);
}
