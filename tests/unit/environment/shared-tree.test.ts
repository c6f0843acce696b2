// The tree of a state in two threads, with a second thread that is a part of this one: it does what it is asked at
// once, late, when nobody needs it any more, or never.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SecondThread, SecondThreadRequest } from "../../../host/environment/second-thread.ts";
import { ServedTree, SharedTree } from "../../../host/environment/shared-tree.ts";
import { pureStateHasher as hasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { type TestChange, toChanges } from "../state/reference.ts";

type Habit = "at once" | "late" | "never";

class FakeThread implements SecondThread {
  isThere = true;
  habit: Habit = "at once";
  asked = 0;
  readonly #waiting: SecondThreadRequest[] = [];
  readonly #trees = new Map<number, ServedTree>();

  ask(request: SecondThreadRequest): void {
    this.asked += 1;
    if (this.habit === "never") return;
    this.#waiting.push(request);
    if (this.habit === "at once") this.work();
  }

  /** Everything that was asked for and is not done. */
  work(): void {
    for (const request of this.#waiting.splice(0)) this.#serve(request);
  }

  #serve(request: SecondThreadRequest): void {
    if (request.kind === "openTree") {
      this.#trees.set(request.tree, new ServedTree(request.port, request.control, hasher));
    } else if (request.kind === "changeTree") {
      this.#trees.get(request.tree)?.change(request.offer);
    }
  }
}

const KEYS = 400;
/** Enough changes to be worth a message, and now and then too few. */
const batches = fc.array(
  fc.record({
    habit: fc.constantFrom<Habit>("at once", "late"),
    /** Whether the root is asked for before the next batch. */
    isAsked: fc.boolean(),
    changes: fc.uniqueArray(
      fc.record({
        n: fc.nat(KEYS),
        value: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined }),
      }),
      { minLength: 0, maxLength: 250, selector: ({ n }) => n },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);
const many = (count: number, first = 0): TestChange[] =>
  Array.from({ length: count }, (_, i) => ({ n: first + i, value: Uint8Array.of(i, i >> 8) }));

describe("a tree in two threads", () => {
  it("has the roots of one in a single thread, whoever comes to apply what", () => {
    fc.assert(
      fc.property(batches, (blocks) => {
        const thread = new FakeThread();
        const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, thread) });
        const plain = new StateImage({ hasher });
        for (const { habit, isAsked, changes } of blocks) {
          thread.habit = habit;
          image.applyWithUndo(toChanges(changes));
          const root = plain.apply(toChanges(changes));
          if (isAsked) expect(image.root()).toEqual(root);
        }
        expect(image.root()).toEqual(plain.root());
        // What was late finds that it is done.
        thread.work();
        image.applyWithUndo(toChanges(many(100)));
        expect(image.root()).toEqual(plain.apply(toChanges(many(100))));
      }),
      { seed: 77_001, numRuns: 60 },
    );
  });

  it("grows in either thread", () => {
    const thread = new FakeThread();
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, thread) });
    const plain = new StateImage({ hasher });
    for (const [i, habit] of (["late", "at once", "late", "at once"] as const).entries()) {
      thread.habit = habit;
      const changes = many(3_000, 3_000 * i);
      expect(image.apply(toChanges(changes))).toEqual(plain.apply(toChanges(changes)));
    }
  });

  it("takes batches that need more memory than the ones before", () => {
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, new FakeThread()) });
    const plain = new StateImage({ hasher });
    for (const length of [10, 1_500, 20, 6_000]) {
      const changes = many(300).map(({ n }) => ({ n, value: new Uint8Array(length).fill(n) }));
      expect(image.apply(toChanges(changes))).toEqual(plain.apply(toChanges(changes)));
    }
  });

  it("is taken back by its undo", () => {
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, new FakeThread()) });
    const root = image.apply(toChanges(many(300)));
    const gone = many(200, 100).map(({ n }) => ({ n, value: undefined }));
    const undo = image.applyWithUndo(toChanges([...gone, ...many(200, 400)]));
    expect(image.root()).not.toEqual(root);
    expect(image.apply(undo.changes())).toEqual(root);
  });

  it("does not wait for a thread that never began, nor ask one that is not there", () => {
    const thread = new FakeThread();
    thread.habit = "never";
    const plain = new StateImage({ hasher });
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, thread) });
    expect(image.apply(toChanges(many(300)))).toEqual(plain.apply(toChanges(many(300))));
    const { asked } = thread;
    expect(asked).toBeGreaterThan(0);
    thread.isThere = false;
    expect(image.apply(toChanges(many(500)))).toEqual(plain.apply(toChanges(many(500))));
    expect(thread.asked).toBe(asked);
  });

  it("applies alone what is too little, and what comes after it was closed", () => {
    const thread = new FakeThread();
    const plain = new StateImage({ hasher });
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, thread) });
    expect(image.apply(toChanges(many(5)))).toEqual(plain.apply(toChanges(many(5))));
    expect(thread.asked).toBe(0);
    image.apply(toChanges(many(300)));
    image.close();
    const { asked } = thread;
    plain.apply(toChanges(many(300)));
    expect(image.apply(toChanges(many(400)))).toEqual(plain.apply(toChanges(many(400))));
    expect(thread.asked).toBe(asked);
  });

  it("is of no more use, and says so each time, when the other thread took a batch and never came back", () => {
    const thread: SecondThread = {
      isThere: true,
      ask(request) {
        if (request.kind === "openTree") control = request.control;
        // As a thread does that ends after it took a batch.
        if (request.kind === "changeTree") Atomics.add(control as Int32Array, 0, 1);
      },
    };
    let control: Int32Array | undefined;
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, thread, 1) });
    image.applyWithUndo(toChanges(many(300)));
    const failed = expect.objectContaining({ code: "STATE_THREAD" });
    expect(() => image.root()).toThrow(failed);
    expect(() => image.root()).toThrow(failed);
    expect(() => image.apply(toChanges(many(1)))).toThrow(failed);
  });

  it("says what the other thread failed with", () => {
    const failing = new FakeThread();
    const broken = {
      ...hasher,
      hashPairs: () => {
        throw new RangeError("no memory");
      },
    };
    const served = new Map<number, ServedTree>();
    failing.ask = (request: SecondThreadRequest) => {
      if (request.kind === "openTree") {
        served.set(request.tree, new ServedTree(request.port, request.control, broken));
      } else if (request.kind === "changeTree") served.get(request.tree)?.change(request.offer);
    };
    const image = new StateImage({ hasher, treeThread: new SharedTree(hasher, failing) });
    image.applyWithUndo(toChanges(many(300)));
    expect(() => image.root()).toThrow(/failed: RangeError: no memory/);
  });
});
