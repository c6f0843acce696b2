// The compute kernels of `plasma bench metering`: contracts in fixtures/contracts/kernels with one
// method `run(n)`, and the n of each size. At size `large` a run takes 2 to 20 ms, so that the clock, entry and
// dispatch vanish beside the loops; at size `small` it only shows that everything works.
import { encodeCall } from "../../host/abi/encode-call.ts";
import { buildFixture } from "./fixtures.ts";
import type { KernelInput } from "./measure-metering.ts";
import type { BenchSize } from "./suite.ts";

interface Kernel {
  /** File in fixtures/contracts/kernels without its ending. */
  readonly name: string;
  readonly n: Readonly<Record<BenchSize, number>>;
}

export const kernels: readonly Kernel[] = [
  { name: "fib", n: { small: 10, large: 30 } },
  { name: "sieve", n: { small: 1_000, large: 1_000_000 } },
  { name: "matrix", n: { small: 8, large: 192 } },
  { name: "sha256", n: { small: 10, large: 20_000 } },
  { name: "sort", n: { small: 50, large: 50_000 } },
  { name: "map", n: { small: 50, large: 60_000 } },
  { name: "text", n: { small: 20, large: 8_000 } },
  { name: "wide", n: { small: 20, large: 10_000 } },
  { name: "table", n: { small: 100, large: 1_000_000 } },
  { name: "bulk", n: { small: 20, large: 40_000 } },
];

/** Builds the kernels' contracts. */
export async function buildKernels(size: BenchSize): Promise<KernelInput[]> {
  const inputs: KernelInput[] = [];
  for (const { name, n } of kernels) {
    const { wasm, abi } = await buildFixture(`kernels/${name}`);
    inputs.push({ name, wasm, input: encodeCall(abi, "run", [String(n[size])]) });
  }
  return inputs;
}
