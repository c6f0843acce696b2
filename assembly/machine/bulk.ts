// Words that take several steps (docs/machine.md section 3): declared locals, memory.copy, memory.fill.
// One call is one step: one leaf of the stack, or of the destination. What is left of the work stands in
// the operands or in the resume register, so that any step can be the last of a run.
import { memoryAt, popped, Proof, slot } from "./access";
import { stuck } from "./proof-reader";
import { dirtyMemory, RESUME, stackBase, WRITTEN } from "./registers";

/** Zeroes the next of `count` locals from slot address `sp`, up to the end of a leaf; the new sp. */
export function zeroLocals<M>(sp: usize, count: u32): usize {
  const done = load<u32>(RESUME);
  if (sizeof<M>() == sizeof<Proof>() && done > count) {
    stuck();
    return sp;
  }
  const room = 16 - ((<u32>(sp - stackBase) >> 3) & 15);
  const now = min(count - done, room);
  if (now != 0) slot<M>(sp);
  memory.fill(sp, 0, (<usize>now) << 3);
  store<u32>(RESUME, done + now == count ? 0 : done + now);
  return sp + ((<usize>now) << 3);
}

function beyond(at: u32, length: u32, memoryBytes: u64): bool {
  return <u64>at + <u64>length > memoryBytes;
}

/** Whether memory.copy with the operands below `sp` traps. */
export function copyTraps<M>(sp: usize, memoryBytes: u64): bool {
  const length = load<u32>(popped<M>(sp));
  const from = load<u32>(popped<M>(sp - 8));
  const to = load<u32>(popped<M>(sp - 16));
  return beyond(to, length, memoryBytes) || beyond(from, length, memoryBytes);
}

/** One step of a memory.copy that does not trap; whether it was the last. */
export function copyLeaf<M>(memoryStart: usize, sp: usize): bool {
  const length = load<u32>(sp - 8);
  if (length == 0) return true;
  const from = load<u32>(sp - 16);
  const to = load<u32>(sp - 24);
  const forward = to <= from;
  const now = forward ? min(length, 128 - (to & 127)) : min(length, ((to + length - 1) & 127) + 1);
  const skip = forward ? 0 : length - now;
  const target = memoryAt<M>(memoryStart, <u64>to + skip, now);
  memory.copy(target, memoryAt<M>(memoryStart, <u64>from + skip, now), now);
  store<u8>(dirtyMemory + ((to + skip) >> 7), WRITTEN);
  if (now == length) return true;
  // All three are written, so that no upper half stays.
  store<u64>(sp - 24, <u64>(forward ? to + now : to));
  store<u64>(sp - 16, <u64>(forward ? from + now : from));
  store<u64>(sp - 8, <u64>(length - now));
  return false;
}

/** Whether memory.fill with the operands below `sp` traps. */
export function fillTraps<M>(sp: usize, memoryBytes: u64): bool {
  const length = load<u32>(popped<M>(sp));
  popped<M>(sp - 8);
  return beyond(load<u32>(popped<M>(sp - 16)), length, memoryBytes);
}

/** One step of a memory.fill that does not trap; whether it was the last. */
export function fillLeaf<M>(memoryStart: usize, sp: usize): bool {
  const length = load<u32>(sp - 8);
  if (length == 0) return true;
  const to = load<u32>(sp - 24);
  const now = min(length, 128 - (to & 127));
  const value = load<u32>(sp - 16);
  memory.fill(memoryAt<M>(memoryStart, to, now), <u8>value, now);
  store<u8>(dirtyMemory + (to >> 7), WRITTEN);
  if (now == length) return true;
  store<u64>(sp - 24, <u64>(to + now));
  store<u64>(sp - 16, <u64>value);
  store<u64>(sp - 8, <u64>(length - now));
  return false;
}
