// The encoding of commands and logs of disputes: what is written reads back equal, every byte string is refused or
// accepted without throwing, and fixtures/vectors/dispute.json holds bytes, ids and a whole log for strangers.
import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import {
  type Command,
  decodeCommand,
  encodeCommand,
  type HaltedEnd,
} from "../../../host/dispute/command.ts";
import { type CommitmentShape, PRODUCTION_SHAPE } from "../../../host/dispute/commitment-shape.ts";
import { applyBytes } from "../../../host/dispute/dispute.ts";
import {
  decodeDisputeLog,
  encodeDisputeLog,
  replayDisputeLog,
} from "../../../host/dispute/dispute-log.ts";
import type { DisputeState } from "../../../host/dispute/dispute-state.ts";
import { EngineError } from "../../../host/errors.ts";
import { Arena } from "../../support/dispute-arena.ts";
import {
  account,
  liesFrom,
  SMALL_SHAPE,
  ToyMachine,
  toySubject,
  truth,
} from "../../support/toy-dispute.ts";

const FILE = "fixtures/vectors/dispute.json";
const update = process.env.UPDATE_GOLDEN === "1";
const CHECKS = { seed: 20_260, numRuns: 300 };

/** A whole dispute, with the state before each of its commands. */
function played(): { readonly game: Arena; readonly states: readonly DisputeState[] } {
  const game = new Arena(new ToyMachine(toySubject(SMALL_SHAPE), 12));
  const players = [truth, liesFrom(6, 1), liesFrom(3, 2)].map((s, i) => game.player(s, i + 1));
  game.enter(...players);
  game.finish(...players);
  const { log } = game.dispute;
  const states = log.entries.map(
    (_, i) =>
      replayDisputeLog(
        { ...log, entries: log.entries.slice(0, i) },
        game.machine.judge,
        SMALL_SHAPE,
      ).state,
  );
  return { game, states };
}

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hexOf = (length: number) => bytesOf(length).map(toHex);

function commands({ arity, moves }: CommitmentShape): fc.Arbitrary<Command> {
  const path = bytesOf(32 * moves * Math.log2(arity));
  const children = bytesOf(32 * arity);
  const proof = fc.uint8Array({ maxLength: 300 });
  const leaf = bytesOf(32);
  const [match, tournament, by] = [hexOf(32), hexOf(32), hexOf(20)];
  const side = fc.constantFrom(0 as const, 1 as const);
  const gasUsed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const result = fc.record({ stateRoot: leaf, receiptsRoot: leaf, outboxRoot: leaf, gasUsed });
  const halted: fc.Arbitrary<HaltedEnd> = fc.record({
    kind: fc.constant("halted"),
    result,
    header: bytesOf(256),
    path,
    recordLeaves: bytesOf(256),
    recordSiblings: bytesOf(192),
  });
  const lastStep = fc.record({ kind: fc.constant("lastStep" as const), leaf, path, proof });
  const claim = fc.record({
    kind: fc.constant("claim" as const),
    account: by,
    tournament,
    bondMax: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    root: leaf,
    children,
    firstPath: path,
    end: fc.oneof(halted, lastStep),
  });
  const head = <K extends string>(kind: K) => ({ kind: fc.constant(kind), account: by, match });
  const shown = { side, agreedLeaf: leaf, path };
  return fc.oneof(
    claim,
    fc.record({ ...head("advance"), own: children }),
    fc.record({ ...head("advance"), below: children }),
    fc.record({ ...head("advance"), own: children, below: children }),
    fc.record({ ...head("seal"), ...shown }),
    fc.record({ ...head("step"), ...shown, proof }),
    fc.record(head("timeout")),
    fc.record({ kind: fc.constant("resolve" as const), account: by, tournament }),
  );
}

