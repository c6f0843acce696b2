// What every store has in common: the state image, changes that are applied but not yet committed,
// and the refusal of calls in the wrong order. memory-store.ts and lmdb-store.ts add how a block is
// kept. It must never report a head that `keep` has not been asked to make durable.

import { EngineError } from "../errors.ts";
import type { Touches } from "./overlay.ts";
import type { StateChanges } from "./state-changes.ts";
import type { StateImage } from "./state-image.ts";
import type {
  BlockCommit,
  StateSource,
  StateStore,
  StoreHead,
  StoreIdentity,
} from "./state-store.ts";
import type { Undo } from "./undo.ts";

/** The part that every store shares: image, staged changes, order of calls. */
export abstract class ImageStore implements StateStore {
  protected readonly image: StateImage;
  /** Undo of each `apply` since the last commit, oldest first. */
  protected undo: Undo[] = [];
  protected headNow: StoreHead | undefined;
  protected identityNow: StoreIdentity | undefined;

  constructor(image: StateImage) {
    this.image = image;
  }

  source(): StateSource {
    return this.image;
  }

  root(): Uint8Array {
    return this.image.root();
  }

  entries(): Iterable<{ readonly key: Uint8Array; readonly value: Uint8Array }> {
    return this.image.entries();
  }

  identity(): StoreIdentity | undefined {
    return this.identityNow;
  }

  head(): StoreHead {
    if (this.headNow === undefined) {
      throw new EngineError({
        code: "STATE_EMPTY",
        message: "got a store without a genesis, expected an initialised one",
      });
    }
    return this.headNow;
  }

  apply(changes: StateChanges): Uint8Array {
    this.stage(changes);
    return this.root();
  }

  stage(changes: StateChanges): void {
    this.undo.push(this.image.applyWithUndo(changes));
  }

  discard(): void {
    while (this.undo.length > 0) this.image.apply(this.undo.pop()!.changes());
  }

  witness(touches: Touches): Uint8Array {
    if (this.undo.length > 0) {
      throw new EngineError({
        code: "STATE_ORDER",
        message:
          "got a witness request after apply, expected it before: it proves the state before",
      });
    }
    return this.image.witness(touches);
  }

  async initialise(identity: StoreIdentity): Promise<void> {
    if (this.headNow !== undefined) {
      throw new EngineError({
        code: "STATE_NOT_EMPTY",
        message: `got a store at height ${this.headNow.height}, expected an empty one`,
      });
    }
    this.identityNow = {
      environment: new Uint8Array(identity.environment),
      genesis: new Uint8Array(identity.genesis),
    };
    await this.accept({ height: 0n, block: new Uint8Array(0) });
  }

  async commit(commit: BlockCommit): Promise<void> {
    const expected = this.head().height + 1n;
    if (commit.height !== expected) {
      throw new EngineError({
        code: "STATE_ORDER",
        message: `got a block of height ${commit.height}, expected ${expected}`,
        where: { height: commit.height },
      });
    }
    await this.accept(commit);
  }

  /** Moves the head to the staged state and hands the block to `keep`. */
  protected accept(commit: BlockCommit): Promise<void> {
    this.undo = [];
    this.headNow = { height: commit.height, root: this.image.root() };
    return this.keep(commit, this.headNow);
  }

  /** Makes the block durable; called with the head already moved. */
  protected abstract keep(commit: BlockCommit, head: StoreHead): Promise<void>;
  abstract finalise(height: bigint): Promise<void>;
  abstract block(height: bigint): Uint8Array | undefined;
  abstract blob(hash: Uint8Array): Uint8Array | undefined;
  abstract putBlob(hash: Uint8Array, bytes: Uint8Array): void;
  abstract close(): Promise<void>;
}
