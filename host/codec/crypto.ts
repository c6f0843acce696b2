// The one instance of the crypto module (assembly/crypto) in this realm, and its fixed buffers. Files
// of this room copy bytes to `bufferAt`, call, and copy results from `outAt` before anything else
// runs; nothing here is asynchronous and the memory never grows, so `memory` stays valid.
import { assert } from "../errors.ts";
import { cryptoModule } from "./crypto-module.ts";

interface CryptoExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  outAddress(): number;
  bufferAddress(): number;
  bufferSize(): number;
  keccak256(ptr: number, length: number, out: number): void;
  keccak64(ptr: number, out: number): void;
  keccakStart(): void;
  keccakAbsorb(ptr: number, blocks: number): void;
  keccakFinish(ptr: number, length: number, out: number): void;
  addBytes(ptr: number, length: number, first: number): void;
  addList(ptr: number, count: number, first: number): void;
  bytesRoot(ptr: number, length: number, out: number): void;
  closeBytes(length: number, out: number): void;
  closeList(count: number, depth: number, out: number): void;
  hashEvents(ptr: number, count: number): void;
  hashPairs(ptr: number, out: number, count: number): void;
  hashRecords(ptr: number, stride: number, length: number, count: number): void;
  listRoot(ptr: number, count: number, depth: number, out: number): void;
  prepareTransactions(typeHash: number, domain: number): void;
  transactionDigest(ptr: number, out: number): void;
  transactionHash(ptr: number, length: number, out: number): void;
  transactionHashes(ptr: number, length: number, out: number): void;
  transactionHashesBoth(a: number, b: number, length: number, out: number): void;
}

const instance = new WebAssembly.Instance(
  new WebAssembly.Module(cryptoModule as Uint8Array<ArrayBuffer>),
);

/** The functions of assembly/crypto/index.ts. */
export const crypto = instance.exports as unknown as CryptoExports;
/** All of the module's memory. */
export const memory: Uint8Array = new Uint8Array(crypto.memory.buffer);
/** Address of 192 bytes for results. */
export const outAt: number = crypto.outAddress();
/** Address of the input buffer. */
export const bufferAt: number = crypto.bufferAddress();
/** Bytes of the input buffer, a multiple of 128 and of 136. */
export const bufferSize: number = crypto.bufferSize();

/** A copy of the 32 bytes at `address`. A loop: `slice` costs five times as much. */
export function readHash(address: number): Uint8Array {
  const hash = new Uint8Array(32);
  for (let i = 0; i < 32; i++) hash[i] = memory[address + i]!;
  return hash;
}

/** A copy of the 32 bytes at `outAt` + `offset`. */
export function readOut(offset: number): Uint8Array {
  return readHash(outAt + offset);
}

assert(bufferAt + bufferSize <= memory.length, "the crypto module's buffer fits its memory");
