import { type FormEvent, type RefObject, useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { rename } from "./actions";
import type { Render } from "./render";
import "../ui/field.css";
import "./rename.css";

const words = texts.renders.rename;
const LONGEST = 200;

/** Given to the button that begins a change, it gives the focus back to it afterwards. */
export function useFocusBack(isEditing: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    if (wasEditing.current && !isEditing) button.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  return button;
}

/** The title as a field, in its place: Enter saves, Esc leaves it as it was. */
export function TitleEditor({ render, onDone }: { render: Render; onDone: () => void }) {
  const [title, setTitle] = useState(render.title);
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  async function save(event: FormEvent) {
    event.preventDefault();
    const given = title.trim();
    if (given === render.title) return onDone();
    if (given === "") return;
    setBusy(true);
    if (await rename(render.id, given)) onDone();
    else setBusy(false);
  }

  return (
    <form className="title-editor" onSubmit={save}>
      <input
        ref={field}
        className="input"
        aria-label={words.label}
        value={title}
        required
        maxLength={LONGEST}
        readOnly={isBusy}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
        }}
      />
      <Button
        type="submit"
        kind="main"
        icon={<Icon name="check" size={18} />}
        aria-label={words.save}
        title={words.save}
        isBusy={isBusy}
      />
      <Button
        icon={<Icon name="close" size={18} />}
        aria-label={words.cancel}
        title={words.cancel}
        onClick={onDone}
      />
    </form>
  );
}
