// The SDK's own messages as bytes in static memory. Strings would be UTF-16 with headers and would bring
// the UTF-8 encoder into every contract; these cost what they say and one byte of length. A test reads
// each back.
import { nameInput, nextArgument } from "../codec/decode";
import { append, revertWith } from "./message";

/** Reverts: `arithmetic overflow`. */
export function overflow(): void {
  revertWith(
    memory.data<u8>([
      19, 97, 114, 105, 116, 104, 109, 101, 116, 105, 99, 32, 111, 118, 101, 114, 102, 108, 111,
      119,
    ]),
  );
}

/** Reverts: `division by zero`. */
export function divisionByZero(): void {
  revertWith(
    memory.data<u8>([
      16, 100, 105, 118, 105, 115, 105, 111, 110, 32, 98, 121, 32, 122, 101, 114, 111,
    ]),
  );
}

/** Reverts: `a sub-call trapped`. */
export function subCallTrapped(): void {
  revertWith(
    memory.data<u8>([
      18, 97, 32, 115, 117, 98, 45, 99, 97, 108, 108, 32, 116, 114, 97, 112, 112, 101, 100,
    ]),
  );
}

/** Reverts: `a sub-call was refused`. */
export function subCallRefused(): void {
  revertWith(
    memory.data<u8>([
      22, 97, 32, 115, 117, 98, 45, 99, 97, 108, 108, 32, 119, 97, 115, 32, 114, 101, 102, 117, 115,
      101, 100,
    ]),
  );
}

/** Reverts: `the balance is less than what is sent`. */
export function notSent(): void {
  revertWith(
    memory.data<u8>([
      37, 116, 104, 101, 32, 98, 97, 108, 97, 110, 99, 101, 32, 105, 115, 32, 108, 101, 115, 115,
      32, 116, 104, 97, 110, 32, 119, 104, 97, 116, 32, 105, 115, 32, 115, 101, 110, 116,
    ]),
  );
}

/** Reverts: `there is no contract to upgrade to`. */
export function noCodeToTake(): void {
  revertWith(
    memory.data<u8>([
      34, 116, 104, 101, 114, 101, 32, 105, 115, 32, 110, 111, 32, 99, 111, 110, 116, 114, 97, 99,
      116, 32, 116, 111, 32, 117, 112, 103, 114, 97, 100, 101, 32, 116, 111,
    ]),
  );
}

/** Reverts: `upgradeTo needs a method with @call({ reentrant: true })`. */
export function upgradeLocked(): void {
  revertWith(
    memory.data<u8>([
      56, 117, 112, 103, 114, 97, 100, 101, 84, 111, 32, 110, 101, 101, 100, 115, 32, 97, 32, 109,
      101, 116, 104, 111, 100, 32, 119, 105, 116, 104, 32, 64, 99, 97, 108, 108, 40, 123, 32, 114,
      101, 101, 110, 116, 114, 97, 110, 116, 58, 32, 116, 114, 117, 101, 32, 125, 41,
    ]),
  );
}

/** Reverts: `only the contract itself calls its @upgrade method`. */
export function onlySelf(): void {
  revertWith(
    memory.data<u8>([
      50, 111, 110, 108, 121, 32, 116, 104, 101, 32, 99, 111, 110, 116, 114, 97, 99, 116, 32, 105,
      116, 115, 101, 108, 102, 32, 99, 97, 108, 108, 115, 32, 105, 116, 115, 32, 64, 117, 112, 103,
      114, 97, 100, 101, 32, 109, 101, 116, 104, 111, 100,
    ]),
  );
}

/** Reverts: `the sub-call has no result`. */
export function noResult(): void {
  revertWith(
    memory.data<u8>([
      26, 116, 104, 101, 32, 115, 117, 98, 45, 99, 97, 108, 108, 32, 104, 97, 115, 32, 110, 111, 32,
      114, 101, 115, 117, 108, 116,
    ]),
  );
}

