import { upload } from "../api/uploads";
import type { PoseReader } from "./poses";

/** Over how much of it the end of the loop becomes its beginning again. */
const JOIN_S = 1;
const SILENCE_S = 12;
const RATE_HZ = 8000;
let sent: Promise<string> | null = null;

/** The id of a silence: what a face does to it is how it waits. Sent once a visit. */
export function silence(): Promise<string> {
  sent ??= upload("/v1/audio", silentWav()).catch((error) => {
    sent = null;
    throw error;
  });
  return sent;
}

/** The waiting face at any time, without end. */
export class IdleLoop {
  readonly #row: Float32Array;

  constructor(readonly reader: PoseReader) {
    this.#row = new Float32Array(reader.track.columns.length);
  }

  at(time_s: number, motion: number): Float32Array {
    const length_s = this.reader.track.duration_s - JOIN_S;
    const place_s = time_s % length_s;
    this.#row.set(this.reader.at(place_s, motion));
    if (place_s < JOIN_S) {
      mix(this.reader.at(length_s + place_s, motion), this.#row, place_s / JOIN_S, this.#row);
    }
    return this.#row;
  }
}

/** share: 0 is all of `from`, 1 all of `to`. */
export function mix(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  share: number,
  into: Float32Array,
): void {
  for (let i = 0; i < into.length; i++) {
    const start = from[i] ?? 0;
    into[i] = start + ((to[i] ?? 0) - start) * share;
  }
}

function silentWav(): Blob {
  const bytes = 2 * SILENCE_S * RATE_HZ;
  const head = new DataView(new ArrayBuffer(44));
  const write = (at: number, text: string) => {
    for (let i = 0; i < text.length; i++) head.setUint8(at + i, text.charCodeAt(i));
  };
  write(0, "RIFF");
  head.setUint32(4, 36 + bytes, true);
  write(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, RATE_HZ, true);
  head.setUint32(28, 2 * RATE_HZ, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  write(36, "data");
  head.setUint32(40, bytes, true);
  return new Blob([head, new Uint8Array(bytes)], { type: "audio/wav" });
}
