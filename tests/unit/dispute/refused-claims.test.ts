// How commands and claims of level A are refused, with code and field, and the other side of each limit. A refused
// command leaves the state as it was (the arena checks that for each).
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../../host/codec/keccak.ts";
import type {
  ClaimCommand,
  Command,
  HaltedEnd,
  LastStepEnd,
  SealCommand,
} from "../../../host/dispute/command.ts";
import { openDispute } from "../../../host/dispute/dispute.ts";
import { encodeHeader, Status } from "../../../host/dispute/judge-header.ts";
import { Duel, NOTHING, SOMEBODY, spoiled } from "../../support/duel.ts";
import { SMALL_SHAPE, ToyTree, toySubject } from "../../support/toy-dispute.ts";

describe("any command", () => {
  it("is refused at a time before the last one, and accepted at the same time", () => {
    const duel = new Duel();
    duel.enter(duel.honest);
    duel.time -= 1n;
    duel.refuse(duel.liar.claim(duel.root)!, "DISPUTE_TIME", "time");
    duel.time += 1n;
    duel.enter(duel.liar);
    duel.time = 2n ** 64n;
    duel.refuse(duel.next(duel.honest, "timeout"), "DISPUTE_TIME", "time");
  });

  it("is refused once there is a verdict", () => {
    const duel = new Duel();
    duel.enter(duel.honest);
    duel.finish(duel.honest);
    duel.refuse(duel.liar.claim(duel.root)!, "DISPUTE_OVER");
  });

  it("is refused when a field has not its size", () => {
    const duel = new Duel();
    const claim = duel.honest.claim(duel.root)!;
    for (const wrong of [
      { ...claim, root: claim.root.subarray(1) },
      { ...claim, children: new Uint8Array(96) },
      { ...claim, firstPath: new Uint8Array(32) },
      { ...claim, bondMax: -1n },
      { ...claim, account: "0x00" as const },
    ]) {
      expect(duel.dispute.apply(duel.time, wrong)).toHaveProperty("refused");
    }
  });

  it("is refused when it makes a choice that there is not, typed or not", () => {
    const duel = new Duel();
    duel.begin();
    const seal = { kind: "seal", account: SOMEBODY, match: NOTHING, side: 2 } as unknown;
    const shown = { agreedLeaf: new Uint8Array(32), path: new Uint8Array(64) };
    const field = "command";
    duel.refuse({ ...(seal as SealCommand), ...shown }, "DISPUTE_COMMAND_INVALID", field);
    const other = { kind: "settle", account: SOMEBODY } as unknown as Command;
    duel.refuse(other, "DISPUTE_COMMAND_INVALID", field);
  });

  it("is about a match and a tournament of this dispute", () => {
    const duel = new Duel();
    duel.begin();
    const [account, below] = [SOMEBODY, new Uint8Array(64)];
    const advance: Command = { kind: "advance", account, match: NOTHING, below };
    duel.refuse(advance, "DISPUTE_MATCH_UNKNOWN", "match");
    const timeout: Command = { kind: "timeout", account, match: NOTHING };
    duel.refuse(timeout, "DISPUTE_MATCH_UNKNOWN", "match");
    duel.refuse({ kind: "advance", account, match: NOTHING }, "DISPUTE_COMMAND_INVALID", "command");
    const claim = duel.honest.claim(duel.root)!;
    duel.refuse({ ...claim, tournament: NOTHING }, "DISPUTE_TOURNAMENT_UNKNOWN", "tournament");
    const resolve = {
      kind: "resolve",
      account: SOMEBODY,
      tournament: duel.openMatch().id,
    } as const;
    duel.refuse(resolve, "DISPUTE_TOURNAMENT_UNKNOWN", "tournament");
  });
});

describe("a subject", () => {
  it("has the rules that its order names", () => {
    const subject = toySubject(SMALL_SHAPE);
    const { rules } = toySubject(SMALL_SHAPE, { windowSeconds: 5 });
    expect(() => openDispute({ ...subject, rules })).toThrow(
      expect.objectContaining({ code: "RULES_HASH_MISMATCH" }),
    );
  });
});

