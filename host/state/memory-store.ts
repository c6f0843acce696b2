// A state store that lives in memory: for tests, the browser and throw-away environments. It keeps
// the same promises as the LMDB store except surviving the process, and it must refuse the same
// misuse with the same codes.

import { ImageStore } from "./image-store.ts";
import type { StateHasher } from "./state-hasher.ts";
import { pureStateHasher } from "./state-hasher.ts";
import { StateImage } from "./state-image.ts";
import type { BlockCommit, StateStore } from "./state-store.ts";
import type { TreeThread } from "./tree-thread.ts";

export interface MemoryStoreOptions {
  /** Default: the pure one. */
  readonly hasher?: StateHasher;
  /** Brings the tree up to date beside the caller; for this store alone. */
  readonly treeThread?: TreeThread | undefined;
}

class MemoryStore extends ImageStore {
  readonly #blocks = new Map<bigint, Uint8Array>();
  readonly #blobs = new Map<string, Uint8Array>();

  protected async keep(commit: BlockCommit): Promise<void> {
    if (commit.height > 0n) this.#blocks.set(commit.height, commit.block);
    for (const { hash, bytes } of commit.blobs ?? []) this.putBlob(hash, bytes);
  }

  async finalise(): Promise<void> {}

  block(height: bigint): Uint8Array | undefined {
    return this.#blocks.get(height);
  }

  blob(hash: Uint8Array): Uint8Array | undefined {
    return this.#blobs.get(hash.join());
  }

  putBlob(hash: Uint8Array, bytes: Uint8Array): void {
    this.#blobs.set(hash.join(), new Uint8Array(bytes));
  }

  async close(): Promise<void> {
    this.image.close();
  }
}

/** An empty store in memory. */
export function memoryStore(options: MemoryStoreOptions = {}): StateStore {
  return new MemoryStore(new StateImage({ hasher: pureStateHasher, ...options }));
}
