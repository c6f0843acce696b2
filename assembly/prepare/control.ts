// The control stack of validation and the jumps that it resolves. A frame knows its label's type, its
// operand base, whether it was entered by reachable code, and which words still wait for its end.
// Liveness here is stricter than validation's: after a block that nothing leaves, code is dead.
import {
  closeBlock,
  emitReference,
  live,
  openPoint,
  openWord,
  resumeBlock,
  setLive,
  startBlock,
  startCheckedBlock,
} from "./charges";
import { addPoint, POINT_DEAD } from "./layout";
import { countLoop, countMerge } from "./merges";
import {
  becomePolymorphic,
  cutTo,
  enterLive,
  frameBase,
  framePolymorphic,
  height,
  instructionAt,
  leaveLive,
  pop,
  push,
  setFrame,
  stackStart,
  top,
} from "./operands";
import { pos } from "./reader";
import { ELSE_WITHOUT_IF, IF_WITHOUT_ELSE, moduleStart, refuse, STACK_LEFT } from "./refusal";
import { checkLimit, CLASS_CONTROL, cost, NESTING } from "./rules";
import { NONE } from "./types";
import { OP_ELSE, OP_IF, pc, resolveChain, wordAt } from "./words";

export const BLOCK: u32 = 0;
export const LOOP: u32 = 1;
export const IF: u32 = 2;
export const ELSE: u32 = 3;
export const FUNCTION: u32 = 4;

/** Bytes of a frame: kind u8, result u8, polymorphic u8, entered live u8, reached u8, loops that are open
 * in it u16 at 6, chain u32 at 8,
 * pc u32 at 12 (of the loop's header or the if word), operand base at 16, outermost frame that a branch
 * inside leaves to at 20, the metering block it was entered in at 24 (charge word, point). */
export const FRAME_BYTES: u32 = 32;

let framesStart: usize = 0;
/** Address of the innermost frame. */
export let frame: usize = 0;
let deadFrom: usize = 0;
// Slots below the operands: params, link, locals.
let slotsBelow: u32 = 0;

export function placeFrames(start: usize): void {
  framesStart = start;
}

/** Frames on the stack, the function's own included. */
export function frameCount(): u32 {
  return frame < framesStart ? 0 : <u32>(frame - framesStart) / FRAME_BYTES + 1;
}

export function resetFrames(slots: u32): void {
  frame = framesStart - FRAME_BYTES;
  slotsBelow = slots;
}

/** Slot of the operand with this address on the operand stack. */
export function slotOf(operand: usize): u32 {
  return slotsBelow + <u32>(operand - stackStart);
}

export function pushFrame(kind: u32, result: u32): void {
  let loops: u32 = 0;
  if (frame >= framesStart) {
    store<u8>(frame, framePolymorphic ? 1 : 0, 2);
    loops = loopsIn(frame);
  }
  if (kind == LOOP && live) loops++;
  frame += FRAME_BYTES;
  store<u32>(frame, kind | (result << 8) | (live ? 1 << 24 : 0));
  store<u8>(frame, 0, 4);
  store<u16>(frame, <u16>loops, 6);
  store<u32>(frame, 0, 8);
  store<u32>(frame, 0, 12);
  store<u32>(frame, <u32>top, 16);
  store<u32>(frame, <u32>frame, 20);
  keepBlock();
  setFrame(top, false);
}

/** Notes the open metering block as the one that the innermost frame was entered in. */
export function keepBlock(): void {
  store<u32>(frame, <u32>openWord(), 24);
  store<u32>(frame, <u32>openPoint(), 28);
}

// Loops around what stands in frame `f`, its own included.
function loopsIn(f: usize): u32 {
  return load<u16>(f, 6);
}

/** Counts a check in the innermost frame, which leaves every open loop where it traps. */
export function countCheck(): void {
  if (live) countMerge(loopsIn(frame));
}

export function kindOf(f: usize): u32 {
  return load<u8>(f);
}

export function resultOf(f: usize): u32 {
  return load<u8>(f, 1);
}

/** Type of the values that a branch to the frame's label carries. */
export function labelType(f: usize): u32 {
  return kindOf(f) == LOOP ? NONE : resultOf(f);
}

export function enterBlock(kind: u32, result: u32): void {
  checkLimit(NESTING, frameCount(), instructionAt);
  if (kind == IF && live) {
    countMerge(0);
    emitReference(OP_IF, 0, 0, 0, cost(CLASS_CONTROL));
    pushFrame(IF, result);
    // A pending charge may have come before the if word.
    store<u32>(frame, pc() - 1, 12);
    startBlock(pos);
    return;
  }
  pushFrame(kind, result);
  if (kind == LOOP && live) {
    store<u32>(frame, pc(), 12);
    countLoop(loopsIn(frame), height());
    startCheckedBlock(pos);
  }
}

