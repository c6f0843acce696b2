// The operand stack of validation: one byte per value, I32, I64 or NONE for the unknown values of
// unreachable code (appendix "Validation Algorithm" of the specification). It also measures the
// greatest height of reachable code, which is part of a frame's weight.
import { refuse, STACK_UNDERFLOW, TYPE_MISMATCH } from "./refusal";
import { NONE } from "./types";

/** Bottom of the stack, its top (next free byte), and the greatest top of reachable code. */
export let stackStart: usize = 0;
export let top: usize = 0;
let highest: usize = 0;
let highestLive: usize = 0;

/** Bottom of the innermost frame's own values, and whether its code is unreachable to validation. */
export let frameBase: usize = 0;
export let framePolymorphic: bool = false;

/** Address of the instruction at hand, for refusals. */
export let instructionAt: usize = 0;

export function placeOperands(start: usize): void {
  stackStart = start;
}

export function setInstruction(at: usize): void {
  instructionAt = at;
}

export function resetOperands(): void {
  top = stackStart;
  highest = stackStart;
}

export function setFrame(base: usize, polymorphic: bool): void {
  frameBase = base;
  framePolymorphic = polymorphic;
}

/** Drops the frame's values; from here on missing values are unknown ones. */
export function becomePolymorphic(): void {
  top = frameBase;
  framePolymorphic = true;
}

export function cutTo(address: usize): void {
  top = address;
}

/** Values on the stack. */
export function height(): u32 {
  return <u32>(top - stackStart);
}

export function push(type: u32): void {
  store<u8>(top++, type);
  if (top > highest) highest = top;
}

/** Pops a value of any type. */
export function popAny(): u32 {
  if (top == frameBase) {
    if (!framePolymorphic) refuse(STACK_UNDERFLOW, instructionAt, 0);
    return NONE;
  }
  return load<u8>(--top);
}

/** Pops a value of the given type; returns what was there, which may be unknown. */
export function pop(type: u32): u32 {
  if (top == frameBase) {
    if (!framePolymorphic) refuse(STACK_UNDERFLOW, instructionAt, type);
    return NONE;
  }
  const found = <u32>load<u8>(--top);
  if (found != type && found != NONE) refuse(TYPE_MISMATCH, instructionAt, (type << 8) | found);
  return found;
}

// Heights in unreachable code do not count: `leaveLive` remembers the mark, `enterLive` restores it.
export function leaveLive(): void {
  highestLive = highest;
}

export function enterLive(): void {
  highest = highestLive;
  if (top > highest) highest = top;
}

/** Greatest number of operands in reachable code; call where code is live or after `enterLive`. */
export function greatestHeight(): u32 {
  return <u32>(highest - stackStart);
}
