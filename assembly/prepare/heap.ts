// Bump allocation over linear memory. A preparation runs once in a fresh instance, so nothing is
// freed, and new memory is zero. Records are reached by address: prepare is metered at deployment,
// and checked arrays would double its gas. Never allocates beyond the module's 256 pages.

let next: usize = (__heap_base + 15) & ~15;

/** The first free address, a multiple of 16. */
export function heapTop(): usize {
  return next;
}

/** Makes memory up to `address` exist. */
export function reachTo(address: usize): void {
  const have = (<usize>memory.size()) << 16;
  if (address <= have) return;
  const pages = <i32>((address - have + 0xffff) >> 16);
  // The limits of the rules bound everything that is allocated to less than 256 pages.
  assert(memory.grow(pages) >= 0);
}

/** `size` zero bytes at a multiple of 16. */
export function allocate(size: usize): usize {
  const start = next;
  next = (start + size + 15) & ~15;
  reachTo(next);
  return start;
}

/** Moves the first free address to `address`: what grew in place from `heapTop()` is kept. */
export function keepTo(address: usize): void {
  next = (address + 15) & ~15;
  reachTo(next);
}
