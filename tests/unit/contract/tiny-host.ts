// A host of a few dozen lines for contract tests: storage in a Map, no gas, no rollback between contracts
// beyond what a test needs. The real one is host/sandbox; this one only shows what a module asks for.

import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "../../../host/codec/hex.ts";

export interface TinyEvent {
  readonly emitter: string;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

export interface TinyResult {
  readonly status: 0 | 1 | 2 | 3;
  readonly output: Uint8Array;
}

interface Account {
  readonly module: WebAssembly.Module;
  readonly storage: Map<string, Uint8Array>;
  locked: boolean;
}

class Revert extends Error {
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    super("revert");
    this.data = data;
  }
}

export const address = (byte: number): Uint8Array => new Uint8Array(20).fill(byte);

/** Contracts by address; calls go through the same path from outside and from contracts. */
export class TinyHost {
  readonly accounts = new Map<string, Account>();
  readonly events: TinyEvent[] = [];
  readonly entered: number[] = [];
  /** Host calls made since the last `call` from outside, by name. */
  readonly calls: string[] = [];
  height = 7n;
  time = 1_700_000_000n;

  deploy(
    at: Uint8Array,
    wasm: Uint8Array,
    initArguments: Uint8Array,
    caller = address(0xee),
  ): TinyResult {
    const module = new WebAssembly.Module(wasm);
    this.accounts.set(toHex(at), { module, storage: new Map(), locked: false });
    return this.run(at, caller, initArguments, { deployment: true, readOnly: false, value: 0n });
  }

  call(at: Uint8Array, input: Uint8Array, caller = address(0xaa), value = 0n): TinyResult {
    this.calls.length = 0;
    return this.run(at, caller, input, { deployment: false, readOnly: false, value });
  }

  private context(
    at: Uint8Array,
    caller: Uint8Array,
    inputLength: number,
    flags: number,
    value: bigint,
  ): Uint8Array {
    const bytes = new Uint8Array(200);
    const view = new DataView(bytes.buffer);
    bytes.set(at, 0);
    bytes.set(caller, 20);
    bytes.set(address(0x0f), 40);
    bytes.set(address(0x0e), 60);
    bytes.fill(0xe1, 80, 112);
    view.setBigUint64(112, value >> 64n);
    view.setBigUint64(120, value & (2n ** 64n - 1n));
    view.setBigUint64(128, this.height);
    view.setBigUint64(136, this.time);
    view.setBigUint64(144, 3n);
    view.setBigUint64(152, 5n);
    view.setBigUint64(160, 1_000_000n);
    view.setUint32(168, inputLength);
    view.setUint32(172, flags);
    return bytes;
  }

