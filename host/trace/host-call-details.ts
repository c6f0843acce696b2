// What a host call was given and what it gave back, read from the guest's memory before and after it:
// numbers, bytes as hex, storage keys and values by the names of the contract's ABI. A range that lies
// outside of memory shows as null: the call itself traps on it.
import { decodeEvent } from "../abi/decode-event.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import type { MachineFrame } from "../machine/machine.ts";
import type { HostCallName } from "../rules/host-call-names.ts";
import type { ModuleNames } from "./contract-names.ts";
import { decodeAll, type StorageNames, type StoragePlace } from "./storage-names.ts";
import { BYTES_SHOWN, type Named } from "./trace.ts";

/** A frame as host calls see it; `opened` is the place that `storage_open` opened last. */
export interface HostCallView {
  readonly guest: MachineFrame;
  readonly module: ModuleNames;
  readonly storage: StorageNames | undefined;
  opened: StoragePlace | undefined;
}

type Reader = (
  view: HostCallView,
  args: readonly number[],
  result: number | undefined,
) => Record<string, AbiValue>;

interface Row {
  readonly before: Reader;
  /** After it came back. */
  readonly after?: Reader;
}

/** A copy of a range of guest memory, or undefined where it lies outside. */
function rangeOf({ guest }: HostCallView, ptr = 0, length = 0): Uint8Array | undefined {
  const memory = guest.memory();
  const start = ptr >>> 0;
  const end = start + (length >>> 0);
  return end > memory.length ? undefined : memory.slice(start, end);
}

/** Bytes as hex, with an ellipsis behind what is shown of long ones. */
export function shownBytes(bytes: Uint8Array): string {
  if (bytes.length <= BYTES_SHOWN) return toHex(bytes);
  return `${toHex(bytes.subarray(0, BYTES_SHOWN))}…`;
}

const hexOf = (view: HostCallView, ptr?: number, length?: number): string | null => {
  const bytes = rangeOf(view, ptr, length);
  return bytes === undefined ? null : shownBytes(bytes);
};

/** `u32` arguments arrive signed. */
const u32 = (value = 0): number => value >>> 0;

function keyDetails(view: HostCallView, ptr?: number): Record<string, AbiValue> {
  const key = rangeOf(view, ptr, 32);
  if (key === undefined) return { key: null };
  const place = view.storage?.place(key);
  return { key: toHex(key), ...(place === undefined ? {} : { slot: place.text }) };
}

function placeAt(view: HostCallView, ptr?: number): StoragePlace | undefined {
  const key = rangeOf(view, ptr, 32);
  return key === undefined ? undefined : view.storage?.place(key);
}

function valueDetails(
  place: StoragePlace | undefined,
  bytes: Uint8Array | undefined,
): Record<string, AbiValue> {
  if (bytes === undefined) return { value: null };
  const whole = place !== undefined && place.keyTypes.length === 0;
  const decoded = whole ? decodeAll(place.valueType, bytes) : undefined;
  return {
    value: shownBytes(bytes),
    bytes: bytes.length,
    ...(decoded === undefined ? {} : { decoded }),
  };
}

function eventDetails(view: HostCallView, args: readonly number[]): Record<string, AbiValue> {
  const [topicsPtr, count, ptr, length] = args;
  const topics = rangeOf(view, topicsPtr, u32(count) * 32);
  const data = rangeOf(view, ptr, length);
  if (topics === undefined || data === undefined) return { topics: null, data: null };
  const list = Array.from({ length: u32(count) }, (_, i) => topics.slice(32 * i, 32 * i + 32));
  const decoded = eventOf(view.module, list, data);
  return {
    ...(decoded === undefined ? {} : { event: decoded.name, fields: decoded.fields }),
    topics: list.slice(0, 4).map(toHex),
    data: shownBytes(data),
  };
}

