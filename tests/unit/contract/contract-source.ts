// Small contracts of the tests, and what is asked of their modules.

import { readFileSync } from "node:fs";
import type { ContractAbi } from "../../../host/abi/abi.ts";
import { buildContract, type ContractBuild } from "../../../host/contract/index.ts";
import { EngineError } from "../../../host/errors.ts";

/** Makes contracts out of members, and of what stands before the class, below the imports that `head` has. */
export const contractAfter =
  (head: string) =>
  (members: string, before = ""): string =>
    `${head}${before}
@contract
export class Test {
${members}
}
`;

/** Builds `source` as `assembly/test.ts`. */
export function build(source: string, others: Record<string, string> = {}): Promise<ContractBuild> {
  const files = { ...others, "assembly/test.ts": source };
  return buildContract({ entry: "assembly/test.ts", files });
}

/** Builds a contract of fixtures/contracts. */
export function buildFixture(name: string): Promise<ContractBuild> {
  const url = new URL(`../../../fixtures/contracts/${name}.ts`, import.meta.url);
  const entry = `assembly/${name.split("/").at(-1)}.ts`;
  return buildContract({ entry, files: { [entry]: readFileSync(url, "utf8") } });
}

/** The diagnostics of a source that must not build. */
export async function refusal(
  source: string,
  others: Record<string, string> = {},
): Promise<string> {
  try {
    await build(source, others);
  } catch (error) {
    if (error instanceof EngineError && error.code === "BUILD_FAILED")
      return String(error.details.diagnostics);
    throw error;
  }
  return "it was built";
}

interface Described {
  readonly name: string;
  readonly module: string;
}
const reflection = WebAssembly.Module as unknown as {
  exports(module: WebAssembly.Module): Described[];
  imports(module: WebAssembly.Module): Described[];
};

export function exportsOf(wasm: Uint8Array): string[] {
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  return reflection
    .exports(module)
    .map((one) => one.name)
    .sort();
}

export function importsOf(wasm: Uint8Array): string[] {
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  return reflection
    .imports(module)
    .map((one) => `${one.module}.${one.name}`)
    .sort();
}

export type { ContractAbi };
