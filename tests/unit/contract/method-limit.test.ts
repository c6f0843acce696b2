// How many methods a contract may have: the compiler takes minutes over a dispatcher of thousands.
import { describe, expect, it } from "vitest";
import { buildContract } from "../../../host/contract/build.ts";

function build(methods: number): Promise<unknown> {
  const lines = Array.from({ length: methods }, (_, i) => `@call m${i}(): u64 { return ${i}; }`);
  const source = `@contract\nexport class Many {\n${lines.join("\n")}\n}\n`;
  return buildContract({ entry: "many.ts", files: { "many.ts": source } });
}

describe("a contract", () => {
  it("may have 256 methods and not one more", async () => {
    await expect(build(256)).resolves.toBeDefined();
    await expect(build(257)).rejects.toThrow("at most 256 methods");
  });
});
