import { type ReactNode, useRef } from "react";
import { Button } from "./button";

interface Props {
  accept: string;
  kind?: "main" | "plain" | "quiet";
  icon?: ReactNode;
  label?: string;
  isBusy?: boolean;
  onFile: (file: File) => void;
  children?: ReactNode;
}

/** A button that opens the system's choice of files. label: where it shows an icon only. */
export function FileButton({ accept, label, onFile, ...button }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...button} aria-label={label} title={label} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          // So that the same file can be chosen again.
          event.target.value = "";
          if (file) onFile(file);
        }}
      />
    </>
  );
}
