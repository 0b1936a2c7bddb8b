/** Every word of the studio. A translation is another file of this shape. */
export const en = {
  language: "en",
  brand: "Lipsmith",
  nav: {
    label: "Studio",
    create: "Create",
    library: "Library",
    skip: "Skip to the content",
    theme: { label: "Colours", auto: "As the system", light: "Light", dark: "Dark" },
    signOut: "Sign out",
  },
  session: {
    title: "Sign in",
    lead: "This service needs a key. `lipsmith keys create NAME` makes one.",
    key: "Key",
    enter: "Enter",
    wrong: "This key is not known here. Check that it was copied whole.",
    loading: "Opening the studio",
  },
  problems: {
    offline: "The service does not answer. Is `lipsmith serve` still running?",
    again: "Try again",
    unexpected: "The page failed. Reload it; your renders are safe.",
  },
} as const;

type Words<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...a: infer A) => string
      ? (...a: A) => string
      : Words<T[K]>;
};

export type Texts = Words<typeof en>;
