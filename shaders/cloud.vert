#version 330 core
// One point of the scatter in three dimensions.
layout(location = 0) in vec2 from;         // first two coordinates
layout(location = 1) in vec2 to;
layout(location = 2) in float from_depth;  // the third
layout(location = 3) in float to_depth;
layout(location = 4) in uint dimmed;       // 1: yes
layout(location = 5) in uint entry;        // of the palette

uniform mat4 clip;            // w: the distance from the eye
uniform float mix_part;       // 0: from, 1: to
uniform float diameter;       // of a point in the middle, pixels
uniform float distance;       // of the middle from the eye
uniform float reach;          // of the cloud before and behind the middle
uniform float fade;           // of the farthest into the ground
uniform vec3 ground;
uniform vec4 palette[121];    // premultiplied
uniform bool only_dimmed;     // which half of the points this call draws
uniform vec4 dim_color;       // premultiplied

flat out vec4 point_color;
flat out float point_diameter;

void main() {
  bool is_dimmed = dimmed != 0u;
  vec3 place = mix(vec3(from, from_depth), vec3(to, to_depth), mix_part);
  vec4 seen = clip * vec4(place, 1.0);
  // What is far fades into the ground.
  float far = clamp((seen.w - distance + reach) / (2.0 * reach), 0.0, 1.0);
  vec4 color = only_dimmed ? dim_color : palette[min(entry, 120u)];
  point_color = vec4(mix(color.rgb, ground * color.a, fade * far), color.a);
  point_diameter = clamp(diameter * distance / max(seen.w, 1e-6), 1.2, 4.0 * diameter);
  // Points of the other half go where nothing is drawn.
  gl_Position = is_dimmed == only_dimmed ? seen : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = point_diameter + 1.0;   // a pixel more for the smooth edge
}
