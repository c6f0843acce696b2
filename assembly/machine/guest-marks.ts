// Marks what a host call wrote to guest memory for trees and checkpoints, as stores mark what they write.
import { refused } from "./proof-reader";
import { dirtyMemory, WRITTEN } from "./registers";

export function markGuest(at: u32, length: u32): void {
  if (length == 0 || refused != 0) return;
  const last = (<u64>at + length - 1) >> 7;
  for (let leaf = <u64>at >> 7; leaf <= last; leaf++) {
    store<u8>(dirtyMemory + <usize>leaf, WRITTEN);
  }
}
