// What the tests of stores share: directories that are gone after each test, and the values under the keys of
// reference.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { StateStore } from "../../../host/state/state-store.ts";
import { testKey } from "./reference.ts";

const directories: string[] = [];
afterEach(() => {
  for (const path of directories.splice(0)) rmSync(path, { recursive: true, force: true });
});

export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "plasma-state-"));
  directories.push(path);
  return path;
}

export function get(store: StateStore, n: number): Uint8Array | undefined {
  const { cls, address, key } = testKey(n);
  return store.source().get(cls, address, key)?.slice();
}
