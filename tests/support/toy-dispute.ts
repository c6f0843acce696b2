// A machine of a few steps and people who argue about it, for tests of the dispute game: states are hashes of
// (variant, step), variant 0 is the true run, and a wrong run is one that changes to another variant, from where
// its steps follow like true ones. Trees are of any shape. Players find every command that is open to them.
import type { BlockOrder } from "../../host/chain/order.ts";
import type { BlockResult } from "../../host/chain/result.ts";
import { equalBytes, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256, keccak256Pair } from "../../host/codec/keccak.ts";
import { deadlineOf, isOver, levelBClock } from "../../host/dispute/clock.ts";
import type {
  AdvanceCommand,
  ClaimCommand,
  Command,
  HaltedEnd,
  LastStepEnd,
} from "../../host/dispute/command.ts";
import {
  type CommitmentShape,
  childDepth,
  isLastLevel,
  leafCount,
  strideOf,
  treeDepth,
} from "../../host/dispute/commitment-shape.ts";
import type {
  DisputeState,
  DisputeSubject,
  Match,
  Tournament,
} from "../../host/dispute/dispute-state.ts";
import { encodeHeader, Region, Status } from "../../host/dispute/judge-header.ts";
import { initialRun, type RunState, resultOfRun } from "../../host/dispute/judge-run.ts";
import type { StepJudge } from "../../host/dispute/match.ts";
import { pairId } from "../../host/dispute/tournament.ts";
import { RejectionCode } from "../../host/outcome.ts";
import { rulesHash } from "../../host/rules/encode-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";

/** Four states per level, two levels: 13 steps. */
export const SMALL_SHAPE: CommitmentShape = { arity: 2, moves: 2, levels: 2 };

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(32 * parts.length);
  parts.forEach((part, i) => {
    all.set(part, 32 * i);
  });
  return all;
};

/** The nodes above; equal neighbours, as of a long halted tail, are hashed once. */
function levelAbove(below: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < below.length; i += 2) {
    const isRepeated = i > 0 && below[i] === below[i - 2] && below[i + 1] === below[i - 1];
    above.push(isRepeated ? above.at(-1)! : keccak256Pair(below[i]!, below[i + 1]!));
  }
  return above;
}

/** The nodes of a host record by level, from its leaves to its root. */
function recordNodes(record: readonly Uint8Array[]): Uint8Array[][] {
  const nodes = [record.map((leaf) => keccak256(leaf))];
  while (nodes.at(-1)!.length > 1) nodes.push(levelAbove(nodes.at(-1)!));
  return nodes;
}

/** A subject whose rules have these dispute parameters. */
export function toySubject(
  shape: CommitmentShape,
  dispute: Partial<Rules["dispute"]> = {},
): DisputeSubject {
  const general = presetRules("general");
  const rules: Rules = { ...general, dispute: { ...general.dispute, ...dispute } };
  const order: BlockOrder = {
    environmentId: new Uint8Array(32).fill(1),
    height: 7n,
    parentOrder: new Uint8Array(32).fill(2),
    time: 1_000n,
    producer: new Uint8Array(20).fill(3),
    rulesHash: rulesHash(rules),
    inboxFirst: 0n,
    inboxCount: 0,
    transactionCount: 2,
    transactionsRoot: new Uint8Array(32).fill(4),
  };
  const parentResult: BlockResult = {
    stateRoot: new Uint8Array(32).fill(5),
    receiptsRoot: new Uint8Array(32).fill(6),
    outboxRoot: new Uint8Array(32).fill(7),
    gasUsed: 8n,
  };
  return { order, parentResult, rules, shape };
}

/** The machine of a subject. Variants that are odd multiples of 100 come to the true result again. */
export class ToyMachine {
  readonly subject: DisputeSubject;
  readonly haltStep: number;
  readonly #start: RunState;
  readonly #known = new Map<Hex, { readonly variant: number; readonly step: number }>();
  readonly #hashes = new Map<string, Uint8Array>();

