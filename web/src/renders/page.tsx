import { Library } from "./library";
import { Result } from "./result";

/** open: the render that is looked at. */
export function LibraryPage({ open }: { open: string | null }) {
  return open === null ? <Library /> : <Result key={open} id={open} />;
}