describe("a claim of level A", () => {
  const duel = new Duel();
  const claim = duel.honest.claim(duel.root)!;
  const end = claim.end as HaltedEnd;
  const change = (changed: Partial<ClaimCommand>): ClaimCommand => ({ ...claim, ...changed });
  const changeEnd = (changed: Partial<HaltedEnd>) => change({ end: { ...end, ...changed } });

  /** The claim over a tree whose last leaf is this header. */
  function endingIn(header: Uint8Array, first?: Uint8Array): ClaimCommand {
    const leaves = [...duel.honest.tree(duel.root).leaves];
    leaves[3] = keccak256(header);
    if (first !== undefined) leaves[0] = first;
    const tree = new ToyTree(SMALL_SHAPE, leaves);
    const path = tree.path(3);
    const [root, children, firstPath] = [tree.root, tree.children(0, 0), tree.path(0)];
    return change({ root, children, firstPath, end: { ...end, header, path } });
  }

  it("shows the children of its root", () => {
    duel.refuse(change({ children: spoiled(claim.children) }), "DISPUTE_CHILDREN", "children");
    duel.refuse(change({ root: spoiled(claim.root) }), "DISPUTE_CHILDREN", "children");
  });

  it("opens leaf 0 as the state that the order begins with", () => {
    duel.refuse(change({ firstPath: spoiled(claim.firstPath) }), "DISPUTE_FIRST_LEAF", "firstPath");
    const elsewhere = endingIn(end.header, new Uint8Array(32).fill(9));
    duel.refuse(elsewhere, "DISPUTE_FIRST_LEAF", "firstPath");
  });

  it("opens its last leaf", () => {
    duel.refuse(changeEnd({ path: spoiled(end.path) }), "DISPUTE_LAST_LEAF", "end.path");
    duel.refuse(changeEnd({ header: spoiled(end.header) }), "DISPUTE_LAST_LEAF", "end.path");
    const { recordLeaves, recordSiblings } = end;
    const field = "end.recordLeaves";
    duel.refuse(changeEnd({ recordLeaves: spoiled(recordLeaves) }), "DISPUTE_LAST_LEAF", field);
    const siblings = spoiled(recordSiblings);
    duel.refuse(changeEnd({ recordSiblings: siblings }), "DISPUTE_LAST_LEAF", field);
  });

  it("ends in a halted machine", () => {
    const { header } = duel.machine.halted(0);
    for (const status of [Status.phase, Status.run, Status.stuck]) {
      const running = encodeHeader({ ...header, status, phase: status === Status.phase ? 1 : 0 });
      duel.refuse(endingIn(running), "DISPUTE_NOT_HALTED", "end.header");
    }
    const malformed = encodeHeader({ ...header, phase: 3 });
    duel.refuse(endingIn(malformed), "DISPUTE_NOT_HALTED", "end.header");
  });

  it("claims exactly the result that the halted machine holds", () => {
    const { result } = end;
    const wrong = [
      { ...result, stateRoot: spoiled(result.stateRoot) },
      { ...result, receiptsRoot: spoiled(result.receiptsRoot) },
      { ...result, outboxRoot: spoiled(result.outboxRoot) },
      { ...result, gasUsed: result.gasUsed + 1n },
    ];
    for (const claimed of wrong) {
      duel.refuse(changeEnd({ result: claimed }), "DISPUTE_RESULT", "end.result");
    }
  });

  it("has the end of its level", () => {
    const leaf = new Uint8Array(32);
    const lastStep: LastStepEnd = { kind: "lastStep", leaf, path: end.path, proof: leaf };
    duel.refuse(change({ end: lastStep }), "DISPUTE_LEVEL", "end");
  });

  it("locks the bond of its place in the order of entries", () => {
    duel.refuse(change({ bondMax: 999_999n }), "DISPUTE_BOND", "bondMax");
    duel.give(change({ bondMax: 1_000_000n }));
    const next = duel.liar.claim(duel.root)!;
    duel.refuse({ ...next, bondMax: 1_099_999n }, "DISPUTE_BOND", "bondMax");
    duel.give({ ...next, bondMax: 1_100_000n });
  });

  it("is entered once, also when it is out", () => {
    duel.refuse({ ...claim, account: SOMEBODY }, "DISPUTE_CLAIM_KNOWN", "root");
    duel.finish(duel.honest, duel.liar);
    const game = new Duel();
    game.begin();
    game.time += 300n;
    game.play(game.honest);
    expect(game.claimOf(game.liar).status).toBe("out");
    game.refuse(game.liar.claim(game.root)!, "DISPUTE_CLAIM_KNOWN", "root");
  });

  it("comes before the window closes, and has a second if it comes in its last one", () => {
    const game = new Duel();
    game.enter(game.honest);
    game.time = 100n + 1_000n;
    game.refuse(game.liar.claim(game.root)!, "DISPUTE_WINDOW_CLOSED", "time");
    game.time -= 1n;
    game.enter(game.liar);
    expect(game.claimOf(game.liar).clock).toBe(1n);
    expect(game.claimOf(game.honest).clock).toBe(300n);
  });

  it("has the whole clock until the window is about to close", () => {
    const clockAt = (elapsed: bigint) => {
      const game = new Duel();
      game.enter(game.honest);
      game.time += elapsed;
      game.enter(game.liar);
      return game.claimOf(game.liar).clock;
    };
    expect([0n, 700n, 701n, 999n].map(clockAt)).toEqual([300n, 300n, 299n, 1n]);
  });
});
