/** The picture as the head or the face carries it. */

import { nodes, picture, precise, shading } from "./common";

export const headFragment = /* glsl */ `
${precise}
in vec2 place;
uniform sampler2D back;
uniform vec3 grid;
out vec4 colour;
${nodes}
${picture}
void main() {
  colour = vec4(pictureAt(place - nodesAt(back, grid, place).xy), 1.0);
}
`;

export const faceFragment = /* glsl */ `
${precise}
in vec2 place;
uniform sampler2D back;
uniform vec3 grid;
out vec4 colour;
${nodes}
${picture}
${shading}
void main() {
  vec2 source = place - nodesAt(back, grid, place).xy;
  colour = vec4(shaded(pictureAt(source), source), 1.0);
}
`;
