import { type Composition, EMPTY } from "./composition";

const KEY = "lipsmith.composition";

/** The composition of the last visit; what is damaged or from another release is left out. */
export function savedComposition(): Composition {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (typeof saved !== "object" || saved === null) return EMPTY;
    const known = Object.entries(saved).filter(([name, value]) => fits(name, value));
    return { ...EMPTY, ...(Object.fromEntries(known) as Partial<Composition>) };
  } catch {
    return EMPTY;
  }
}

export function saveComposition(now: Composition): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    // A full or forbidden storage: the page works on without.
  }
}

function fits(name: string, value: unknown): boolean {
  if (!(name in EMPTY)) return false;
  const usual = EMPTY[name as keyof Composition];
  if (usual === null)
    return value === null || ["object", "string", "number"].includes(typeof value);
  return typeof value === typeof usual && value !== null;
}