describe("a command", () => {
  for (const shape of [SMALL_SHAPE, PRODUCTION_SHAPE]) {
    it(`of arity ${shape.arity} reads back as it was written`, () => {
      const law = fc.property(commands(shape), (command) => {
        expect(decodeCommand(encodeCommand(command, shape), shape)).toEqual(command);
      });
      fc.assert(law, { ...CHECKS, numRuns: shape === SMALL_SHAPE ? 300 : 50 });
    });
  }

  it("has one encoding: bytes that decode are those that encoding gives", () => {
    const { game } = played();
    const valid = game.dispute.log.entries.map(({ command }) => command);
    const law = fc.property(
      fc.constantFrom(...valid),
      fc.nat(),
      fc.nat({ max: 255 }),
      fc.constantFrom("change" as const, "cut" as const, "extend" as const),
      (bytes, place, byte, how) => {
        const at = place % bytes.length;
        const given = {
          change: Uint8Array.from(bytes, (old, i) => (i === at ? byte : old)),
          cut: bytes.slice(0, at),
          extend: Uint8Array.from([...bytes, byte]),
        }[how];
        try {
          expect(encodeCommand(decodeCommand(given, SMALL_SHAPE), SMALL_SHAPE)).toEqual(given);
          expect(how).toBe("change");
        } catch (thrown) {
          if (!(thrown instanceof EngineError)) throw thrown;
          expect(thrown.where.byteOffset).toBeDefined();
        }
      },
    );
    fc.assert(law, CHECKS);
  });

  it("of any bytes is refused or accepted at any state, never thrown out", () => {
    const { game, states } = played();
    const valid = game.dispute.log.entries.map(({ command }) => command);
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(...valid),
      fc
        .tuple(fc.constantFrom(...valid), fc.nat(), fc.nat({ max: 255 }))
        .map(([bytes, at, byte]) => {
          const changed = bytes.slice();
          changed[at % bytes.length] = byte;
          return changed;
        }),
    );
    let accepted = 0;
    const law = fc.property(fc.constantFrom(...states), anyBytes, (state, bytes) => {
      const applied = applyBytes(state, state.time, bytes, game.machine.judge);
      if ("state" in applied) accepted++;
      else expect(applied.refused).toBeInstanceOf(EngineError);
    });
    fc.assert(law, { ...CHECKS, numRuns: 1_500 });
    expect(accepted).toBeGreaterThan(0);
  });

  it("names its version, kind and choices by the numbers there are", () => {
    const { game } = played();
    const claim = game.dispute.log.entries[0]!.command;
    const advance = game.dispute.log.entries.find(({ command }) => command[1] === 2)!.command;
    const seal = game.dispute.log.entries.find(({ command }) => command[1] === 3)!.command;
    const endAt = 22 + 32 + 16 + 32 + 64 + 64;
    const wrong: readonly (readonly [Uint8Array, number, number])[] = [
      [claim, 0, 0],
      [claim, 0, 2],
      [claim, 1, 0],
      [claim, 1, 7],
      [claim, endAt, 0],
      [claim, endAt, 3],
      [advance, 54, 0],
      [advance, 54, 4],
      [seal, 54, 2],
    ];
    for (const [bytes, at, value] of wrong) {
      const changed = bytes.slice();
      changed[at] = value;
      expect(() => decodeCommand(changed, SMALL_SHAPE)).toThrow(
        expect.objectContaining({
          code: "DISPUTE_COMMAND_INVALID",
          where: { field: "command", byteOffset: at },
        }),
      );
    }
  });
});

describe("a log", () => {
  it("replays to the state at which it was cut", () => {
    const { game, states } = played();
    const { entries } = game.dispute.log;
    expect(states.at(-1)!.verdict).toBeUndefined();
    expect(states.map(({ commands: count }) => count)).toEqual(entries.map((_, i) => i));
  });

  it("is refused where a command of it is, with its place", () => {
    const { game } = played();
    const { log } = game.dispute;
    const replay = (entries: typeof log.entries) => () =>
      replayDisputeLog({ ...log, entries }, game.machine.judge, SMALL_SHAPE);
    const wrong: readonly (readonly [number, string, typeof log.entries])[] = [
      [1, "DISPUTE_CLAIM_KNOWN", [log.entries[0]!, ...log.entries]],
      [3, "DISPUTE_LISTS", [...log.entries.slice(0, 3), ...log.entries.slice(4)]],
      [1, "DISPUTE_TIME", log.entries.map((e, i) => (i === 0 ? e : { ...e, time: 0n }))],
    ];
    for (const [index, refused, entries] of wrong) {
      expect(replay(entries)).toThrow(
        expect.objectContaining({
          code: "DISPUTE_LOG_INVALID",
          details: { index, refusal: refused },
        }),
      );
    }
    const { rules } = toySubject(SMALL_SHAPE, { graceSeconds: 1 });
    expect(() => replayDisputeLog({ ...log, rules }, game.machine.judge, SMALL_SHAPE)).toThrow(
      expect.objectContaining({ code: "RULES_HASH_MISMATCH" }),
    );
  });

  it("is a file of its kind, complete and no longer", () => {
    const { game } = played();
    const file = encodeDisputeLog(game.dispute.log);
    expect(encodeDisputeLog(decodeDisputeLog(file))).toEqual(file);
    for (const end of [8, 11, 200, 400, file.length - 1]) {
      expect(() => decodeDisputeLog(file.subarray(0, end))).toThrow(
        expect.objectContaining({ code: "BYTES_TRUNCATED" }),
      );
    }
    expect(() => decodeDisputeLog(Uint8Array.from([...file, 0]))).toThrow(
      expect.objectContaining({ code: "BYTES_TRAILING" }),
    );
    const bundle = file.slice();
    bundle[8] = 1;
    expect(() => decodeDisputeLog(bundle)).toThrow(expect.objectContaining({ code: "FILE_KIND" }));
  });
});

