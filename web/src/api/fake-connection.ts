import { vi } from "vitest";

/** A stream of events as browsers have it, for tests, which say what comes over it. */
export class FakeConnection extends EventTarget {
  static all: FakeConnection[] = [];
  isOpen = true;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    FakeConnection.all.push(this);
  }

  /** From here on the page gets these in place of its own. */
  static install(): void {
    FakeConnection.all = [];
    vi.stubGlobal("EventSource", FakeConnection);
  }

  /** The one that was opened last. */
  static get last(): FakeConnection {
    const connection = FakeConnection.all.at(-1);
    if (!connection) throw new Error("nothing was opened");
    return connection;
  }

  close() {
    this.isOpen = false;
  }

  tell(kind: "begin" | "progress" | "ping", id: number, data: object = {}) {
    const message = { data: JSON.stringify(data), lastEventId: String(id) };
    this.dispatchEvent(new MessageEvent(kind, message));
  }
}
