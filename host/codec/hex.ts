// Bytes as text and byte comparison. Hex is for people, JSON and logs; nothing that is hashed passes
// through it. Text given in is checked completely before anything is allocated.
import { EngineError } from "../errors.ts";

/** 0x and lower-case digits, two per byte. The shape of viem's Hex. */
export type Hex = `0x${string}`;

const BYTE_TEXT: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** `bytes` as 0x and lower-case digits. */
export function toHex(bytes: Uint8Array): Hex {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += BYTE_TEXT[bytes[i]!];
  return `0x${text}`;
}

/** 0 to 15, or -1 for a character that is no hexadecimal digit. */
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/**
 * The bytes of 0x and an even number of digits, of `byteLength` bytes if given. Digits of either case.
 * @throws HEX_INVALID
 */
export function fromHex(text: string, byteLength?: number): Uint8Array {
  const invalid = (message: string): EngineError =>
    new EngineError({ code: "HEX_INVALID", message });
  if (typeof text !== "string" || !text.startsWith("0x")) {
    throw invalid(`got ${clip(text)}, expected text that starts with 0x`);
  }
  if (text.length % 2 !== 0) throw invalid(`got ${clip(text)}, an odd number of digits`);
  const length = text.length / 2 - 1;
  if (byteLength !== undefined && length !== byteLength) {
    throw invalid(`got ${length} bytes (${clip(text)}), expected ${byteLength}`);
  }
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const high = digit(text.charCodeAt(2 * i + 2));
    const low = digit(text.charCodeAt(2 * i + 3));
    if (high < 0 || low < 0) {
      throw invalid(
        `got ${clip(text)}, character ${2 * i + 2} or the next is no hexadecimal digit`,
      );
    }
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

function clip(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order of unsigned bytes, a prefix first: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
