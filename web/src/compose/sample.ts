import { Problem, problemOf } from "../api/client";
import { texts } from "../texts";

const NAME = "portrait.png";

/** The portrait that comes with the service, to try everything with. */
export async function samplePortrait(): Promise<File> {
  let response: Response;
  try {
    response = await fetch("/v1/portraits/sample", { credentials: "same-origin" });
  } catch {
    throw new Problem("offline", texts.problems.offline);
  }
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  const picture = await response.blob();
  return new File([picture], NAME, { type: picture.type });
}
