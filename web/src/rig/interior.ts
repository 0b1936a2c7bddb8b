/** Where teeth and tongue are in a frame, as `interior.py` of the engine lays them. */

import { clamp, roundness } from "./controls";
import type { InteriorHeader, RigFile, SpriteName } from "./file";
import type { Pose } from "./pose";

const FREEWAY_MM = 0.8;
const LOWER_JAW_SHARE = 0.85;
const ROUND_EDGE_MM = 1.1;
const LEAST_TIP = 0.02;

/** The maps from px of the frame to px of the sprites' picture, column by column as in GLSL. */
export type Placements = Record<SpriteName, Float32Array>;

export class Interior {
  readonly placements: Placements;
  showsTip = false;

  readonly #header: InteriorHeader;
  readonly #view = new Float64Array(6);

  constructor(file: RigFile) {
    this.#header = file.header.interior;
    const place = (): Float32Array => new Float32Array([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    this.placements = {
      cavity: place(),
      body: place(),
      lower: place(),
      tip: place(),
      upper: place(),
    };
  }

  /** rigid: the motion of the head, 2 x 3 row by row. */
  place(pose: Pose, rigid: Float64Array): void {
    const { plane, line_y_mm: line, upper_edge_mm: edge } = this.#header;
    const view = this.#view;
    for (let row = 0; row < 2; row++) {
      const x = rigid[3 * row]!;
      const y = rigid[3 * row + 1]!;
      for (let column = 0; column < 3; column++) {
        view[3 * row + column] = x * plane[0][column]! + y * plane[1][column]!;
      }
      view[3 * row + 2]! += rigid[3 * row + 2]!;
    }
    const jaw = LOWER_JAW_SHARE * pose["mouth.jaw_mm"];
    const round = roundness(pose);
    const hidden = Math.min(edge, line + ROUND_EDGE_MM);
    const lower = edge + FREEWAY_MM + jaw + 0.4 * round;
    const rest = line - 1 + 0.68 * jaw;
    const raised = Math.min(edge - 3, rest);
    const out = pose["mouth.tongue_out"];
    const room = Math.max(lower - edge, 1);
    this.showsTip = out > LEAST_TIP;
    this.#put("cavity", 0.5 * jaw);
    this.#put("body", rest + (raised - rest) * clamp(pose["mouth.tongue"], 0, 1));
    this.#put("lower", lower);
    this.#put("tip", edge + out * (room + 1.2));
    this.#put("upper", edge + (hidden - edge) * round);
  }

  #put(name: SpriteName, downMm: number): void {
    const view = this.#view;
    const a = view[0]!;
    const b = view[1]!;
    const c = view[3]!;
    const d = view[4]!;
    const sprite = this.#header.sprites[name];
    const into = this.placements[name];
    const left = view[2]! + b * downMm;
    const top = view[5]! + d * downMm;
    const scale = sprite.px_per_mm / (a * d - b * c);
    const xx = d * scale;
    const xy = -b * scale;
    const yx = -c * scale;
    const yy = a * scale;
    into[0] = xx;
    into[1] = yx;
    into[3] = xy;
    into[4] = yy;
    into[6] = sprite.left_px - sprite.left_mm * sprite.px_per_mm - xx * left - xy * top;
    into[7] = sprite.top_px - sprite.top_mm * sprite.px_per_mm - yx * left - yy * top;
  }
}
