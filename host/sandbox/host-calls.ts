// The host calls of docs/host-calls.md, written once for every kind of guest: V8 instances import them,
// interpreters call them by number. Each line checks in the order of that table; what depends on an
// argument was already charged inside the guest. Nothing here may look at a clock, a file or a network.

import { copyBytes, SHORT_BYTES } from "../codec/copy-bytes.ts";
import { EngineError } from "../errors.ts";
import { DATA_BYTES_MAX, EVENT_TOPICS_MAX, EVENTS_MAX, HASH_BYTES_MAX } from "../limits.ts";
import { CallStatus, TrapCode } from "../outcome.ts";
import { type HostCallName, hostCallNames } from "../rules/host-call-names.ts";
import { StateClass } from "../state/state-key.ts";
import { addBalance, deleteLock, readAccount, takeCodeOf } from "./account.ts";
import { callFromContract } from "./call-contract.ts";
import { CONTEXT_BYTES, encodeContext } from "./context-struct.ts";
import { EventBytes } from "./event-bytes.ts";
import { FRAME_STOP, type Frame, type Guest } from "./frame.ts";
import { hostFault } from "./instance-pool.ts";

type HostFunction = (...args: number[]) => number | undefined;

const ENTER_REENTRANT = 1;
const ENTER_VIEW = 2;
const CALL_REQUEST_BYTES = 44;
const MESSAGE_REQUEST_BYTES = 68;
const TWO_64 = 2n ** 64n;

/** Where what `account` writes is put together: a view of guest memory would cost more than the copy. */
const accountStruct = new Uint8Array(32);
const accountView = new DataView(accountStruct.buffer);

/** A u128 of its halves; the upper one is nearly always zero. */
const wide = (high: bigint, low: bigint): bigint => (high === 0n ? low : high * TWO_64 + low);

/**
 * What may leave a host call: our own stop, errors of the engine, and everything else as a host fault. A
 * WebAssembly trap of one of our own modules (keccak, prepare) would look like a trap of the guest.
 */
function leaving(thrown: unknown): unknown {
  if (thrown === FRAME_STOP || thrown instanceof EngineError) return thrown;
  return hostFault("the engine failed inside a host call", thrown);
}

/** The call with that watch around it. One function per arity: the engine calls these without adapting. */
function watched(call: HostFunction): HostFunction {
  switch (call.length) {
    case 1:
      return (a) => {
        try {
          return call(a!);
        } catch (thrown) {
          throw leaving(thrown);
        }
      };
    case 2:
      return (a, b) => {
        try {
          return call(a!, b!);
        } catch (thrown) {
          throw leaving(thrown);
        }
      };
    case 3:
      return (a, b, c) => {
        try {
          return call(a!, b!, c!);
        } catch (thrown) {
          throw leaving(thrown);
        }
      };
    default:
      return (a, b, c, d) => {
        try {
          return call(a!, b!, c!, d!);
        } catch (thrown) {
          throw leaving(thrown);
        }
      };
  }
}

/** The calls of one thread; `enter` and `leave` bracket each frame, nested frames inside. */
export class HostCalls {
  #frame: Frame | undefined;
  #guest: Guest | undefined;
  readonly #eventBytes = new EventBytes();
  /** What a module is instantiated with: nothing but `env` and nothing inherited. */
  readonly imports: WebAssembly.Imports;
  readonly #functions: Readonly<Record<HostCallName, HostFunction>>;

