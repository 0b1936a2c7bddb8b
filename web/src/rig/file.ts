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

/**
 * Numbers as they are, or integers that stand for themselves times the scale of their column, the
 * first axis. These are stored as differences from the number `stride` before, low bytes first,
 * deflated.
 */
export type NumbersEntry = Span & { shape: number[] } & (
    | { dtype: "float32" }
    | { dtype: "int16" | "int8"; scale: number[]; stride: number }
  );

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

export class RigFile {
  readonly header: RigHeader;
  readonly #bytes: ArrayBuffer;
  readonly #begin: number;
  readonly #numbers = new Map<NumbersEntry, Float32Array>();

  /** @throws Error when the bytes are not a rig file that this program can read. */
  static async read(bytes: ArrayBuffer): Promise<RigFile> {
    const file = new RigFile(bytes);
    const { lips, head, face, mouth, shading } = file.header;
    const columns = [head.columns, face.columns, mouth.upper, mouth.lower, shading.basis];
    for (const entry of [lips.upper, lips.lower, lips.moved, ...columns]) {
      file.#numbers.set(entry, await unpacked(file.#part(entry), entry));
    }
    return file;
  }

  private constructor(bytes: ArrayBuffer) {
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

  /** The values of an entry of the header. */
  numbers(entry: NumbersEntry): Float32Array {
    return this.#numbers.get(entry)!;
  }

  /** The decoded picture of an entry, its colours as they are stored. */
  image(entry: ImageEntry): Promise<ImageBitmap> {
    return createImageBitmap(new Blob([this.#part(entry)], { type: entry.type }), {
      premultiplyAlpha: "none",
      colorSpaceConversion: "none",
    });
  }

  #part({ begin, end }: Span): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes, this.#begin + begin, end - begin);
  }
}

/** The numbers that `stored` holds. */
export async function unpacked(
  stored: Uint8Array<ArrayBuffer>,
  entry: NumbersEntry,
): Promise<Float32Array> {
  if (entry.dtype === "float32") return new Float32Array(stored.slice().buffer);
  const bytes = await inflated(stored);
  const isWide = entry.dtype === "int16";
  const count = isWide ? bytes.length / 2 : bytes.length;
  const values = new Float32Array(count);
  const perColumn = count / entry.scale.length;
  const above = isWide ? 16 : 24;
  const before = new Int32Array(entry.stride);
  entry.scale.forEach((scale, column) => {
    before.fill(0);
    for (let i = 0; i < perColumn; i++) {
      const at = column * perColumn + i;
      const change = isWide ? bytes[at]! | (bytes[count + at]! << 8) : bytes[at]!;
      // sums stay in the stored type, whose sign is at the top of 32 bits for a moment
      const step = ((before[i % entry.stride]! + change) << above) >> above;
      before[i % entry.stride] = step;
      values[at] = scale * step;
    }
  });
  return values;
}

async function inflated(stored: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([stored]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
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
