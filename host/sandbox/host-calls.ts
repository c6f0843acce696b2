// The host calls of docs/host-calls.md, written once for every kind of guest: V8 instances import them,
// interpreters call them by number. Each line checks in the order of that table; what depends on an
// argument was already charged inside the guest. Nothing here may look at a clock, a file or a network.

import { DATA_BYTES_MAX, EVENT_TOPICS_MAX, EVENTS_DEPTH, HASH_BYTES_MAX } from "../limits.ts";
import { TrapCode } from "../outcome.ts";
import { StateClass } from "../state/state-key.ts";
import { deleteLock, readAccount } from "./account.ts";
import { callFromContract } from "./call-contract.ts";
import { encodeContext } from "./context-struct.ts";
import type { Frame, Guest } from "./frame.ts";

/** Host calls by number minus one; the order is the numbering of docs/host-calls.md. */
export const hostCallNames = [
  "input",
  "output",
  "revert",
  "context",
  "storage_open",
  "value_read",
  "storage_set",
  "storage_delete",
  "account",
  "emit",
  "call",
  "output_read",
  "enter",
  "keccak256",
  "sha256",
  "secp256k1_recover",
  "log",
] as const;
export type HostCallName = (typeof hostCallNames)[number];

type HostFunction = (...args: number[]) => number | undefined;

const ENTER_REENTRANT = 1;
const ENTER_VIEW = 2;
const CALL_REQUEST_BYTES = 44;
const TWO_64 = 2n ** 64n;

/** The calls of one thread; `enter` and `leave` bracket each frame, nested frames inside. */
export class HostCalls {
  #frame: Frame | undefined;
  #guest: Guest | undefined;
  /** What a module is instantiated with: nothing but `env` and nothing inherited. */
  readonly imports: WebAssembly.Imports;
  readonly #functions: Readonly<Record<HostCallName, HostFunction>>;

  constructor() {
    this.#functions = this.#bind();
    const env = Object.assign(
      Object.create(null) as Record<string, WebAssembly.Callable>,
      this.#functions,
    );
    this.imports = Object.assign(Object.create(null) as WebAssembly.Imports, { env });
  }

  /** Runs `body` with `frame` as the running frame; the frame below runs again afterwards. */
  within(frame: Frame, guest: Guest, body: () => void): void {
    const frameBelow = this.#frame;
    const guestBelow = this.#guest;
    this.#frame = frame;
    this.#guest = guest;
    try {
      body();
    } finally {
      this.#frame = frameBelow;
      this.#guest = guestBelow;
    }
  }

  /** Host call `number` (1-based) for guests that are not Wasm instances; i32 arguments and result. */
  invoke(number: number, args: readonly number[]): number | undefined {
    const name = hostCallNames[number - 1] as HostCallName;
    return this.#functions[name](...args);
  }

  #running(name: HostCallName): Frame {
    const frame = this.#frame as Frame;
    const observer = frame.transaction.observer;
    if (observer?.hostCall !== undefined) observer.hostCall(frame, name, this.#guest?.gas() ?? 0);
    return frame;
  }

  /** A view of guest memory; a range outside traps `memory_bounds`. Copy what must outlive the call. */
  #range(ptr: number, length: number): Uint8Array {
    const memory = (this.#guest as Guest).memory();
    const start = ptr >>> 0;
    const end = start + (length >>> 0);
    if (end > memory.length) (this.#frame as Frame).trap(TrapCode.memory_bounds);
    return memory.subarray(start, end);
  }

  #copyOut(source: Uint8Array, ptr: number, offset: number, length: number): number {
    const target = this.#range(ptr, length);
    const start = offset >>> 0;
    const end = start + (length >>> 0);
    if (end > source.length) (this.#frame as Frame).trap(TrapCode.data_bounds);
    target.set(source.subarray(start, end));
    return source.length;
  }

  #bind(): Record<HostCallName, HostFunction> {
    return {
      input: (ptr, offset, length) =>
        this.#copyOut(this.#running("input").input, ptr!, offset!, length!),
      output: (ptr, length) => {
        const frame = this.#running("output");
        frame.output = this.#data(frame, ptr!, length!);
        return undefined;
      },
      revert: (ptr, length) => {
        const frame = this.#running("revert");
        return frame.revert(this.#data(frame, ptr!, length!));
      },
      context: (ptr) => {
        const frame = this.#running("context");
        encodeContext(frame, this.#range(ptr!, 200));
        return undefined;
      },
      storage_open: (keyPtr) => this.#storageOpen(keyPtr!),
      value_read: (ptr, offset, length) => this.#valueRead(ptr!, offset!, length!),
      storage_set: (keyPtr, ptr, length) => this.#storageSet(keyPtr!, ptr!, length!),
      storage_delete: (keyPtr) => this.#storageDelete(keyPtr!),
      account: (addressPtr, ptr) => this.#account(addressPtr!, ptr!),
      emit: (topicsPtr, topicCount, ptr, length) =>
        this.#emit(topicsPtr!, topicCount! >>> 0, ptr!, length!),
      call: (requestPtr, inputPtr, inputLength) => this.#call(requestPtr!, inputPtr!, inputLength!),
      output_read: (ptr, offset, length) =>
        this.#copyOut(this.#running("output_read").returned, ptr!, offset!, length!),
      enter: (flags) => this.#enter(flags! >>> 0),
      keccak256: (ptr, length, outPtr) => this.#hash("keccak256", ptr!, length!, outPtr!),
      sha256: (ptr, length, outPtr) => this.#hash("sha256", ptr!, length!, outPtr!),
      secp256k1_recover: (digestPtr, signaturePtr, outPtr) =>
        this.#recover(digestPtr!, signaturePtr!, outPtr!),
      log: (ptr, length) => {
        const frame = this.#running("log");
        // Copied before anyone is asked for: whether somebody listens must not decide about a trap.
        const line = this.#range(ptr!, length!).slice();
        frame.transaction.log?.(frame.self, line);
        return undefined;
      },
    };
  }

  /** A copy of at most DATA_BYTES_MAX bytes of guest memory. */
  #data(frame: Frame, ptr: number, length: number): Uint8Array {
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    return this.#range(ptr, length).slice();
  }

  #storageOpen(keyPtr: number): number {
    const frame = this.#running("storage_open");
    const key = this.#range(keyPtr, 32);
    frame.opened = frame.transaction.state.open(StateClass.storage, frame.self, key);
    return frame.opened?.length ?? -1;
  }

