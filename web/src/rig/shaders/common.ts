/** What the shaders share. Places are px of the picture or the frame, of a pixel its middle. */

/** How every fragment shader begins: by default, samplers may round what they read to bytes. */
export const precise = /* glsl */ `
precision highp float;
precision highp int;
precision highp sampler2D;
`;

/** A rectangle of the frame; `place` is its pixel. `frame`: its size. flip: 1 or -1. */
export const quadVertex = /* glsl */ `
precision highp float;
in vec2 position;
uniform vec2 frame;
uniform float flip;
out vec2 place;

void main() {
  place = position - 0.5;
  vec2 clip = 2.0 * position / frame - 1.0;
  gl_Position = vec4(clip.x, flip * clip.y, 0.0, 1.0);
}
`;

/** Nodes of a grid that lies at grid.xy with steps of grid.z px. */
export const nodes = /* glsl */ `
vec4 nodesAt(sampler2D nodes, vec3 grid, vec2 place) {
  vec2 node = (place - grid.xy) / grid.z;
  return texture(nodes, (node + 0.5) / vec2(textureSize(nodes, 0)));
}
`;

/** The picture at twice its resolution: pixel (2x, 2y) is pixel (x, y) of the picture. */
export const picture = /* glsl */ `
uniform sampler2D fine;
uniform vec2 fineScale;
// 0, or how far from a pixel's middle the four places lie of which a small canvas takes the mean
uniform float spread;

vec3 fineAt(vec2 place) {
  vec2 pixel = 2.0 * ((place + 0.5) * fineScale - 0.5);
  return texture(fine, (pixel + 0.5) / vec2(textureSize(fine, 0))).rgb;
}

vec3 pictureAt(vec2 place) {
  if (spread == 0.0) return fineAt(place);
  vec2 aside = vec2(spread, -spread);
  return 0.25 * (fineAt(place + aside.xx) + fineAt(place + aside.xy)
    + fineAt(place + aside.yx) + fineAt(place + aside.yy));
}
`;

/** Folds and shadows on the skin: they change the brightness of the video's limited range. */
export const shading = /* glsl */ `
uniform sampler2D gains;
uniform vec3 gainGrid;

vec3 shaded(vec3 colour, vec2 place) {
  float gain = nodesAt(gains, gainGrid, place).r;
  float luma = dot(colour, vec3(0.2126, 0.7152, 0.0722));
  return colour + (luma + 16.0 / 219.0) * (gain - 1.0);
}
`;
