import { useSyncExternalStore } from "react";

/** Where in the studio one is; kept in the address behind #, so that reload and back work. */
export type Place =
  | { page: "create"; from: string | null }
  | { page: "library" }
  | { page: "render"; id: string };

export function placeOf(hash: string): Place {
  const [page, id] = hash.replace(/^#\/?/, "").split("/");
  if (page === "library") return { page: "library" };
  if (page === "render" && id) return { page: "render", id: decodeURIComponent(id) };
  return { page: "create", from: page === "again" && id ? decodeURIComponent(id) : null };
}

export function addressOf(place: Place): string {
  if (place.page === "library") return "#/library";
  if (place.page === "render") return `#/render/${encodeURIComponent(place.id)}`;
  return place.from ? `#/again/${encodeURIComponent(place.from)}` : "#/";
}

export function go(place: Place): void {
  location.hash = addressOf(place);
}

export function usePlace(): Place {
  return placeOf(useSyncExternalStore(onMove, () => location.hash));
}

function onMove(told: () => void): () => void {
  addEventListener("hashchange", told);
  return () => removeEventListener("hashchange", told);
}