interface VectorFile {
  readonly v: 1;
  readonly about: string;
  readonly disputeId: Hex;
  readonly firstLeaf: Hex;
  readonly claims: readonly { readonly root: Hex; readonly id: Hex; readonly clock: string }[];
  readonly match: { readonly id: Hex; readonly place: number };
  readonly commands: readonly { readonly kind: string; readonly bytes: Hex }[];
  readonly log: Hex;
  readonly logHash: Hex;
  readonly survivor: Hex;
  readonly payouts: Readonly<Record<Hex, string>>;
  readonly kept: string;
}

/** A dispute in production shape that no step decides: the liar falls silent after its second move. */
function vectors(): VectorFile {
  const machine = new ToyMachine(toySubject(PRODUCTION_SHAPE), 300 * 65_536);
  const game = new Arena(machine);
  const [honest, liar] = [game.player(truth, 1), game.player(liesFrom(200 * 65_536 + 1, 1), 2)];
  game.enter(honest, liar);
  const { id } = game.matchOf(honest);
  for (const player of [liar, honest, liar, honest]) {
    game.time += 60n;
    game.give(player.commands(game.state, game.time)[0]);
  }
  const { place } = game.state.matches.get(id)!;
  game.time += 90_000n;
  game.give(honest.commands(game.state, game.time)[0]);
  game.time = game.root.closesAt!;
  game.give(honest.commands(game.state, game.time)[0]);
  const { state, dispute } = game;
  const shown = state.verdict!.survivor!;
  return {
    v: 1,
    about: "docs/formats.md section 16: a dispute, its commands, ids, log file and verdict",
    disputeId: state.id,
    firstLeaf: toHex(game.root.firstLeaf),
    claims: [honest, liar].map((player) => {
      const claim = game.claimOf(player);
      return { root: toHex(claim.root), id: claim.id, clock: String(claim.clock) };
    }),
    match: { id, place },
    commands: dispute.log.entries.map(({ command }) => ({
      kind: decodeCommand(command).kind,
      bytes: toHex(command),
    })),
    log: toHex(encodeDisputeLog(dispute.log)),
    logHash: toHex(state.logHash),
    survivor: shown,
    payouts: Object.fromEntries([...state.payouts].map(([id, amount]) => [id, String(amount)])),
    kept: String(state.kept),
  };
}

describe("the vectors of disputes", () => {
  const made = vectors();
  if (update) writeFileSync(FILE, `${JSON.stringify(made, null, 1)}\n`);
  const file = JSON.parse(readFileSync(FILE, "utf8")) as VectorFile;

  it("are what this code makes", () => {
    expect(file).toEqual(made);
  });

  it("hold a log that replays to its verdict with the real judge", () => {
    const { state } = replayDisputeLog(decodeDisputeLog(fromHex(file.log)));
    expect(state.verdict!.survivor).toBe(file.survivor);
    expect(toHex(state.logHash)).toBe(file.logHash);
    expect(file.commands.map(({ kind }) => kind)).toEqual([
      ...["claim", "claim", "advance", "advance", "advance", "advance"],
      ...["timeout", "resolve"],
    ]);
    expect(account(1) in file.payouts).toBe(true);
  });
});