  constructor() {
    const watchedCalls = Object.entries(this.#bind()).map(([name, call]) => [name, watched(call)]);
    this.#functions = Object.fromEntries(watchedCalls) as Record<HostCallName, HostFunction>;
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

  /** Guest memory, after the check that the range lies inside: one outside traps `memory_bounds`. */
  #checked(ptr: number, length: number): Uint8Array {
    const memory = (this.#guest as Guest).memory();
    const end = (ptr >>> 0) + (length >>> 0);
    if (end > memory.length) (this.#frame as Frame).trap(TrapCode.memory_bounds);
    return memory;
  }

  /** A view of a range of guest memory. Copy what must outlive the call. */
  #range(ptr: number, length: number): Uint8Array {
    const start = ptr >>> 0;
    return this.#checked(ptr, length).subarray(start, start + (length >>> 0));
  }

  /** A copy of a range of guest memory. */
  #copy(ptr: number, length: number): Uint8Array {
    const memory = this.#checked(ptr, length);
    const start = ptr >>> 0;
    const size = length >>> 0;
    if (size > SHORT_BYTES) return memory.slice(start, start + size);
    const copy = new Uint8Array(size);
    copyBytes(copy, 0, memory, start, size);
    return copy;
  }

  #copyOut(source: Uint8Array, ptr: number, offset: number, length: number): number {
    const memory = this.#checked(ptr, length);
    const start = offset >>> 0;
    const size = length >>> 0;
    if (start + size > source.length) (this.#frame as Frame).trap(TrapCode.data_bounds);
    copyBytes(memory, ptr >>> 0, source, start, size);
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
        encodeContext(frame, this.#checked(ptr!, CONTEXT_BYTES), ptr! >>> 0);
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
        const line = this.#copy(ptr!, length!);
        frame.transaction.log?.(frame.self, line);
        return undefined;
      },
      send_message: (requestPtr, ptr, length) => this.#sendMessage(requestPtr!, ptr!, length!),
      upgrade: (addressPtr) => this.#upgrade(addressPtr!),
    };
  }