/** Marks what follows as never executed, in validation and in the program. */
export function becomeUnreachable(): void {
  becomePolymorphic();
  if (live) die();
}

function die(): void {
  closeBlock();
  setLive(false);
  leaveLive();
  deadFrom = pos;
}

/** A word that branches to the label of frame `f`; height and arity are the label's. */
export function emitBranch(op: u32, f: usize, price: u32): void {
  if (!live) return;
  countMerge(loopsIn(frame) - loopsIn(f));
  const below = slotOf(load<u32>(f, 16));
  if (<u32>f < load<u32>(frame, 20)) store<u32>(frame, <u32>f, 20);
  if (kindOf(f) == LOOP) {
    emitReference(op, 0, load<u32>(f, 12), below, price);
    return;
  }
  emitReference(op, resultOf(f) == NONE ? 0 : 1, load<u32>(f, 8), below, price);
  store<u32>(f, pc() - 1, 8);
  store<u8>(f, 1, 4);
}

// Checks the values at the end of a branch of the frame's code.
function closeBranch(): void {
  if (resultOf(frame) != NONE) pop(resultOf(frame));
  if (top != frameBase) refuse(STACK_LEFT, instructionAt, <u32>(top - frameBase));
}

// Notes dead code up to the else or end at hand, where the frame itself was entered alive.
function closeDead(): void {
  if (live || load<u8>(frame, 3) == 0) return;
  if (deadFrom < instructionAt) addPoint(deadFrom, POINT_DEAD, <u32>(instructionAt - moduleStart));
}

export function enterElse(): void {
  if (kindOf(frame) != IF) refuse(ELSE_WITHOUT_IF, instructionAt, 0);
  closeBranch();
  closeDead();
  if (live) {
    emitReference(OP_ELSE, 0, load<u32>(frame, 8), 0, cost(CLASS_CONTROL));
    store<u32>(frame, pc() - 1, 8);
    store<u8>(frame, 1, 4);
  }
  store<u8>(frame, ELSE);
  setFrame(frameBase, false);
  if (load<u8>(frame, 3) == 0) return;
  if (!live) enterLive();
  setLive(true);
  store<u32>(wordAt(load<u32>(frame, 12)), pc(), 4);
  startBlock(pos);
}

/** Leaves the innermost block, which is not the function's. */
export function leaveBlock(): void {
  const kind = kindOf(frame);
  const result = resultOf(frame);
  closeBranch();
  if (kind == IF && result != NONE) refuse(IF_WITHOUT_ELSE, instructionAt, result);
  closeDead();
  const base = frameBase;
  const ended = frame;
  frame -= FRAME_BYTES;
  const left = load<u32>(ended, 20);
  if (left < load<u32>(frame, 20)) store<u32>(frame, left, 20);
  setFrame(load<u32>(frame, 16), load<u8>(frame, 2) != 0);
  cutTo(base);
  if (load<u8>(ended, 3) != 0) joinAfter(ended, kind);
  if (result != NONE) push(result);
}

// The end of a block entered alive: branches to it arrive here, and so does the missing else.
function joinAfter(ended: usize, kind: u32): void {
  const reached = load<u8>(ended, 4) != 0;
  if (kind == IF) store<u32>(wordAt(load<u32>(ended, 12)), pc(), 4);
  resolveChain(load<u32>(ended, 8));
  if (!live && (reached || kind == IF)) {
    enterLive();
    setLive(true);
  }
  if (!live) deadFrom = pos;
  else if (reached || kind == IF || kind == ELSE) continueAfter(ended);
}

// What follows a block that nothing inside branches past runs whenever the block is entered, unless a
// trap comes first: the metering block that was open before it pays.
function continueAfter(ended: usize): void {
  const word = load<u32>(ended, 24);
  if (word != 0 && load<u32>(ended, 20) == <u32>ended) resumeBlock(word, load<u32>(ended, 28));
  else startBlock(pos);
}

/** Ends the function's own frame: values checked, branches to its label arrive at the next word.
 * Returns whether a branch does. */
export function leaveFunction(): bool {
  closeBranch();
  closeDead();
  const reached = load<u8>(frame, 4) != 0;
  resolveChain(load<u32>(frame, 8));
  if (reached && !live) {
    enterLive();
    setLive(true);
  }
  if (reached) resumeBlock(load<u32>(frame, 24), load<u32>(frame, 28));
  frame -= FRAME_BYTES;
  return reached;
}
