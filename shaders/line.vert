#version 330 core
layout(location = 0) in vec3 place;

uniform mat4 clip;

void main() {
  gl_Position = clip * vec4(place, 1.0);
}
