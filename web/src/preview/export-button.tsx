import { useState } from "react";
import { Problem, problemOf } from "../api/client";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { tell } from "../ui/toasts";

const words = texts.preview;

/** Downloads the face as glTF. */
export function ExportButton({ address }: { address: string }) {
  const [isBusy, setBusy] = useState(false);

  async function download() {
    setBusy(true);
    try {
      save(await fetchModel(address), "face.glb");
      tell(words.exported);
    } catch (error) {
      tell(`${words.exportFailed} ${explain(error)}`, { kind: "bad" });
    }
    setBusy(false);
  }

  return (
    <Button
      kind="quiet"
      icon={<Icon name="cube" size={18} />}
      title={words.exportHint}
      isBusy={isBusy}
      onClick={download}
    >
      {words.export}
    </Button>
  );
}

/** Fetched first, so that a failure is told here and does not replace the page. */
async function fetchModel(address: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin" });
  } catch {
    throw new Problem("offline", texts.problems.offline);
  }
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  return response.blob();
}

function save(model: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(model);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