/** The event by the ABI; undefined where it does not fit. */
export function eventOf({ abi }: ModuleNames, topics: readonly Uint8Array[], data: Uint8Array) {
  if (abi === undefined) return undefined;
  try {
    return decodeEvent(abi, topics, data);
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** What of the request of a `call` is of interest. */
export interface CallRequest {
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly gasCap: bigint;
  readonly input: Uint8Array;
}

/** The request that a `call` reads; undefined where it lies outside of memory. */
export function callRequestOf(
  view: HostCallView,
  args: readonly number[],
): CallRequest | undefined {
  const request = rangeOf(view, args[0], 44);
  const input = rangeOf(view, args[1], args[2]);
  if (request === undefined || input === undefined) return undefined;
  const fields = new DataView(request.buffer);
  return {
    to: request.slice(0, 20),
    value: (fields.getBigUint64(20) << 64n) | fields.getBigUint64(28),
    gasCap: fields.getBigUint64(36),
    input,
  };
}

const ENTER = ["nothing", "reentrant", "view", "reentrant view"];
const STATUS = ["success", "revert", "trap", "refused"];
const utf8 = new TextDecoder();

const reads: Row = {
  before: (_, [, offset, length]) => ({ offset: u32(offset), length: u32(length) }),
  after: (view, [ptr, , length], result) => ({
    data: hexOf(view, ptr, length),
    ...(result === undefined ? {} : { of: u32(result) }),
  }),
};

const hashes: Row = {
  before: (view, [ptr, length]) => ({ data: hexOf(view, ptr, length), bytes: u32(length) }),
  after: (view, [, , outPtr]) => ({ hash: hexOf(view, outPtr, 32) }),
};

const rows: Readonly<Partial<Record<HostCallName, Row>>> = {
  input: reads,
  output_read: reads,
  output: {
    before: (view, [ptr, length]) => ({ data: hexOf(view, ptr, length), bytes: u32(length) }),
  },
  revert: {
    before: (view, [ptr, length]) => ({ data: hexOf(view, ptr, length), bytes: u32(length) }),
  },
  context: { before: () => ({}) },
  storage_open: {
    before: (view, [keyPtr]) => {
      view.opened = placeAt(view, keyPtr);
      return keyDetails(view, keyPtr);
    },
    after: (_, __, result) => ({ length: (result ?? -1) < 0 ? null : u32(result) }),
  },
  value_read: {
    before: (view, [, offset, length]) => ({
      ...(view.opened === undefined ? {} : { slot: view.opened.text }),
      offset: u32(offset),
      length: u32(length),
    }),
    after: (view, [ptr, offset, length]) =>
      valueDetails(u32(offset) === 0 ? view.opened : undefined, rangeOf(view, ptr, length)),
  },
  storage_set: {
    before: (view, [keyPtr, ptr, length]) => ({
      ...keyDetails(view, keyPtr),
      ...valueDetails(placeAt(view, keyPtr), rangeOf(view, ptr, length)),
    }),
  },
  storage_delete: { before: (view, [keyPtr]) => keyDetails(view, keyPtr) },
  account: {
    before: (view, [addressPtr]) => ({ address: hexOf(view, addressPtr, 20) }),
    after: (view, [, ptr]) => {
      const bytes = rangeOf(view, ptr, 17);
      if (bytes === undefined) return {};
      const fields = new DataView(bytes.buffer);
      const balance = (fields.getBigUint64(0) << 64n) | fields.getBigUint64(8);
      return { balance, hasCode: bytes[16] === 1 };
    },
  },
  emit: { before: eventDetails },
  call: {
    before: (view, args) => {
      const request = callRequestOf(view, args);
      if (request === undefined) return { to: null };
      const { to, value, input } = request;
      return { to: toHex(to), value, input: shownBytes(input), bytes: input.length };
    },
    after: (_, __, result) => ({ status: STATUS[result ?? -1] ?? null }),
  },
  enter: { before: (_, [flags]) => ({ flags: ENTER[u32(flags)] ?? u32(flags) }) },
  keccak256: hashes,
  sha256: hashes,
  secp256k1_recover: {
    before: (view, [digestPtr]) => ({ digest: hexOf(view, digestPtr, 32) }),
    after: (view, [, , outPtr], result) => ({
      publicKey: result === 1 ? hexOf(view, outPtr, 64) : null,
    }),
  },
  upgrade: {
    before: (view, [addressPtr]) => ({ codeOf: hexOf(view, addressPtr, 20) }),
    after: (_, __, result) => ({ upgraded: result === 1 }),
  },
  log: {
    before: (view, [ptr, length]) => {
      const line = rangeOf(view, ptr, length);
      return { line: line === undefined ? null : utf8.decode(line.subarray(0, BYTES_SHOWN)) };
    },
  },
};

export function detailsBefore(
  name: HostCallName,
  view: HostCallView,
  args: readonly number[],
): Named {
  return rows[name]?.before(view, args, undefined) ?? {};
}

export function detailsAfter(
  name: HostCallName,
  view: HostCallView,
  args: readonly number[],
  result: number | undefined,
): Named {
  return rows[name]?.after?.(view, args, result) ?? {};
}

/** Tells the names of storage what the contract has hashed. */
export function noteHash(view: HostCallView, args: readonly number[]): void {
  if (view.storage === undefined) return;
  const preimage = rangeOf(view, args[0], Math.min(u32(args[1]), BYTES_SHOWN));
  const hash = rangeOf(view, args[2], 32);
  if (preimage !== undefined && hash !== undefined) view.storage.noteHash(preimage, hash);
}
