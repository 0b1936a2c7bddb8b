import { texts } from "../texts";
import { Problem } from "./client";
import { post } from "./post";

/** What the service takes at most, unless whoever runs it said otherwise. */
const MOST_BYTES = 512_000_000;

interface Options {
  signal?: AbortSignal;
  /** How much of it is sent, 0..1. */
  onSent?: (share: number) => void;
}

/** Send a file; gives the id that stands for it. The same file has the same id. */
export async function upload(
  to: "/v1/portraits" | "/v1/audio",
  file: Blob,
  options: Options = {},
): Promise<string> {
  if (file.size > MOST_BYTES) throw new Problem("too-large", texts.problems.tooLarge);
  const form = new FormData();
  form.append("file", file);
  return ((await post(to, form, options)) as { id: string }).id;
}
