import { useState } from "react";

const KEY = "lipsmith.talks-along";

/** Whether the portrait talks while one types; kept over visits. */
export function useTalksAlong(): [boolean, (on: boolean) => void] {
  const [isOn, setOn] = useState(saved);
  return [
    isOn,
    (on) => {
      localStorage.setItem(KEY, on ? "yes" : "no");
      setOn(on);
    },
  ];
}

function saved(): boolean {
  const told = localStorage.getItem(KEY);
  return told ? told === "yes" : !matchMedia("(prefers-reduced-motion: reduce)").matches;
}
