// Where the tree of a state image may be brought up to date: beside the thread that executes, which goes on with
// the values alone. Implemented by environment/shared-tree.ts; without one the image does it itself, by the
// same code.

import type { TreeChanges } from "./tree-changes.ts";
import type { Trie } from "./trie.ts";

/** Applies changes to the trie of one image, which stands in shared memory, in another thread. */
export interface TreeThread {
  /** Begins; nobody looks at the trie before `finish`. */
  begin(trie: Trie, changes: TreeChanges): void;
  /** Waits for what was begun last. @throws STATE_THREAD when the other thread failed: the trie is of no more use */
  finish(): void;
  /** Lets go of the memory; changes are applied by the caller's own thread from now on. */
  close(): void;
}