  constructor(subject: DisputeSubject, haltStep: number) {
    this.subject = subject;
    this.haltStep = haltStep;
    this.#start = initialRun(subject.order, subject.parentResult, subject.rules);
  }

  halted(variant: number): RunState {
    const { header, record } = this.#start;
    const leaves = record.map((leaf) => leaf.slice());
    leaves[0]!.fill(variant % 100, 0, 32);
    const halted = { ...header, roots: [...header.roots], status: Status.halted, phase: 0 };
    halted.roots[Region.record] = recordNodes(leaves)[4]![0]!;
    return { header: halted, record: leaves };
  }

  #compute(variant: number, step: number): Uint8Array {
    const hashOf = ({ header }: RunState) => keccak256(encodeHeader(header));
    if (step === this.haltStep) return hashOf(this.halted(variant));
    if (variant === 0 && step === 0) return hashOf(this.#start);
    return keccak256(this.#proof(variant, step));
  }

  #proof(variant: number, step: number): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, variant);
    new DataView(bytes.buffer).setUint32(4, step);
    return bytes;
  }

  /** State hash of a variant after so many steps. */
  hash(variant: number, step: number): Uint8Array {
    const at = Math.min(step, this.haltStep);
    const known = at === this.haltStep ? variant % 100 : variant;
    const key = `${known}:${at}`;
    let hash = this.#hashes.get(key);
    if (hash === undefined) {
      hash = this.#compute(known, at);
      this.#hashes.set(key, hash);
      this.#known.set(toHex(hash), { variant: known, step: at });
    }
    return hash;
  }

  /** The proof of the step from a state, or nothing for states that are made up. */
  prove(pre: Uint8Array): Uint8Array | undefined {
    const known = this.#known.get(toHex(pre));
    return known && this.#proof(known.variant, known.step);
  }

