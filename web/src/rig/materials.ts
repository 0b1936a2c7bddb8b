/** The shaders as materials of Three.js. */

import {
  DoubleSide,
  GLSL3,
  type IUniform,
  NoBlending,
  RawShaderMaterial,
  Vector2,
  Vector3,
} from "three";
import type { Grid } from "./file";
import { quadVertex } from "./shaders/common";

export type Uniforms = Record<string, IUniform>;

/** A material that overwrites what it draws on. */
export function material(fragmentShader: string, uniforms: Uniforms): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: quadVertex,
    fragmentShader,
    uniforms,
    side: DoubleSide,
    blending: NoBlending,
    depthTest: false,
    depthWrite: false,
  });
}

/** What `quadVertex` asks for; `flip` is -1 on the canvas, whose first row is at its bottom. */
export function frameUniforms(width: number, height: number, flip: 1 | -1): Uniforms {
  return { frame: { value: new Vector2(width, height) }, flip: { value: flip } };
}

export function gridUniform(grid: Pick<Grid, "left" | "top" | "step">): IUniform {
  return { value: new Vector3(grid.left, grid.top, grid.step) };
}
