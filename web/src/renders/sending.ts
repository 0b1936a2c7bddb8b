import { useSyncExternalStore } from "react";
import type { Problem } from "../api/client";

/** A render that is on its way to the service, or could not be sent yet. */
export interface Sending {
  key: string;
  title: string;
  problem: Problem | null;
  stop: () => void;
  again: (() => void) | null;
}

let sending: readonly Sending[] = [];
const watchers = new Set<() => void>();

export function useSending(): readonly Sending[] {
  return useSyncExternalStore(watch, () => sending);
}

export function addSending(one: Pick<Sending, "key" | "title">): void {
  change([...sending, { ...one, problem: null, again: null, stop: () => endSending(one.key) }]);
}

export function changeSending(key: string, to: Partial<Sending>): void {
  change(sending.map((one) => (one.key === key ? { ...one, ...to } : one)));
}

export function endSending(key: string): void {
  change(sending.filter((one) => one.key !== key));
}

function change(to: readonly Sending[]) {
  sending = to;
  for (const told of watchers) told();
}

function watch(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}
