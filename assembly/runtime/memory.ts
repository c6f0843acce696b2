// Memory of one call: taken from the top, never given back, because the instance ends with the call. The
// build puts these in the place of asc's stub runtime (`--use __new=…`): an object header is 8 bytes, not
// 20, and taking memory is a dozen instructions. Must never hand out the same bytes twice: fresh memory is
// zero, and asc's classes rely on it.

// Both set by the first request, so that a contract has no initialisers of ours to run.
let top: usize = 0;
let limit: usize = 0;

/** No request is larger: sums cannot wrap, and no memory limit is above it. `limit` is a multiple of 8, too. */
const SIZE_MAX: usize = 0x1000000;

/**
 * `size` zero bytes, aligned to 8; of nothing any address, perhaps 0. Traps where the memory limit is
 * reached.
 */
export function alloc(size: usize): usize {
  const ptr = top;
  if (size > limit - ptr) return more(size);
  top = (ptr + size + 7) & ~7;
  return ptr;
}

function more(size: usize): usize {
  if (size > SIZE_MAX) unreachable();
  if (limit == 0) top = (__heap_base + 7) & ~7;
  else if (memory.grow(<i32>((top + size + 7 - limit + 0xffff) >>> 16)) < 0) unreachable();
  limit = (<usize>memory.size()) << 16;
  return alloc(size);
}

/** An object of class `id`: header `u32 id ‖ u32 size` before its bytes, as asc's classes read it. */
export function newObject(size: usize, id: u32): usize {
  const ptr = alloc(size + 8);
  store<u32>(ptr, id);
  store<u32>(ptr, <u32>size, 4);
  return ptr + 8;
}

/** The object at `ptr` with room for `size` bytes; it moves where it grows and is not the last one. */
export function renewObject(ptr: usize, size: usize): usize {
  const old = <usize>load<u32>(ptr - 4);
  if (size <= old) {
    store<u32>(ptr - 4, <u32>size);
    return ptr;
  }
  const end = ptr + ((old + 7) & ~7);
  if (end == top) {
    // What alloc adds lies right behind, and is zero.
    if (ptr + size > end) alloc(ptr + size - end);
    store<u32>(ptr - 4, <u32>size);
    return ptr;
  }
  const fresh = newObject(size, load<u32>(ptr - 8));
  memory.copy(fresh, ptr, old);
  return fresh;
}

/** For `heap.realloc`, which knows no old size: always copies `size` bytes. */
export function realloc(ptr: usize, size: usize): usize {
  const fresh = alloc(size);
  memory.copy(fresh, ptr, size);
  return fresh;
}

/** Memory is not given back. */
export function free(_ptr: usize): void {}
