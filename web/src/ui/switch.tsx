import { type ReactNode, useId } from "react";
import "./switch.css";

interface Props {
  label: string;
  isOn: boolean;
  hint?: ReactNode;
  onChange: (isOn: boolean) => void;
}

export function Switch({ label, isOn, hint, onChange }: Props) {
  const id = useId();
  return (
    <div className="switch">
      <label htmlFor={id}>
        <input
          id={id}
          type="checkbox"
          role="switch"
          checked={isOn}
          aria-checked={isOn}
          aria-describedby={hint ? `${id}-hint` : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span>{label}</span>
      </label>
      {hint && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
