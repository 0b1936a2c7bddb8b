/** The rig file: what `lipsmith.engines.rig.portable` packs. */

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Node (j, i) is at (left + i * step, top + j * step) px. */
export interface Grid {
  left: number;
  top: number;
  step: number;
  columns: number;
  rows: number;
}

export type Point = [number, number];

/** A 2 x 3 matrix, row by row: (x, y, 1) -> (x', y'). */
export type Affine = [[number, number, number], [number, number, number]];

interface Span {
  begin: number;
  end: number;
}

/** Numbers; integers stand for themselves times the scale of their column, the first axis. */
export interface NumbersEntry extends Span {
  dtype: "float32" | "int16" | "int8";
  shape: number[];
  scale?: number[];
}

export interface ImageEntry extends Span {
  type: string;
  width: number;
  height: number;
}

export interface SpriteHeader {
  left_px: number;
  top_px: number;
  width_px: number;
  height_px: number;
  left_mm: number;
  top_mm: number;
  px_per_mm: number;
}

export const SPRITES = ["cavity", "body", "lower", "tip", "upper"] as const;
export type SpriteName = (typeof SPRITES)[number];

export interface InteriorHeader {
  plane: Affine;
  line_y_mm: number;
  upper_edge_mm: number;
  edge: number;
  relief: number;
  shade_tint: [number, number, number];
  atlas: ImageEntry;
  sprites: Record<SpriteName, SpriteHeader>;
}

export interface EyeHeader {
  side: "left" | "right";
  rect: Rect;
  along: Point;
  down: Point;
  uv: Point;
  uv_per_mm: [Point, Point];
  opening: number;
  px_per_mm: number;
  iris: { u: number; v: number; radius: number; aspect: number };
  ends: Point;
  limits: Point;
  highlight_share: number;
  colour: ImageEntry;
  maps: ImageEntry;
  behind: ImageEntry | null;
  closures: number[];
  lids: ImageEntry;
  lid_columns: number;
}

export interface RigHeader {
  format: string;
  version: number;
  width: number;
  height: number;
  picture: ImageEntry;
  px_per_mm: number;
  origin: Point;
  smile: number;
  lips: { is_open: boolean; upper: NumbersEntry; lower: NumbersEntry; moved: NumbersEntry };
  head: { rect: Rect; grid: Grid; columns: NumbersEntry; at_mouth: Point[]; roll_share: number };
  face: { rect: Rect; grid: Grid; columns: NumbersEntry };
  mouth: { rect: Rect; grid: Grid; upper: NumbersEntry; lower: NumbersEntry };
  shading: { grid: Grid; basis: NumbersEntry };
  interior: InteriorHeader;
  eyes: EyeHeader[];
}

const FORMAT = "lipsmith-rig";
const VERSION = 1;
const LENGTH_BYTES = 8;

const ARRAYS = { float32: Float32Array, int16: Int16Array, int8: Int8Array } as const;

export class RigFile {
  readonly header: RigHeader;
  readonly #bytes: ArrayBuffer;
  readonly #begin: number;

  /** @throws Error when the bytes are not a rig file that this program can read. */
  constructor(bytes: ArrayBuffer) {
    if (bytes.byteLength < LENGTH_BYTES) throw notARig();
    const length = Number(new DataView(bytes).getBigUint64(0, true));
    if (length > bytes.byteLength - LENGTH_BYTES) throw notARig();
    this.#bytes = bytes;
    this.#begin = LENGTH_BYTES + length;
    this.header = parse(new Uint8Array(bytes, LENGTH_BYTES, length));
    if (this.header.format !== FORMAT) throw notARig();
    if (this.header.version !== VERSION) {
      throw new Error(`rig file of version ${this.header.version}, expected ${VERSION}`);
    }
  }

  /** The values of an entry. */
  numbers(entry: NumbersEntry): Float32Array {
    const Kind = ARRAYS[entry.dtype];
    const length = (entry.end - entry.begin) / Kind.BYTES_PER_ELEMENT;
    const stored = new Kind(this.#bytes, this.#begin + entry.begin, length);
    const values = new Float32Array(stored);
    const column = length / (entry.shape[0] ?? 1);
    entry.scale?.forEach((scale, index) => {
      for (let i = index * column; i < (index + 1) * column; i++) values[i]! *= scale;
    });
    return values;
  }

  /** The decoded picture of an entry, its colours as they are stored. */
  image(entry: ImageEntry): Promise<ImageBitmap> {
    const bytes = new Uint8Array(this.#bytes, this.#begin + entry.begin, entry.end - entry.begin);
    return createImageBitmap(new Blob([bytes], { type: entry.type }), {
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
    });
  }
}

function parse(text: Uint8Array): RigHeader {
  try {
    return JSON.parse(new TextDecoder().decode(text)) as RigHeader;
  } catch {
    throw notARig();
  }
}

function notARig(): Error {
  return new Error("not a rig file");
}
