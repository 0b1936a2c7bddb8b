import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import "./button.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: "main" | "plain" | "quiet" | "danger";
  /** Shown before the words; an icon-only button needs `aria-label`. */
  icon?: ReactNode;
  isBusy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind = "plain", icon, isBusy, children, className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={["button", `button-${kind}`, className].filter(Boolean).join(" ")}
      aria-busy={isBusy || undefined}
      disabled={rest.disabled || isBusy}
    >
      {icon}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}
