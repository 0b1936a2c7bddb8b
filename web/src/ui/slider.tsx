import { type CSSProperties, useId } from "react";
import "./slider.css";

interface Props {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** How a value reads, beside the label and for readers. */
  shown: (value: number) => string;
  /** Where a double click on the label leads back to. */
  usual?: number;
  onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step, shown, usual, onChange }: Props) {
  const id = useId();
  const fill = { "--fill": (value - min) / (max - min) } as CSSProperties;
  return (
    <div className="slider">
      <label
        htmlFor={id}
        className="slider-label"
        onDoubleClick={() => usual !== undefined && onChange(usual)}
      >
        <span>{label}</span>
        <span className="slider-value" aria-hidden="true">
          {shown(value)}
        </span>
      </label>
      <input
        id={id}
        type="range"
        style={fill}
        {...{ min, max, step, value }}
        aria-valuetext={shown(value)}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  );
}
