// The oracle's memory: pages of bytes, loads and stores by opcode with the 33-bit effective address of
// docs/program.md section 1. An access beyond the pages gives undefined or false and changes nothing.
import { PAGE_BYTES } from "../../host/limits.ts";

/** Bytes and sign of each load opcode: width of the access, whether signed, width of the result. */
const LOADS: Readonly<Record<number, readonly [bytes: number, signed: boolean, result: number]>> = {
  40: [4, false, 32],
  41: [8, false, 64],
  44: [1, true, 32],
  45: [1, false, 32],
  46: [2, true, 32],
  47: [2, false, 32],
  48: [1, true, 64],
  49: [1, false, 64],
  50: [2, true, 64],
  51: [2, false, 64],
  52: [4, true, 64],
  53: [4, false, 64],
};

const STORES: Readonly<Record<number, number>> = {
  54: 4,
  55: 8,
  58: 1,
  59: 2,
  60: 1,
  61: 2,
  62: 4,
};

export class LinearMemory {
  bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.slice();
  }

  get pages(): number {
    return this.bytes.length / PAGE_BYTES;
  }

  private fits(address: bigint, length: bigint): boolean {
    return address + length <= BigInt(this.bytes.length);
  }

  load(op: number, base: bigint, offset: bigint): bigint | undefined {
    const [count, isSigned, result] = LOADS[op] ?? [0, false, 0];
    const address = base + offset;
    if (!this.fits(address, BigInt(count))) return undefined;
    let value = 0n;
    for (let i = count - 1; i >= 0; i -= 1) {
      value = (value << 8n) | BigInt(this.bytes[Number(address) + i] ?? 0);
    }
    return isSigned ? BigInt.asUintN(result, BigInt.asIntN(count * 8, value)) : value;
  }

  store(op: number, base: bigint, offset: bigint, value: bigint): boolean {
    const count = STORES[op] ?? 0;
    const address = base + offset;
    if (!this.fits(address, BigInt(count))) return false;
    for (let i = 0; i < count; i += 1) {
      this.bytes[Number(address) + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    }
    return true;
  }

  copy(to: bigint, from: bigint, count: bigint): boolean {
    if (!this.fits(to, count) || !this.fits(from, count)) return false;
    this.bytes.copyWithin(Number(to), Number(from), Number(from + count));
    return true;
  }

  fill(to: bigint, value: bigint, count: bigint): boolean {
    if (!this.fits(to, count)) return false;
    this.bytes.fill(Number(value & 0xffn), Number(to), Number(to + count));
    return true;
  }

  /** Old size in pages, or -1 as i32. */
  grow(delta: bigint, pagesMax: number): bigint {
    const before = this.pages;
    if (delta > BigInt(pagesMax - before)) return 0xffff_ffffn;
    const grown = new Uint8Array((before + Number(delta)) * PAGE_BYTES);
    grown.set(this.bytes);
    this.bytes = grown;
    return BigInt(before);
  }
}