  /** A copy of at most DATA_BYTES_MAX bytes of guest memory. */
  #data(frame: Frame, ptr: number, length: number): Uint8Array {
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    return this.#copy(ptr, length);
  }

  #storageOpen(keyPtr: number): number {
    const frame = this.#running("storage_open");
    const memory = this.#checked(keyPtr, 32);
    const { state } = frame.transaction;
    frame.opened = state.open(StateClass.storage, frame.self, memory, keyPtr >>> 0);
    return frame.opened?.length ?? -1;
  }

  #valueRead(ptr: number, offset: number, length: number): undefined {
    const frame = this.#running("value_read");
    const memory = this.#checked(ptr, length);
    const opened = frame.opened;
    const size = length >>> 0;
    if (opened === undefined || (offset >>> 0) + size > opened.length) {
      return frame.trap(TrapCode.data_bounds);
    }
    if (size > 0) copyBytes(memory, ptr >>> 0, opened.read(offset >>> 0, size), 0, size);
  }

  #storageSet(keyPtr: number, ptr: number, length: number): undefined {
    const frame = this.#running("storage_set");
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const memory = this.#checked(keyPtr, 32);
    const value = this.#copy(ptr, length);
    frame.transaction.state.set(StateClass.storage, frame.self, memory, value, keyPtr >>> 0);
  }

  #storageDelete(keyPtr: number): undefined {
    const frame = this.#running("storage_delete");
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    const memory = this.#checked(keyPtr, 32);
    frame.transaction.state.delete(StateClass.storage, frame.self, memory, keyPtr >>> 0);
  }

  #account(addressPtr: number, ptr: number): undefined {
    const frame = this.#running("account");
    const address = this.#copy(addressPtr, 20);
    const memory = this.#checked(ptr, 32);
    const { balance, codeHash } = readAccount(frame.transaction.state, address);
    accountView.setBigUint64(0, balance < TWO_64 ? 0n : balance >> 64n);
    // Stored modulo 2^64.
    accountView.setBigUint64(8, balance);
    accountStruct[16] = codeHash === undefined ? 0 : 1;
    copyBytes(memory, ptr >>> 0, accountStruct, 0, 32);
  }

  #emit(topicsPtr: number, topicCount: number, ptr: number, length: number): undefined {
    const frame = this.#running("emit");
    const { events } = frame.transaction;
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    if (topicCount > EVENT_TOPICS_MAX) frame.trap(TrapCode.too_many_topics);
    if (length >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const topicBytes = topicCount * 32;
    const memory = this.#checked(topicsPtr, topicBytes);
    this.#checked(ptr, length);
    const topics = this.#eventBytes.copy(memory, topicsPtr >>> 0, topicBytes);
    const data = this.#eventBytes.copy(memory, ptr >>> 0, length >>> 0);
    if (events.length >= EVENTS_MAX) frame.trap(TrapCode.events_full);
    events.add({ emitter: frame.self, topics, data });
  }

  #call(requestPtr: number, inputPtr: number, inputLength: number): number {
    const frame = this.#running("call");
    const guest = this.#guest as Guest;
    if (inputLength >>> 0 > DATA_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    const request = this.#copy(requestPtr, CALL_REQUEST_BYTES);
    const input = this.#copy(inputPtr, inputLength);
    const view = new DataView(request.buffer);
    const value = wide(view.getBigUint64(20), view.getBigUint64(28));
    // Above 2^53 not exact, and far over any gas: the lesser of the two is right in all cases.
    const cap = view.getUint32(36) * 2 ** 32 + view.getUint32(40);
    const gas = guest.gas();
    const forwarded = Math.min(cap, gas - Math.floor(gas / 64));
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

  #sendMessage(requestPtr: number, ptr: number, length: number): number {
    const frame = this.#running("send_message");
    const { outbox, state } = frame.transaction;
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    if (length >>> 0 > outbox.bytesMax) frame.trap(TrapCode.data_too_long);
    const request = this.#copy(requestPtr, MESSAGE_REQUEST_BYTES);
    const input = this.#copy(ptr, length);
    if (outbox.isFull) frame.trap(TrapCode.outbox_full);
    const view = new DataView(request.buffer);
    const value = wide(view.getBigUint64(52), view.getBigUint64(60));
    if (readAccount(state, frame.self).balance < value) return CallStatus.refused;
    addBalance(state, frame.self, -value);
    const target = request.subarray(0, 32);
    outbox.add({ target, sender: frame.self, to: request.subarray(32, 52), value, input });
    return CallStatus.success;
  }

  #enter(flags: number): undefined {
    const frame = this.#running("enter");
    if ((flags & ~(ENTER_REENTRANT | ENTER_VIEW)) !== 0) frame.trap(TrapCode.bad_argument);
    if (flags !== 0) deleteLock(frame.transaction.state, frame.self);
    if ((flags & ENTER_VIEW) !== 0) frame.readOnly = true;
  }

  #upgrade(addressPtr: number): number {
    const frame = this.#running("upgrade");
    if (frame.readOnly) frame.trap(TrapCode.read_only);
    const address = this.#copy(addressPtr, 20);
    return takeCodeOf(frame.transaction.state, frame.self, address) ? 1 : 0;
  }

  #hash(name: "keccak256" | "sha256", ptr: number, length: number, outPtr: number): undefined {
    const frame = this.#running(name);
    if (length >>> 0 > HASH_BYTES_MAX) frame.trap(TrapCode.data_too_long);
    this.#checked(ptr, length);
    const memory = this.#checked(outPtr, 32);
    const { crypto } = frame.transaction;
    const start = ptr >>> 0;
    const end = start + (length >>> 0);
    if (name === "keccak256") crypto.keccak256Into(memory, start, end, memory, outPtr >>> 0);
    else copyBytes(memory, outPtr >>> 0, crypto.sha256(memory.subarray(start, end)), 0, 32);
  }

  #recover(digestPtr: number, signaturePtr: number, outPtr: number): number {
    const frame = this.#running("secp256k1_recover");
    const digest = this.#copy(digestPtr, 32);
    const signature = this.#copy(signaturePtr, 65);
    const out = this.#range(outPtr, 64);
    const key = frame.transaction.crypto.recover(digest, signature);
    if (key === undefined) return 0;
    out.set(key);
    return 1;
  }
}
