import { type ReactNode, useEffect, useId, useRef } from "react";
import { texts } from "../texts";
import { Button } from "./button";
import { Icon } from "./icon";
import "./dialog.css";

interface Props {
  title: string;
  onClose: () => void;
  /** Buttons at the bottom, the main one last. */
  actions?: ReactNode;
  width?: "narrow" | "wide";
  children: ReactNode;
}

/** A modal window: the browser keeps the focus inside and gives it back, Esc closes. */
export function Dialog({ title, onClose, actions, width = "narrow", children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    const cameFrom = document.activeElement;
    if (!shown.open) shown.showModal();
    return () => {
      shown.close();
      if (cameFrom instanceof HTMLElement && cameFrom.isConnected) cameFrom.focus();
    };
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes; a click beside it is a short cut.
    <dialog
      ref={dialog}
      className={`dialog dialog-${width}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div className="dialog-inside">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <Button
            kind="quiet"
            icon={<Icon name="close" />}
            aria-label={texts.ui.close}
            onClick={onClose}
          />
        </header>
        <div className="dialog-body">{children}</div>
        {actions && <footer className="dialog-actions">{actions}</footer>}
      </div>
    </dialog>
  );
}
