import { useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { removeAll } from "./actions";
import { isOver, type Render } from "./render";

const words = texts.renders.remove;

interface Props {
  renders: readonly Render[];
  onClose: () => void;
  /** The ids of those that are gone. */
  onDone: (gone: string[]) => void;
}

/** Asks before anything is deleted; what keeps it is nearest at hand. */
export function RemoveDialog({ renders, onClose, onDone }: Props) {
  const [isBusy, setBusy] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  const isMany = renders.length > 1;
  const [first] = renders;
  const title = first?.title || texts.renders.untitled;
  const isRunning = first !== undefined && !isOver(first.status);

  async function remove() {
    setBusy(true);
    const gone = await removeAll(renders);
    onClose();
    onDone(gone);
  }

  return (
    <Dialog
      title={isMany ? words.titleMany(renders.length) : words.title}
      onClose={onClose}
      actions={
        <>
          <Button kind="danger" isBusy={isBusy} onClick={remove}>
            {words.sure}
          </Button>
          <Button ref={keep} kind="main" onClick={onClose}>
            {isMany ? words.keepMany : words.keep}
          </Button>
        </>
      }
    >
      <p>{isMany ? words.leadMany : isRunning ? words.leadRunning(title) : words.lead(title)}</p>
    </Dialog>
  );
}
