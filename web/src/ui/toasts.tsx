import { useSyncExternalStore } from "react";
import { texts } from "../texts";
import { Button } from "./button";
import { Icon } from "./icon";
import "./toasts.css";

interface Toast {
  id: number;
  kind: "plain" | "bad";
  text: string;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6000;
const SHOWN_BAD_MS = 12000;
let toasts: readonly Toast[] = [];
let last = 0;
const watchers = new Set<() => void>();

/** Tell something in passing, at the page's lower edge; readers hear it too. */
export function tell(text: string, more: Partial<Pick<Toast, "kind" | "action">> = {}): void {
  last += 1;
  const toast: Toast = { id: last, kind: "plain", text, ...more };
  change([...toasts.filter((shown) => shown.text !== text).slice(-2), toast]);
  setTimeout(() => dismiss(toast.id), toast.kind === "bad" ? SHOWN_BAD_MS : SHOWN_MS);
}

function dismiss(id: number) {
  change(toasts.filter((toast) => toast.id !== id));
}

function change(to: readonly Toast[]) {
  toasts = to;
  for (const told of watchers) told();
}

/** Where they are shown; once a page. */
export function Toasts() {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, kind, text, action }) => (
        <div key={id} className={`toast toast-${kind}`}>
          <p>{text}</p>
          {action && (
            <Button
              kind="quiet"
              onClick={() => {
                action.run();
                dismiss(id);
              }}
            >
              {action.label}
            </Button>
          )}
          <Button
            kind="quiet"
            icon={<Icon name="close" size={16} />}
            aria-label={texts.ui.dismiss}
            onClick={() => dismiss(id)}
          />
        </div>
      ))}
    </div>
  );
}

function watch(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}
