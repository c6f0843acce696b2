// prepare as the chain runs it: its own emitted module on V8, metered, over plain bytes in place of a
// frame. Gives the record or the revert data, and the gas that the guest paid.
import { keccak256 } from "../../host/codec/keccak.ts";
import { DEPTH_BUDGET } from "../../host/limits.ts";
import { emitWasm } from "../../host/program/emit-wasm.ts";
import { prepareModule } from "../../host/program/prepare.ts";
import { prepareModule as prepareWasm } from "../../host/program/prepare-module.ts";

export interface MeteredRun {
  readonly record: Uint8Array | undefined;
  readonly revertData: Uint8Array | undefined;
  readonly gasUsed: bigint;
}

const GAS = 1n << 40n;

class Reverted {
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    this.data = data;
  }
}

/** Prepares `wasm` in a metered instance of prepare under `rules`. */
export function prepareMetered(wasm: Uint8Array, rules: Uint8Array): MeteredRun {
  const emitted = emitWasm(prepareModule(prepareWasm, rules));
  let record: Uint8Array | undefined;
  const view = () => new Uint8Array((exports["plasma:memory"] as WebAssembly.Memory).buffer);
  const copy = (source: Uint8Array, ptr: number, offset: number, length: number) => {
    view().set(source.subarray(offset, offset + length), ptr >>> 0);
  };
  const env = {
    input: (ptr: number, offset: number, length: number) => {
      copy(wasm, ptr, offset, length);
      return wasm.length;
    },
    output: (ptr: number, length: number) => {
      record = view().slice(ptr, ptr + length);
    },
    revert: (ptr: number, length: number) => {
      throw new Reverted(view().slice(ptr, ptr + length));
    },
    storage_open: () => rules.length,
    value_read: (ptr: number, offset: number, length: number) => copy(rules, ptr, offset, length),
    keccak256: (ptr: number, length: number, outPtr: number) => {
      view().set(keccak256(view().slice(ptr, ptr + length)), outPtr);
    },
  };
  const module = new WebAssembly.Module(emitted.bytes as Uint8Array<ArrayBuffer>);
  const exports = new WebAssembly.Instance(module, { env: env as never }).exports;
  const call = (name: string) => (exports[name] as unknown as () => void)();
  const gas = exports["plasma:gas"] as WebAssembly.Global<"i64">;
  call("plasma:reset");
  gas.value = GAS;
  (exports["plasma:depth"] as WebAssembly.Global<"i32">).value = DEPTH_BUDGET;
  let revertData: Uint8Array | undefined;
  try {
    call("plasma:enter");
  } catch (thrown) {
    if (!(thrown instanceof Reverted)) throw thrown;
    revertData = thrown.data;
  }
  return { record, revertData, gasUsed: GAS - gas.value };
}
