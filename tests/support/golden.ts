// Golden files: expected text under tests/golden/expected, compared exactly. UPDATE_GOLDEN=1 writes
// what the code produces now; the difference is then read in the commit.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";

const folder = join(import.meta.dirname, "../golden/expected");

/** Compares `text` with the golden file of this path under tests/golden/expected. */
export function expectGolden(path: string, text: string): void {
  const file = join(folder, path);
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, "utf8"));
}