  readonly judge: StepJudge = (pre, proof) => {
    const known = this.#known.get(toHex(pre));
    if (known === undefined) return { rejected: RejectionCode.PRE_STATE };
    const { variant, step } = known;
    if (!equalBytes(proof, this.#proof(variant, step))) return { rejected: RejectionCode.TRAILING };
    return { post: this.hash(variant, step + 1) };
  };

  /** The opening of a claim's end in a halted variant, but for its path. */
  haltedEnd(variant: number): Omit<HaltedEnd, "path"> {
    const run = this.halted(variant);
    const nodes = recordNodes(run.record);
    const siblings = [0, 1, 2].flatMap((level) =>
      [0, 9].map((leaf) => nodes[level]![(leaf >> level) ^ 1]!),
    );
    const recordLeaves = new Uint8Array(256);
    recordLeaves.set(run.record[0]!, 0);
    recordLeaves.set(run.record[9]!, 128);
    return {
      kind: "halted",
      result: resultOfRun(run)!,
      header: encodeHeader(run.header),
      recordLeaves,
      recordSiblings: joined(siblings),
    };
  }
}

/** A commitment with all its nodes. */
export class ToyTree {
  readonly leaves: readonly Uint8Array[];
  readonly #shape: CommitmentShape;
  readonly #levels: Uint8Array[][];

  constructor(shape: CommitmentShape, leaves: readonly Uint8Array[]) {
    this.#shape = shape;
    this.leaves = leaves;
    this.#levels = [[...leaves]];
    for (let level = 1; level <= treeDepth(shape); level++) {
      this.#levels.push(levelAbove(this.#levels[level - 1]!));
    }
  }

  get root(): Uint8Array {
    return this.#levels.at(-1)![0]!;
  }

  /** Children of node `place`, `depth` moves below the root. */
  children(depth: number, place: number): Uint8Array {
    const { arity } = this.#shape;
    const level = treeDepth(this.#shape) - childDepth(this.#shape) * (depth + 1);
    return joined(this.#levels[level]!.slice(arity * place, arity * (place + 1)));
  }

  path(leaf: number): Uint8Array {
    const siblings = this.#levels.slice(0, -1).map((nodes, level) => nodes[(leaf >> level) ^ 1]!);
    return joined(siblings);
  }
}

/** What somebody says the machine did: the variant that it is in after so many steps; null: a state made up. */
export interface Story {
  readonly name: string;
  readonly variantAt: (step: number) => number | null;
}

export const truth: Story = { name: "truth", variantAt: () => 0 };

/** True until step `from`, another variant from there on. */
export function liesFrom(from: number, variant: number): Story {
  return { name: `lie ${variant} from ${from}`, variantAt: (step) => (step < from ? 0 : variant) };
}

/** True but for a made-up state at one step. */
export function madeUpAt(at: number, variant = 0): Story {
  return {
    name: `made up at ${at}, then ${variant}`,
    variantAt: (step) => (step === at ? null : step < at ? 0 : variant),
  };
}

/** Tells one story in every tournament that it has a place in. */
export class ToyPlayer {
  readonly machine: ToyMachine;
  readonly story: Story;
  readonly account: Hex;
  readonly #trees = new Map<Hex, ToyTree>();
  readonly #ids = new Map<Hex, Hex>();
  readonly #claims = new Map<Hex, ClaimCommand | undefined>();

  constructor(machine: ToyMachine, story: Story, account: Hex) {
    this.machine = machine;
    this.story = story;
    this.account = account;
  }

  stateAt(step: number): Uint8Array {
    const variant = this.story.variantAt(Math.min(step, this.machine.haltStep));
    const name = new TextEncoder().encode(`${this.story.name} ${step}`);
    return variant === null ? keccak256(name) : this.machine.hash(variant, step);
  }

  tree(tournament: Tournament): ToyTree {
    const known = this.#trees.get(tournament.id);
    if (known !== undefined) return known;
    const { shape } = this.machine.subject;
    const stride = Number(strideOf(shape, tournament.level));
    const first = Number(tournament.firstStep);
    const leaves = Array.from({ length: leafCount(shape) }, (_, i) =>
      this.stateAt(first + i * stride),
    );
    const tree = new ToyTree(shape, leaves);
    this.#trees.set(tournament.id, tree);
    return tree;
  }

  claimId(tournament: Tournament): Hex {
    let id = this.#ids.get(tournament.id);
    if (id === undefined) {
      id = pairId(tournament.id, toHex(this.tree(tournament).root));
      this.#ids.set(tournament.id, id);
    }
    return id;
  }

  #end(tournament: Tournament, tree: ToyTree): HaltedEnd | LastStepEnd | undefined {
    const last = leafCount(this.machine.subject.shape) - 1;
    const path = tree.path(last);
    if (tournament.level === 0) {
      const variant = this.story.variantAt(this.machine.haltStep) ?? 0;
      return { ...this.machine.haltedEnd(variant), path };
    }
    const leaf = tree.leaves[last]!;
    const proof = this.machine.prove(leaf);
    return proof && { kind: "lastStep", leaf, path, proof };
  }

  /** The entry of this player's claim, legal or not. */
  claim(tournament: Tournament): ClaimCommand | undefined {
    if (!this.#claims.has(tournament.id)) {
      this.#claims.set(tournament.id, this.#makeClaim(tournament));
    }
    return this.#claims.get(tournament.id);
  }

  #makeClaim(tournament: Tournament): ClaimCommand | undefined {
    const tree = this.tree(tournament);
    const end = this.#end(tournament, tree);
    if (end === undefined) return undefined;
    return {
      kind: "claim",
      account: this.account,
      tournament: tournament.id,
      bondMax: 2n ** 128n - 1n,
      root: tree.root,
      children: tree.children(0, 0),
      firstPath: tree.path(0),
      end,
    };
  }

  /** The move of this player's claim in a match whose turn it is. */
  advance(state: DisputeState, match: Match): AdvanceCommand {
    const { shape } = this.machine.subject;
    const tree = this.tree(state.tournaments.get(match.tournament)!);
    let { depth, place } = match;
    const { account } = this;
    const { shown } = match;
    if (shown === undefined) {
      return { kind: "advance", account, match: match.id, below: tree.children(depth, place) };
    }
    const own = tree.children(depth, place);
    const first = Array.from({ length: shape.arity }, (_, i) => i).find(
      (i) => !equalBytes(own.subarray(32 * i, 32 * i + 32), shown.subarray(32 * i, 32 * i + 32)),
    )!;
    depth += 1;
    place = place * shape.arity + first;
    if (depth === shape.moves) return { kind: "advance", account, match: match.id, own };
    return { kind: "advance", account, match: match.id, own, below: tree.children(depth, place) };
  }

  #sealOrStep(match: Match, side: 0 | 1, tree: ToyTree): Command | undefined {
    const agreedLeaf = tree.leaves[match.place - 1]!;
    const path = tree.path(match.place - 1);
    const shown = { account: this.account, match: match.id, side, agreedLeaf, path };
    if (!isLastLevel(this.machine.subject.shape, match.level)) return { kind: "seal", ...shown };
    const proof = this.machine.prove(agreedLeaf);
    return proof && { kind: "step", ...shown, proof };
  }

  #inMatch(state: DisputeState, match: Match, time: bigint): Command | undefined {
    const { account } = this;
    if (match.stage === "over" || match.stage === "sealed") return undefined;
    if (time >= deadlineOf(state, match)) return { kind: "timeout", account, match: match.id };
    const tournament = state.tournaments.get(match.tournament)!;
    const side = match.claims.indexOf(this.claimId(tournament));
    if (side !== 0 && side !== 1) return undefined;
    if (match.stage === "leaf") return this.#sealOrStep(match, side, this.tree(tournament));
    return match.turn === side ? this.advance(state, match) : undefined;
  }