/** Reverts: `a text is not valid Unicode`. */
export function notUnicode(): void {
  revertWith(
    memory.data<u8>([
      27, 97, 32, 116, 101, 120, 116, 32, 105, 115, 32, 110, 111, 116, 32, 118, 97, 108, 105, 100,
      32, 85, 110, 105, 99, 111, 100, 101,
    ]),
  );
}

/** `bad stored value` */
function badStored(): usize {
  return memory.data<u8>([
    16, 98, 97, 100, 32, 115, 116, 111, 114, 101, 100, 32, 118, 97, 108, 117, 101,
  ]);
}

/** Reverts: bad stored value. */
export function badStoredValue(): void {
  revertWith(badStored());
}

/** A value that does not decode reverts with that text. */
export function nameStoredValue(): void {
  nameInput(badStored());
  nextArgument(0);
}

/** A value that does not decode reverts with `bad result of a sub-call`. */
export function nameResult(): void {
  nameInput(
    memory.data<u8>([
      24, 98, 97, 100, 32, 114, 101, 115, 117, 108, 116, 32, 111, 102, 32, 97, 32, 115, 117, 98, 45,
      99, 97, 108, 108,
    ]),
  );
}

/** `: bad argument ` */
export function appendBadArgument(): void {
  append(memory.data<u8>([15, 58, 32, 98, 97, 100, 32, 97, 114, 103, 117, 109, 101, 110, 116, 32]));
}

/** `: too many bytes` */
export function appendTooManyBytes(): void {
  append(
    memory.data<u8>([16, 58, 32, 116, 111, 111, 32, 109, 97, 110, 121, 32, 98, 121, 116, 101, 115]),
  );
}

/** `unknown selector 0x` */
export function startUnknownSelector(): void {
  append(
    memory.data<u8>([
      19, 117, 110, 107, 110, 111, 119, 110, 32, 115, 101, 108, 101, 99, 116, 111, 114, 32, 48, 120,
    ]),
  );
}

/** Reverts: `the signature is not valid`. */
export function badSignature(): void {
  revertWith(
    memory.data<u8>([
      26, 116, 104, 101, 32, 115, 105, 103, 110, 97, 116, 117, 114, 101, 32, 105, 115, 32, 110, 111,
      116, 32, 118, 97, 108, 105, 100,
    ]),
  );
}

/** Reverts: `a number is no variant of its enum`. */
export function badVariant(): void {
  revertWith(
    memory.data<u8>([
      34, 97, 32, 110, 117, 109, 98, 101, 114, 32, 105, 115, 32, 110, 111, 32, 118, 97, 114, 105,
      97, 110, 116, 32, 111, 102, 32, 105, 116, 115, 32, 101, 110, 117, 109,
    ]),
  );
}

/** Reverts: `too many elements`. */
export function tooManyElements(): void {
  revertWith(
    memory.data<u8>([
      17, 116, 111, 111, 32, 109, 97, 110, 121, 32, 101, 108, 101, 109, 101, 110, 116, 115,
    ]),
  );
}

/** Reverts: `index is beyond the end`. */
export function beyondEnd(): void {
  revertWith(
    memory.data<u8>([
      23, 105, 110, 100, 101, 120, 32, 105, 115, 32, 98, 101, 121, 111, 110, 100, 32, 116, 104, 101,
      32, 101, 110, 100,
    ]),
  );
}

/** `bytes do not fit their type` */
function unfit(): usize {
  return memory.data<u8>([
    27, 98, 121, 116, 101, 115, 32, 100, 111, 32, 110, 111, 116, 32, 102, 105, 116, 32, 116, 104,
    101, 105, 114, 32, 116, 121, 112, 101,
  ]);
}

/** Reverts: bytes do not fit their type. */
export function badBytes(): void {
  revertWith(unfit());
}

/** A value that does not decode reverts with that text. */
export function nameBytes(): void {
  nameInput(unfit());
}
