// A project that has not installed fast-check, which is optional, and wants to fuzz.
import { expect, it, vi } from "vitest";

it("fuzz says what to install where fast-check is missing", async () => {
  vi.doMock("fast-check", () => {
    throw new TypeError("Cannot find package");
  });
  const { loadFastCheck } = await import("../../../host/testing/abi-arbitrary.ts");
  await expect(loadFastCheck()).rejects.toMatchObject({
    code: "TEST_FAST_CHECK_MISSING",
    hint: "npm install --save-dev fast-check",
  });
  vi.doUnmock("fast-check");
});