  /** Whether this story has a place in a tournament that is still open for it. */
  #mayEnter(state: DisputeState, tournament: Tournament, time: bigint): boolean {
    const { closesAt, opensAt } = tournament;
    if (closesAt !== undefined && time >= closesAt) return false;
    if (state.claims.has(this.claimId(tournament))) return false;
    if (tournament.level === 0) return true;
    const match = state.matches.get(tournament.id)!;
    const stride = Number(strideOf(state.subject.shape, match.level));
    const from = Number(tournament.firstStep);
    if (!equalBytes(this.stateAt(from), tournament.firstLeaf)) return false;
    const leaf = this.stateAt(from + stride - 1);
    const proof = this.machine.prove(leaf);
    const judged = proof && this.machine.judge(leaf, proof);
    if (judged === undefined || !("post" in judged)) return false;
    const side = match.nodes.findIndex((node) => equalBytes(node, judged.post));
    if (side < 0) return false;
    const { clock } = state.claims.get(match.claims[side as 0 | 1])!;
    return levelBClock(state.subject.rules.dispute, clock, opensAt!, time) > 0n;
  }

  /** Every command that is open to this player now. */
  commands(state: DisputeState, time: bigint): Command[] {
    if (state.verdict !== undefined) return [];
    const found: (Command | undefined)[] = [];
    for (const tournament of state.tournaments.values()) {
      if (tournament.isResolved) continue;
      if (isOver(tournament, time)) {
        found.push({ kind: "resolve", account: this.account, tournament: tournament.id });
      } else if (this.#mayEnter(state, tournament, time)) {
        found.push(this.claim(tournament));
      }
    }
    for (const match of state.matches.values()) found.push(this.#inMatch(state, match, time));
    return found.filter((command) => command !== undefined);
  }
}

/** Account number `i`. */
export const account = (i: number): Hex => toHex(new Uint8Array(20).fill(i));
