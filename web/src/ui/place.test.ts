import { expect, test } from "vitest";
import { addressOf, type Place, placeOf } from "./place";

test.each<Place>([
  { page: "create", from: null },
  { page: "create", from: "a/b" },
  { page: "library" },
  { page: "render", id: "01-é" },
])("an address leads back to its place: %o", (place) => {
  expect(placeOf(addressOf(place))).toEqual(place);
});

test("an address that nobody made leads to the composer", () => {
  expect(placeOf("#/nowhere/at/all")).toEqual({ page: "create", from: null });
});
