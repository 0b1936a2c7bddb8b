import { type ReactNode, useId } from "react";
import "./field.css";

interface Props {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  /** Given what ties the control to its label and its hint. */
  children: (control: {
    id: string;
    "aria-describedby"?: string;
    "aria-invalid"?: true;
  }) => ReactNode;
}

/** A labelled control with a hint or an error below it. */
export function Field({ label, hint, error, children }: Props) {
  const id = useId();
  const told = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id} className="field-label">
        {label}
      </label>
      {children({
        id,
        ...(told && { "aria-describedby": `${id}-told` }),
        ...(error && { "aria-invalid": true }),
      })}
      {told && (
        <p
          id={`${id}-told`}
          className={error ? "field-error" : "field-hint"}
          role={error ? "alert" : undefined}
        >
          {told}
        </p>
      )}
    </div>
  );
}
