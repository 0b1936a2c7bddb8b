/** Both lips, each carried by its own map, over the inside of the mouth. */

import { nodes, picture, precise, shading } from "./common";

export const mouthFragment = /* glsl */ `
${precise}
in vec2 place;
uniform sampler2D upperBack;
uniform sampler2D lowerBack;
uniform vec3 grid;

// the lips' edges: the corner, the direction and the length of the line between the corners
uniform sampler2D edges;
uniform vec2 corner;
uniform vec2 along;
uniform float mouthLength;
uniform float edgePx;

uniform bool open;
uniform sampler2D sprites;
// maps from the frame to px of the sprites, and the first and last of these
uniform mat3 toSprite[5];
uniform vec4 spriteRect[5];
uniform bool showsTip;
uniform sampler2D lightCells;
uniform vec3 lightGrid;
uniform vec2 lightUsed;
uniform vec3 shadeTint;
out vec4 colour;
${nodes}
${picture}
${shading}

vec2 opacity() {
  vec2 off = place - corner;
  float last = float(textureSize(edges, 0).x - 1);
  float at = clamp(dot(off, along) / max(mouthLength, 1e-6), 0.0, 1.0) * last;
  vec2 read = texture(edges, vec2((at + 0.5) / (last + 1.0), 0.5)).rg;
  float across = (off.y * along.x - off.x * along.y) / edgePx;
  return clamp(read + vec2(-across, across), 0.0, 1.0);
}

vec4 spriteAt(int index) {
  vec2 pixel = (toSprite[index] * vec3(place, 1.0)).xy;
  vec4 rect = spriteRect[index];
  pixel = clamp(pixel, rect.xy - 1.0, rect.zw + 1.0);
  return texture(sprites, (pixel + 0.5) / vec2(textureSize(sprites, 0)));
}

vec4 over(vec4 below, vec4 above) {
  return above + below * (1.0 - above.a);
}

vec3 inside() {
  vec4 scene = over(spriteAt(0), spriteAt(1));
  scene = over(scene, spriteAt(2));
  if (showsTip) scene = over(scene, spriteAt(3));
  scene = over(scene, spriteAt(4));
  vec2 cell = clamp((place - lightGrid.xy) / lightGrid.z, vec2(0.0), lightUsed - 1.0);
  float light = texture(lightCells, (cell + 0.5) / vec2(textureSize(lightCells, 0))).r;
  return min(scene.rgb, 1.0) * pow(vec3(max(light, 0.0)), shadeTint);
}

void main() {
  vec2 lips = opacity();
  float hole = (1.0 - lips.x) * (1.0 - lips.y);
  vec2 source = vec2(0.0);
  vec3 seen = vec3(0.0);
  if (lips.x > 0.0) {
    source = place - nodesAt(upperBack, grid, place).xy;
    seen = lips.x * pictureAt(source);
  }
  if (lips.x < 1.0) {
    vec2 below = place - nodesAt(lowerBack, grid, place).xy;
    float share = open ? lips.y : 1.0;
    seen += (1.0 - lips.x) * share * pictureAt(below);
    source = mix(below, source, lips.x);
    if (open && hole > 0.0) seen += hole * inside();
  }
  colour = vec4(shaded(seen, source), 1.0);
}
`;
