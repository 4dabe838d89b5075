import { beforeEach, describe, expect, test } from "vitest";
import { clearPlace, keepPlace, readPlace, type Place, type Shelf } from "./place";

const place: Place = {
  room: "room_1",
  token: "secret",
  name: "Ann",
  title: "Physics",
  invite: null,
  microphone: true,
  camera: false,
};

let shelf: Shelf & { state: unknown };
beforeEach(() => {
  shelf = {
    state: null,
    // As the browser does it: what is kept is a copy.
    replaceState(data) {
      shelf.state = structuredClone(data);
    },
  };
});

describe("the place a reload keeps", () => {
  test("is read back as it was", () => {
    keepPlace(shelf, place, 1_000);
    expect(readPlace(shelf, "room_1", 30_000)).toEqual(place);
  });

  test("is good for its own room only", () => {
    keepPlace(shelf, place, 1_000);
    expect(readPlace(shelf, "room_2", 1_000)).toBeNull();
  });

  test("is not taken again when nobody was there for two minutes", () => {
    keepPlace(shelf, place, 1_000);
    expect(readPlace(shelf, "room_1", 121_000)).toEqual(place);
    expect(readPlace(shelf, "room_1", 121_001)).toBeNull();
  });

  test("is gone once cleared", () => {
    keepPlace(shelf, place, 1_000);
    clearPlace(shelf);
    expect(shelf.state).toBeNull();
    expect(readPlace(shelf, "room_1", 1_000)).toBeNull();
  });

  test.each([null, 7, "x", {}, { place: null }, { place: { room: "room_1", seen: 1_000 } }])(
    "is never made out of anything else: %j",
    (state) => {
      shelf.state = state;
      expect(readPlace(shelf, "room_1", 1_000)).toBeNull();
    },
  );
});