  #valueRead(ptr: number, offset: number, length: number): undefined {
    const frame = this.#running("value_read");
    const target = this.#range(ptr, length);
    const opened = frame.opened;
    const end = (offset >>> 0) + (length >>> 0);
    if (opened === undefined || end > opened.length) return frame.trap(TrapCode.data_bounds);
    if (target.length > 0) target.set(opened.read(offset >>> 0, target.length));
  }

  #storageSet(keyPtr: number, ptr: number, length: number): undefined {
    const frame = this.#running("storage_set");
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const key = this.#range(keyPtr, 32);
    const value = this.#range(ptr, length).slice();
    frame.transaction.state.set(StateClass.storage, frame.self, key, value);
  }

  #storageDelete(keyPtr: number): undefined {
    const frame = this.#running("storage_delete");
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    frame.transaction.state.delete(StateClass.storage, frame.self, this.#range(keyPtr, 32));
  }

  #account(addressPtr: number, ptr: number): undefined {
    const frame = this.#running("account");
    const address = this.#range(addressPtr, 20).slice();
    const target = this.#range(ptr, 32);
    const { balance, codeHash } = readAccount(frame.transaction.state, address);
    target.fill(0);
    const view = new DataView(target.buffer, target.byteOffset, 32);
    view.setBigUint64(0, balance / TWO_64);
    view.setBigUint64(8, balance % TWO_64);
    target[16] = codeHash === undefined ? 0 : 1;
  }

  #emit(topicsPtr: number, topicCount: number, ptr: number, length: number): undefined {
    const frame = this.#running("emit");
    const { events } = frame.transaction;
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    if (topicCount > EVENT_TOPICS_MAX) frame.trap(TrapCode.too_many_topics);
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const bytes = this.#range(topicsPtr, topicCount * 32).slice();
    const data = this.#range(ptr, length).slice();
    if (events.length >= 2 ** EVENTS_DEPTH) frame.trap(TrapCode.events_full);
    const topics: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 32) topics.push(bytes.subarray(at, at + 32));
    events.add({ emitter: frame.self, topics, data });
  }

  #call(requestPtr: number, inputPtr: number, inputLength: number): number {
    const frame = this.#running("call");
    const guest = this.#guest as Guest;
    const request = this.#range(requestPtr, CALL_REQUEST_BYTES).slice();
    const input = this.#range(inputPtr, inputLength).slice();
    const view = new DataView(request.buffer);
    const value = view.getBigUint64(20) * TWO_64 + view.getBigUint64(28);
    const cap = view.getBigUint64(36);
    const gas = guest.gas();
    const available = gas - Math.floor(gas / 64);
    const forwarded = cap < BigInt(available) ? Number(cap) : available;
    const end = callFromContract(frame, {
      target: request.subarray(0, 20),
      value,
      input,
      gas: forwarded,
      depth: guest.depth(),
      livePages: frame.livePages + guest.memory().length / 65_536,
    });
    frame.returned = end.output;
    guest.setGas(gas - forwarded + end.gasLeft);
    return end.status;
  }

  #enter(flags: number): undefined {
    const frame = this.#running("enter");
    if ((flags & ~(ENTER_REENTRANT | ENTER_VIEW)) !== 0) frame.trap(TrapCode.bad_argument);
    if (flags !== 0) deleteLock(frame.transaction.state, frame.self);
    if ((flags & ENTER_VIEW) !== 0) frame.readOnly = true;
  }

  #hash(name: "keccak256" | "sha256", ptr: number, length: number, outPtr: number): undefined {
    const frame = this.#running(name);
    if (length >>> 0 > HASH_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const bytes = this.#range(ptr, length);
    const out = this.#range(outPtr, 32);
    out.set(frame.transaction.crypto[name](bytes));
  }

  #recover(digestPtr: number, signaturePtr: number, outPtr: number): number {
    const frame = this.#running("secp256k1_recover");
    const digest = this.#range(digestPtr, 32).slice();
    const signature = this.#range(signaturePtr, 65).slice();
    const out = this.#range(outPtr, 64);
    const key = frame.transaction.crypto.recover(digest, signature);
    if (key === undefined) return 0;
    out.set(key);
    return 1;
  }
}
