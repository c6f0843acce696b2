// fixtures/vectors/ledger.json: a ledger with a command of every kind, as docs/formats.md section 17 writes them: those
// that are accepted with log hash and ledger root behind each, the others with what refuses them. A stranger who
// reads that section comes to the same bytes. UPDATE_GOLDEN=1 rewrites the file.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addressOf } from "../../../host/chain/key.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { encodeCommand } from "../../../host/dispute/command.ts";
import { PRODUCTION_SHAPE } from "../../../host/dispute/commitment-shape.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { nativeSignatureChecker, nativeStateHasher } from "../../../host/environment/native.ts";
import { encodeRules } from "../../../host/rules/encode-rules.ts";
import { noticeBlocks } from "../../../host/settlement/environment-rules.ts";
import {
  applyToLedger,
  encodeLedgerGenesis,
  type LedgerGround,
  openLedger,
} from "../../../host/settlement/ledger.ts";
import {
  decodeLedgerCommand,
  type LedgerCommand,
  signCommand,
} from "../../../host/settlement/ledger-command.ts";
import {
  encodeLogRecord,
  encodeLogStart,
  readLedgerLog,
  replayLedgerLog,
} from "../../../host/settlement/ledger-log.ts";
import { ledgerRoot } from "../../../host/settlement/ledger-root.ts";
import type { LedgerState } from "../../../host/settlement/ledger-state.ts";
import { type PEOPLE, person, signerOf, TestLedger, testRules } from "../../support/test-ledger.ts";

const FILE = "fixtures/vectors/ledger.json";

const ground: LedgerGround = {
  signatures: nativeSignatureChecker,
  hasher: nativeStateHasher(),
  judge: judgeStep,
  shape: PRODUCTION_SHAPE,
};

interface Vector {
  readonly kind: string;
  readonly account: Hex;
  readonly nonce: string;
  readonly time: string;
  readonly digest: Hex;
  readonly bytes: Hex;
  readonly logHash?: Hex;
  readonly root?: Hex;
  readonly refused?: string;
}

interface VectorFile {
  readonly v: 1;
  readonly about: string;
  readonly genesis: Hex;
  readonly settlement: Hex;
  readonly commands: readonly Vector[];
  readonly file: Hex;
}

const RULES = testRules();
const bytesOf = (name: string) => fromHex(person(name), 20);
const filled = (size: number, byte: number) => new Uint8Array(size).fill(byte);

/** Who does what, and when; each is made from the state at hand. */
type Line = readonly [
  name: (typeof PEOPLE)[number],
  time: bigint,
  command: (state: LedgerState, id: Hex) => LedgerCommand,
];

const lines: readonly Line[] = [
  [
    "alice",
    1_000n,
    () => ({
      kind: "register",
      rules: encodeRules(RULES),
      sequencer: person("sequencer"),
      accounts: [{ address: bytesOf("bob"), balance: 1_000_000n }],
    }),
  ],
  [
    "bob",
    1_001n,
    (_, id) => ({
      ...{ kind: "deposit", environment: id, to: bytesOf("carol"), value: 77n },
      input: Uint8Array.of(1, 2, 3),
    }),
  ],
  ["bob", 1_002n, () => ({ kind: "transfer", to: person("carol"), value: 5n })],
  [
    "sequencer",
    1_003n,
    (state, id) => {
      const ledger = new TestLedger();
      ledger.state = state;
      ledger.time = 1_003n;
      return ledger.order(id, [Uint8Array.of(0xff)]);
    },
  ],
  [
    "alice",
    1_004n,
    (_, id) => ({
      ...{ kind: "rules", environment: id, height: 2n + noticeBlocks(RULES) },
      rules: encodeRules({ ...RULES, fees: { priceMin: 9n } }),
    }),
  ],
  ["guardian", 1_005n, (_, id) => ({ kind: "pause", environment: id, seconds: 10 })],
  ["guardian", 1_006n, (_, id) => ({ kind: "unpause", environment: id })],
  [
    "carol",
    1_007n,
    (state, id) => ({
      ...{ kind: "dispute", environment: id, height: 1n },
      parentResult: state.environments.get(id)!.final.result,
      command: encodeCommand({
        ...{ kind: "timeout", account: person("carol"), match: toHex(filled(32, 1)) },
      }),
    }),
  ],
  ["carol", 1_008n, (_, id) => ({ kind: "finalise", environment: id, height: 1n })],
  [
    "carol",
    1_009n,
    (_, id) => ({
      ...{ kind: "deliver", environment: id, height: 1n },
      messages: [
        {
          ...{ target: filled(32, 2), sender: filled(20, 3), to: filled(20, 4), value: 6n },
          input: filled(5, 5),
        },
      ],
    }),
  ],
  ["bob", 1_010n, (_, id) => ({ kind: "escape", environment: id, proof: filled(9, 8) })],
  ["bob", 1_011n, (_, id) => ({ kind: "reclaim", environment: id, number: 0n })],
];

