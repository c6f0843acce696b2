// The machine header (docs/machine.md section 1): 256 bytes in the clear, whose keccak is the state hash.
// Decoding never fails; whether the values are within bounds is `isWellFormed`, asked of every header that
// comes in and of every header that a step leaves.
import { concat, numberBytes, readBig, readNumber } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";

export const HEADER_BYTES = 256;

/** Index of a region's root in the header, and of its bit in a proof's mask. */
export const Region = { code: 0, memory: 1, stack: 2, globals: 3, table: 4, record: 5 } as const;
export type Region = (typeof Region)[keyof typeof Region];

/** Depth of the keccak tree of each region. */
export const REGION_DEPTHS = [16, 19, 12, 4, 7, 4] as const;

export const Status = { phase: 0, run: 1, halted: 2, stuck: 3 } as const;

export interface Header {
  /** By region, 32 bytes each. */
  readonly roots: Uint8Array[];
  /** State hash of the suspended caller; zero at the top. */
  parent: Uint8Array;
  pc: number;
  sp: number;
  fp: number;
  pages: number;
  depth: number;
  gas: bigint;
  status: number;
  phase: number;
  resume: number;
}

/** Reads 256 bytes. */
export function decodeHeader(bytes: Uint8Array): Header {
  const hash = (i: number) => bytes.slice(32 * i, 32 * i + 32);
  return {
    roots: [0, 1, 2, 3, 4, 5].map(hash),
    parent: hash(6),
    pc: readNumber(bytes, 224, 4),
    sp: readNumber(bytes, 228, 4),
    fp: readNumber(bytes, 232, 4),
    pages: readNumber(bytes, 236, 4),
    depth: readNumber(bytes, 240, 4),
    gas: BigInt.asIntN(64, readBig(bytes, 244, 8)),
    status: readNumber(bytes, 252, 1),
    phase: readNumber(bytes, 253, 1),
    resume: readNumber(bytes, 254, 2),
  };
}

/** The 256 bytes of a well-formed header. */
export function encodeHeader(header: Header): Uint8Array {
  const { pc, sp, fp, pages, depth, gas, status, phase, resume } = header;
  return concat(
    ...header.roots,
    header.parent,
    ...[pc, sp, fp, pages, depth].map((register) => numberBytes(4, register)),
    numberBytes(8, gas),
    numberBytes(1, status),
    numberBytes(1, phase),
    numberBytes(2, resume),
  );
}

export function copyHeader(header: Header): Header {
  return { ...header, roots: [...header.roots] };
}

export function stateHash(header: Header): Uint8Array {
  return keccak256(encodeHeader(header));
}

const within = (value: number, max: number): boolean => value >= 0 && value <= max;

function phaseFits({ status, phase }: Header): boolean {
  switch (status) {
    case Status.phase:
      return phase >= 1 && phase <= 16;
    case Status.run:
      return within(phase, 2);
    default:
      return phase === 0;
  }
}

/** Whether every register is within its bounds and the phase is one that the status has. */
export function isWellFormed(header: Header): boolean {
  return (
    within(header.pc, 2 ** 19 - 1) &&
    within(header.sp, 65_536) &&
    within(header.fp, 65_536) &&
    within(header.pages, 1_024) &&
    within(header.depth, 65_536) &&
    within(header.resume, 65_535) &&
    within(header.status, 3) &&
    phaseFits(header)
  );
}
