import { type ReactNode, useId } from "react";
import type { Choice } from "./select";
import "./choices.css";

interface Props<T extends string> {
  /** For readers; what is seen is the choices. */
  label: string;
  value: T;
  choices: readonly (Choice<T> & { icon?: ReactNode })[];
  onChange: (value: T) => void;
}

/** A few choices side by side, one of them taken. */
export function Choices<T extends string>({ label, value, choices, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="choices">
      <legend className="for-readers">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="choice">
          <input
            type="radio"
            className="for-readers"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.icon}
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