  private run(
    at: Uint8Array,
    caller: Uint8Array,
    input: Uint8Array,
    mode: { deployment: boolean; readOnly: boolean; value: bigint },
  ): TinyResult {
    const self = toHex(at);
    const account = this.accounts.get(self);
    if (account === undefined) return { status: 0, output: new Uint8Array() };
    if (account.locked) return { status: 3, output: new Uint8Array() };
    account.locked = true;
    const before = new Map(account.storage);
    const eventsBefore = this.events.length;
    let output = new Uint8Array();
    let opened: Uint8Array | undefined;
    let returned = new Uint8Array();
    let readOnly = mode.readOnly;
    let memory: WebAssembly.Memory | undefined;
    const bytes = (ptr: number, length: number): Uint8Array => {
      const all = new Uint8Array((memory as WebAssembly.Memory).buffer);
      if ((ptr >>> 0) + (length >>> 0) > all.length) throw new RangeError("memory_bounds");
      return all.subarray(ptr >>> 0, (ptr >>> 0) + (length >>> 0));
    };
    const copyOut = (from: Uint8Array, ptr: number, offset: number, length: number): void => {
      if ((offset >>> 0) + (length >>> 0) > from.length) throw new RangeError("data_bounds");
      bytes(ptr, length).set(from.subarray(offset >>> 0, (offset >>> 0) + (length >>> 0)));
    };
    const writable = (): void => {
      if (readOnly) throw new RangeError("read_only");
    };
    const env: Record<string, (...args: number[]) => number | undefined> = {
      input: (ptr = 0, offset = 0, length = 0) => {
        copyOut(input, ptr, offset, length);
        return input.length;
      },
      output: (ptr = 0, length = 0) => void (output = bytes(ptr, length).slice()),
      revert: (ptr = 0, length = 0) => {
        throw new Revert(bytes(ptr, length).slice());
      },
      context: (ptr = 0) => {
        const flags = (mode.deployment ? 1 : 0) | (readOnly ? 2 : 0);
        bytes(ptr, 200).set(this.context(at, caller, input.length, flags, mode.value));
        return undefined;
      },
      storage_open: (key = 0) => {
        opened = account.storage.get(toHex(bytes(key, 32)));
        return opened === undefined ? -1 : opened.length;
      },
      value_read: (ptr = 0, offset = 0, length = 0) => {
        if (opened === undefined) throw new RangeError("data_bounds");
        copyOut(opened, ptr, offset, length);
        return undefined;
      },
      storage_set: (key = 0, ptr = 0, length = 0) => {
        writable();
        account.storage.set(toHex(bytes(key, 32)), bytes(ptr, length).slice());
        return undefined;
      },
      storage_delete: (key = 0) => {
        writable();
        account.storage.delete(toHex(bytes(key, 32)));
        return undefined;
      },
      account: (who = 0, ptr = 0) => {
        const info = bytes(ptr, 32).fill(0);
        info[15] = 9;
        info[16] = this.accounts.has(toHex(bytes(who, 20))) ? 1 : 0;
        return undefined;
      },
      emit: (topics = 0, count = 0, ptr = 0, length = 0) => {
        writable();
        const list = Array.from({ length: count }, (_, i) => bytes(topics + 32 * i, 32).slice());
        this.events.push({ emitter: self, topics: list, data: bytes(ptr, length).slice() });
        return undefined;
      },
      call: (request = 0, ptr = 0, length = 0) => {
        const target = bytes(request, 20).slice();
        const view = new DataView(bytes(request, 44).slice().buffer);
        const value = (view.getBigUint64(20) << 64n) | view.getBigUint64(28);
        const result = this.run(target, at, bytes(ptr, length).slice(), {
          deployment: false,
          readOnly,
          value,
        });
        returned = result.output as Uint8Array<ArrayBuffer>;
        return result.status;
      },
      output_read: (ptr = 0, offset = 0, length = 0) => {
        copyOut(returned, ptr, offset, length);
        return returned.length;
      },
      enter: (flags = 0) => {
        this.entered.push(flags);
        account.locked = false;
        if ((flags & 2) !== 0) readOnly = true;
        return undefined;
      },
      keccak256: (ptr = 0, length = 0, out = 0) =>
        void bytes(out, 32).set(keccak_256(bytes(ptr, length))),
      sha256: (ptr = 0, length = 0, out = 0) => void bytes(out, 32).set(sha256(bytes(ptr, length))),
      secp256k1_recover: (_digest = 0, signature = 0, out = 0) => {
        if (bytes(signature, 65)[64] !== 27) return 0;
        bytes(out, 64).fill(0x42);
        return 1;
      },
    };
    const counted = Object.fromEntries(
      Object.entries(env).map(([name, call]) => [
        name,
        (...args: number[]) => {
          this.calls.push(name);
          return call(...args);
        },
      ]),
    );
    try {
      const instance = new WebAssembly.Instance(account.module, { env: counted });
      memory = instance.exports.memory as WebAssembly.Memory;
      (instance.exports._start as () => void)();
      (instance.exports.main as () => void)();
      return { status: 0, output };
    } catch (error) {
      account.storage.clear();
      for (const [key, value] of before) account.storage.set(key, value);
      this.events.length = eventsBefore;
      if (error instanceof Revert) return { status: 1, output: error.data };
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError)
        return { status: 2, output: new Uint8Array() };
      throw error;
    } finally {
      account.locked = false;
    }
  }
}
