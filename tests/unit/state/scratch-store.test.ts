// The store of test worlds on a part of a state: what it does not know it refuses, also after a block that came to
// nothing.
import { expect, it } from "vitest";
import { ScratchStore } from "../../../host/state/scratch-store.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { toChanges } from "./reference.ts";
import { get } from "./stored.ts";

it("knows the keys of a block until it is discarded", async () => {
  const store = new ScratchStore(pureStateHasher);
  await store.initialise({ environment: new Uint8Array(32), genesis: new Uint8Array(0) });
  store.limitTo([]);
  const unknown = expect.objectContaining({ code: "FORK_KEY_UNKNOWN" });
  expect(() => get(store, 1)).toThrow(unknown);
  store.apply(toChanges([{ n: 1, value: Uint8Array.of(7) }]));
  expect(get(store, 1)).toEqual(Uint8Array.of(7));
  store.discard();
  expect(() => get(store, 1)).toThrow(unknown);
  store.apply(toChanges([{ n: 1, value: Uint8Array.of(8) }]));
  await store.commit({ height: 1n, block: new Uint8Array(0) });
  store.discard();
  expect(get(store, 1)).toEqual(Uint8Array.of(8));
});
