// Test runner settings. CLI tests run the built dist/, so `npm test` builds first. Builds of contracts are
// shared between tests through a cache of the checkout's own.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { XDG_CACHE_HOME: resolve(".plasma/cache") },
    pool: "forks",
    maxWorkers: 2,
  },
});