function made(): VectorFile {
  const { genesis } = new TestLedger();
  let state = openLedger(genesis);
  const settlement = toHex(state.id);
  const file = [encodeLogStart(genesis)];
  const commands = lines.map(([name, time, command]): Vector => {
    const id = [...state.environments.keys()][0] ?? toHex(new Uint8Array(32));
    const nonce = state.accounts.get(person(name))!.nonce;
    const bytes = signCommand(state.id, nonce, command(state, id), signerOf(name));
    const envelope = decodeLedgerCommand(bytes);
    const account = toHex(addressOf(envelope.publicKey));
    const common = {
      ...{ kind: envelope.command.kind, account, nonce: String(nonce), time: String(time) },
      ...{ digest: toHex(envelope.digest), bytes: toHex(bytes) },
    };
    const applied = applyToLedger(state, time, bytes, ground);
    if ("refused" in applied) return { ...common, refused: applied.refused.code };
    file.push(encodeLogRecord(state.logHash, time, bytes));
    state = applied.state;
    return { ...common, logHash: toHex(state.logHash), root: toHex(ledgerRoot(state)) };
  });
  return {
    v: 1,
    about:
      "docs/formats.md section 17: a ledger, one command of each kind in the order in which they came, and its log file",
    genesis: toHex(encodeLedgerGenesis(genesis)),
    settlement,
    commands,
    file: toHex(new Uint8Array(Buffer.concat(file))),
  };
}

const sizeOf = (records: readonly { readonly command: Uint8Array }[]): number =>
  records.reduce((sum, { command }) => sum + 20 + command.length + 32, 0);

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
}

describe("the vectors of the ledger", () => {
  const vectors = made();
  if (process.env.UPDATE_GOLDEN === "1") {
    writeFileSync(FILE, `${JSON.stringify(vectors, null, 2)}\n`);
  }
  const written = JSON.parse(readFileSync(FILE, "utf8")) as VectorFile;

  it("are what the ledger says today", () => {
    expect(vectors).toEqual(written);
  });

  it("have a command of every kind, and accepted ones of those that need no block", () => {
    const kinds = written.commands.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(12);
    const accepted = written.commands.filter(({ refused }) => refused === undefined);
    expect(accepted).toHaveLength(7);
  });

  it("are one log file that replays to the last root", () => {
    const file = fromHex(written.file);
    const { state, length } = replayLedgerLog(file, ground);
    const last = written.commands.findLast(({ root }) => root !== undefined)!;
    expect(toHex(ledgerRoot(state))).toBe(last.root);
    expect(length).toBe(file.length);
    const { records } = readLedgerLog(file);
    expect(records.map(({ command }) => toHex(command))).toEqual(
      written.commands.filter(({ root }) => root !== undefined).map(({ bytes }) => bytes),
    );
  });

  it("are read up to a record that was not finished", () => {
    const file = fromHex(written.file);
    const { records } = readLedgerLog(file);
    const cut = readLedgerLog(file.subarray(0, file.length - 1));
    expect(cut.records).toHaveLength(records.length - 1);
    const longer = new Uint8Array(file.length + 100);
    longer.set(file);
    expect(readLedgerLog(longer)).toMatchObject({ length: file.length });
  });

  it("are refused with a code where any byte before the last record was changed", () => {
    const file = fromHex(written.file);
    const { records } = readLedgerLog(file);
    const before = file.length - sizeOf(records.slice(-1));
    for (let at = 0; at < before; at++) {
      const changed = file.slice();
      changed[at]! ^= 1 << (at % 8);
      expect([at, codeOf(() => readLedgerLog(changed))]).toEqual([at, expect.any(String)]);
    }
    // A length that says more than the file has is damage, and no record that was not finished.
    const first = file.length - sizeOf(records);
    for (const bit of [0x80, 0x40, 1]) {
      const changed = file.slice();
      changed[first]! ^= bit;
      expect(codeOf(() => replayLedgerLog(changed, ground))).toBe("SETTLEMENT_LOG_INVALID");
    }
  });

  it("are a beginning of themselves where the file was cut at any byte", () => {
    const file = fromHex(written.file);
    const { records } = readLedgerLog(file);
    const ends = records.map((_, i) => file.length - sizeOf(records.slice(i + 1)));
    for (let length = ends[0]! - sizeOf(records.slice(0, 1)); length < file.length; length++) {
      const cut = readLedgerLog(file.subarray(0, length));
      expect(cut.records).toHaveLength(ends.filter((end) => end <= length).length);
    }
  });

  it("are refused where a whole last record has a command that the ledger does not accept", () => {
    const file = fromHex(written.file);
    const { logHash, time } = readLedgerLog(file).records.at(-1)!;
    const refused = fromHex(written.commands.find((one) => one.refused !== undefined)!.bytes);
    const longer = Buffer.concat([file, encodeLogRecord(logHash, time, refused)]);
    expect(readLedgerLog(longer).length).toBe(longer.length);
    expect(codeOf(() => replayLedgerLog(longer, ground))).toBe("SETTLEMENT_LOG_INVALID");
  });
});
