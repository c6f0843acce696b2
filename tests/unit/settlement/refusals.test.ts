// What the ledger refuses, at both sides of each limit: who may give a command, when, with what money, and what an
// order must say. The test ledger checks after each that a refusal leaves no trace and that no money is made.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDispute } from "../../../host/dispute/dispute.ts";
import { encodeRules } from "../../../host/rules/encode-rules.ts";
import type { Rules } from "../../../host/rules/rules.ts";
import { noticeBlocks } from "../../../host/settlement/environment-rules.ts";
import {
  applyToLedger,
  decodeLedgerGenesis,
  encodeLedgerGenesis,
  openLedger,
} from "../../../host/settlement/ledger.ts";
import {
  decodeLedgerCommand,
  type LedgerCommand,
  signCommand,
} from "../../../host/settlement/ledger-command.ts";
import {
  BALANCE,
  madeUpEntry,
  person,
  signerOf,
  TestLedger,
  testRules,
  WINDOW,
} from "../../support/test-ledger.ts";
import { liesFrom } from "../../support/toy-dispute.ts";

const NOTHING = new Uint8Array(0);
const TO = new Uint8Array(20).fill(5);
const codeOf = (action: () => unknown): string | undefined => {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
};

describe("any command", () => {
  const ledger = new TestLedger();
  const transfer = { kind: "transfer", to: person("bob"), value: 1n } as const;
  const signed = (id: Uint8Array, nonce: bigint) =>
    signCommand(id, nonce, transfer, signerOf("alice"));

  it("is refused for another version or kind, and with bytes too few or too many", () => {
    const good = ledger.sign("alice", transfer);
    const changed = (at: number, to: number) =>
      Uint8Array.from(good, (byte, i) => (i === at ? to : byte));
    const code = (bytes: Uint8Array) => ledger.tryBytes(bytes)?.code;
    expect(code(changed(0, 2))).toBe("SETTLEMENT_COMMAND_INVALID");
    expect([0, 13].map((kind) => code(changed(1, kind)))).toEqual([
      "SETTLEMENT_COMMAND_INVALID",
      "SETTLEMENT_COMMAND_INVALID",
    ]);
    expect(code(good.subarray(0, -1))).toBe("BYTES_TRUNCATED");
    expect(code(Uint8Array.from([...good, 0]))).toBe("BYTES_TRAILING");
    expect(code(changed(169, good[169]! ^ 1))).toBe("SETTLEMENT_SIGNATURE");
    expect(code(changed(good.length - 1, 2))).toBe("SETTLEMENT_SIGNATURE");
    expect(code(good)).toBeUndefined();
  });

  it("is for one ledger, and for one place in its account's order", () => {
    const { id } = ledger.state;
    const code = (bytes: Uint8Array) => ledger.tryBytes(bytes)?.code;
    expect(code(signed(new Uint8Array(32), 1n))).toBe("SETTLEMENT_OTHER");
    expect([0n, 2n].map((nonce) => code(signed(id, nonce)))).toEqual([
      "SETTLEMENT_NONCE",
      "SETTLEMENT_NONCE",
    ]);
    expect(code(signed(id, 1n))).toBeUndefined();
  });

  it("comes no earlier than the last one and before 2^63", () => {
    const { time } = ledger.state;
    const at = (moment: bigint) => {
      const bytes = ledger.sign("alice", transfer);
      const applied = applyToLedger(ledger.state, moment, bytes, ledger.ground);
      return "refused" in applied ? applied.refused.code : undefined;
    };
    expect([time - 1n, time, 2n ** 63n - 1n, 2n ** 63n].map(at)).toEqual([
      "SETTLEMENT_TIME",
      undefined,
      undefined,
      "SETTLEMENT_TIME",
    ]);
  });

  it("never throws, whatever its bytes are", () => {
    const id = ledger.register();
    const commands = [
      transfer,
      ledger.order(id, [NOTHING, TO]),
      { kind: "deposit", environment: id, to: TO, value: 1n, input: TO },
      { kind: "escape", environment: id, proof: TO },
      {
        kind: "deliver",
        environment: id,
        height: 1n,
        messages: [{ target: new Uint8Array(32), sender: TO, to: TO, value: 1n, input: TO }],
      },
    ] as const satisfies readonly LedgerCommand[];
    const samples = commands.map((command) => ledger.sign("alice", command));
    for (const [i, bytes] of samples.entries()) {
      expect(decodeLedgerCommand(bytes).command).toEqual(commands[i]);
    }
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255), fc.nat(500))
        .map(([sample, at, to, length]) => {
          const changed = sample.slice(0, length);
          if (changed.length > 0) changed[at % changed.length] = to;
          return changed;
        }),
    );
    const accepts = fc.property(bytes, (some) => {
      const applied = applyToLedger(ledger.state, ledger.time, some, ledger.ground);
      return "state" in applied || applied.refused.code.length > 0;
    });
    fc.assert(accepts, { seed: 24, numRuns: 500 });
  });
});

describe("a genesis", () => {
  const account = (balance: bigint, address = TO) => ({ address, balance });
  const salt = new Uint8Array(32);

  it("has each address once and balances that sum to below 2^128", () => {
    const sum = (balance: bigint) =>
      codeOf(() => openLedger({ salt, accounts: [account(1n), account(balance, NOBODY)] }));
    expect(sum(2n ** 128n - 2n)).toBeUndefined();
    expect(sum(2n ** 128n - 1n)).toBe("SETTLEMENT_GENESIS");
    const twice = { salt, accounts: [account(1n), account(1n)] };
    expect(codeOf(() => openLedger(twice))).toBe("SETTLEMENT_GENESIS");
  });

  it("decodes to what was encoded, in its own version alone", () => {
    const genesis = { salt, accounts: [account(3n)] };
    const bytes = encodeLedgerGenesis(genesis);
    expect(decodeLedgerGenesis(bytes)).toEqual(genesis);
    bytes[0] = 2;
    expect(codeOf(() => decodeLedgerGenesis(bytes))).toBe("SETTLEMENT_GENESIS");
  });
});

const NOBODY = new Uint8Array(20).fill(9);

describe("a registration", () => {
  it("takes the balances out of the registrant's account, and no more than is there", () => {
    const ledger = new TestLedger();
    const register = (balance: bigint) =>
      codeOf(() => ledger.register({ bob: balance, carol: 1n }, testRules()));
    expect(register(BALANCE)).toBe("SETTLEMENT_BALANCE");
    expect(register(BALANCE - 1n)).toBeUndefined();
    expect(ledger.balance("alice")).toBe(0n);
  });

  it("is refused for bodies that lie elsewhere or hold no message, and for accounts twice", () => {
    const ledger = new TestLedger();
    const withRules = (change: (rules: Rules) => Partial<Rules>) =>
      codeOf(() => ledger.register({}, testRules(change)));
    const committee = { committee: [person("bob")], threshold: 1 };
    expect(withRules(() => ({ data: committee }))).toBe("SETTLEMENT_RULES");
    const body = (bodyBytesMax: number) =>
      withRules(({ block }) => ({ block: { ...block, bodyBytesMax } }));
    expect(body(256 + 4_095)).toBe("SETTLEMENT_RULES");
    expect(body(256 + 4_096)).toBeUndefined();
    const accounts = [1n, 2n].map((balance) => ({ address: TO, balance }));
    const rules = encodeRules(testRules());
    const twice = { kind: "register", rules, sequencer: person("bob"), accounts } as const;
    expect(ledger.try("alice", twice)).toBe("GENESIS_BALANCES");
  });
});

describe("money", () => {
  it("leaves an account only where it is", () => {
    const ledger = new TestLedger();
    const id = ledger.register();
    const left = ledger.balance("bob");
    const transfer = (value: bigint) =>
      ledger.try("bob", { kind: "transfer", to: person("carol"), value });
    const deposit = (value: bigint, input: Uint8Array) =>
      ledger.try("bob", { kind: "deposit", environment: id, to: TO, value, input });
    expect(deposit(left + 1n, NOTHING)).toBe("SETTLEMENT_BALANCE");
    expect(deposit(0n, new Uint8Array(4_097))).toBe("SETTLEMENT_MESSAGE_LENGTH");
    expect(deposit(10n, new Uint8Array(4_096))).toBeUndefined();
    expect(transfer(left - 9n)).toBe("SETTLEMENT_BALANCE");
    expect(transfer(left - 10n)).toBeUndefined();
    expect(ledger.environment(id).locked).toBe(1_000_010n);
    const unknown = `0x${"00".repeat(32)}` as const;
    const nowhere = { kind: "deposit", environment: unknown, to: TO, value: 0n } as const;
    expect(ledger.try("carol", { ...nowhere, input: NOTHING })).toBe(
      "SETTLEMENT_ENVIRONMENT_UNKNOWN",
    );
  });
});

describe("an order", () => {
  function posted() {
    const ledger = new TestLedger();
    const id = ledger.register();
    ledger.post(id);
    ledger.time += 100n;
    return {
      ledger,
      id,
      of: (...given: Parameters<TestLedger["order"]> extends [unknown, ...infer R] ? R : never) =>
        ledger.try("sequencer", ledger.order(id, ...given)),
    };
  }

  it("follows the head, by height and hash, and names the rules", () => {
    const { of } = posted();
    expect(of([], { height: 1n })).toBe("SETTLEMENT_PARENT");
    expect(of([], { height: 3n })).toBe("SETTLEMENT_PARENT");
    expect(of([], { parentOrder: new Uint8Array(32) })).toBe("SETTLEMENT_PARENT");
    expect(of([], { rulesHash: new Uint8Array(32) })).toBe("SETTLEMENT_RULES_HASH");
    expect(of()).toBeUndefined();
  });

  it("has a time near the ledger's, and an interval after its parent's", () => {
    const { ledger, id } = posted();
    const code = (time: bigint) => {
      const command = ledger.sign("sequencer", ledger.order(id, [], { time }));
      const applied = applyToLedger(ledger.state, ledger.time, command, ledger.ground);
      return "refused" in applied ? applied.refused.code : undefined;
    };
    const skew = 15n;
    expect(code(ledger.time - skew - 1n)).toBe("SETTLEMENT_ORDER_TIME");
    expect(code(ledger.time - skew)).toBeUndefined();
    expect(code(ledger.time + skew)).toBeUndefined();
    expect(code(ledger.time + skew + 1n)).toBe("SETTLEMENT_ORDER_TIME");
    ledger.time = ledger.environment(id).head.time;
    expect(code(ledger.time + 1n)).toBe("SETTLEMENT_ORDER_TIME");
    expect(code(ledger.time + 2n)).toBeUndefined();
  });

  it("comes from the sequencer, until that has been silent for as long as messages may wait", () => {
    const { ledger, id } = posted();
    const seen = ledger.environment(id).sequencerSeen;
    const code = (time: bigint) => {
      ledger.time = time;
      return ledger.try("bob", ledger.order(id));
    };
    expect(code(seen + 3_599n)).toBe("SETTLEMENT_NOT_ALLOWED");
    expect(code(seen + 3_600n)).toBeUndefined();
  });

  it("takes waiting messages first, in order, and those that are due at least", () => {
    const { ledger, id, of } = posted();
    const deposit = { kind: "deposit", environment: id, to: TO, value: 1n } as const;
    ledger.give("bob", { ...deposit, input: Uint8Array.of(1) });
    ledger.time += 1n;
    ledger.give("bob", { ...deposit, input: Uint8Array.of(2) });
    const early = ledger.order(id);
    expect(of([], { inboxCount: 3 })).toBe("SETTLEMENT_INBOX");
    expect(of([], { inboxCount: 2, body: [...early.body].reverse() })).toBe("SETTLEMENT_INBOX");
    expect(of([], { inboxCount: 2, body: early.body.slice(0, 1) })).toBe("SETTLEMENT_INBOX");
    expect(of([], { inboxCount: 1, body: [madeUpEntry(id)] })).toBe("SETTLEMENT_INBOX");
    // The first is due, the second is not.
    ledger.time += 3_599n;
    expect(of([], { inboxCount: 0 })).toBe("SETTLEMENT_INBOX");
    expect(of([], { inboxCount: 1 })).toBeUndefined();
    ledger.time += 100n;
    expect(of([], { inboxCount: 0 })).toBe("SETTLEMENT_INBOX");
    expect(of([], { inboxCount: 1 })).toBeUndefined();
  });

  it("takes no more messages than a block may, also when more are due", () => {
    const ledger = new TestLedger();
    const rules = testRules(({ messages }) => ({ messages: { ...messages, inboxPerBlockMax: 2 } }));
    const id = ledger.register({}, rules);
    const deposit = { kind: "deposit", environment: id, to: TO, value: 1n } as const;
    for (let i = 0; i < 3; i++) ledger.give("bob", { ...deposit, input: NOTHING });
    ledger.time += 10_000n;
    const of = (inboxCount: number) =>
      ledger.try("sequencer", ledger.order(id, [], { inboxCount }));
    expect([of(3), of(1)]).toEqual(["SETTLEMENT_INBOX", "SETTLEMENT_INBOX"]);
    expect(of(2)).toBeUndefined();
  });

  it("has a body that the rules allow", () => {
    const ledger = new TestLedger();
    const rules = testRules(({ block }) => ({ block: { ...block, bodyBytesMax: 8_192 } }));
    const id = ledger.register({}, rules);
    const code = (bytes: number) =>
      ledger.try("sequencer", ledger.order(id, [new Uint8Array(bytes)]));
    expect(code(8_193)).toBe("BODY_TOO_LARGE");
    expect(code(8_192)).toBeUndefined();
  });
});

describe("announced rules", () => {
  it("are the operator's, wait as many blocks as fit a window, and then bind orders", () => {
    const ledger = new TestLedger();
    // A window of 1,000 s, and 15 s of skew twice.
    const slow = testRules(({ block }) => ({ block: { ...block, intervalSeconds: 515 } }));
    const id = ledger.register({}, slow);
    const notice = noticeBlocks(slow);
    expect(notice).toBe(2n);
    const fees = { fees: { priceMin: 3n } };
    const announce = (name: string, height: bigint, change: Partial<Rules> = fees) =>
      ledger.try(name, {
        ...{ kind: "rules", environment: id, height },
        rules: encodeRules({ ...slow, ...change }),
      });
    const { messages } = slow;
    const less = { messages: { ...messages, messageBytesMax: messages.messageBytesMax - 1 } };
    expect(announce("bob", 3n)).toBe("SETTLEMENT_NOT_ALLOWED");
    expect(announce("alice", 2n)).toBe("SETTLEMENT_HEIGHT");
    expect(announce("alice", 3n, less)).toBe("SETTLEMENT_RULES");
    const none = { messages: { ...messages, inboxPerBlockMax: 0 } };
    expect(announce("alice", 3n, none)).toBe("SETTLEMENT_RULES");
    expect(announce("alice", 3n)).toBeUndefined();
    expect(announce("alice", 3n)).toBe("SETTLEMENT_HEIGHT");
    const [old] = ledger.environment(id).rules;
    ledger.post(id);
    ledger.post(id);
    ledger.time += 515n;
    const before = ledger.order(id, [], { rulesHash: old!.hash });
    expect(ledger.try("sequencer", before)).toBe("SETTLEMENT_RULES_HASH");
    expect(ledger.try("sequencer", ledger.order(id))).toBeUndefined();
  });

  it("have room for the largest code deployed before: it could never be entered again", () => {
    const ledger = new TestLedger();
    const { module } = testRules();
    const smaller = (codeKiBMax: number): Rules =>
      testRules(({ block }) => ({
        module: { ...module, wasmBytes: 24_576 },
        block: { ...block, codeKiBMax },
      }));
    const id = ledger.register({});
    const announce = (rules: Rules) =>
      ledger.try("alice", {
        ...{ kind: "rules", environment: id, height: 1n + noticeBlocks(testRules()) },
        rules: encodeRules(rules),
      });
    const least = 5 + module.wasmBytes / 1_024;
    expect(announce(smaller(least - 1))).toBe("RULES_CONFLICT");
    expect(announce(smaller(least))).toBeUndefined();
  });

  it("bind no sooner than a window after they were announced, whatever orders say of their times", () => {
    const ledger = new TestLedger();
    const [interval, skew] = [500n, 400n];
    const rules = testRules(({ block }) => ({
      block: { ...block, intervalSeconds: Number(interval), timeSkewSecondsMax: Number(skew) },
    }));
    const id = ledger.register({}, rules);
    const height = 1n + noticeBlocks(rules);
    const announced = ledger.time;
    const fees = { fees: { priceMin: 3n } };
    ledger.give("alice", {
      ...{ kind: "rules", environment: id, height },
      rules: encodeRules({ ...rules, ...fees }),
    });
    // As old as it may say, then each as soon as it may come.
    for (
      let time = announced - skew;
      ledger.environment(id).head.height < height;
      time += interval
    ) {
      if (time - skew > ledger.time) ledger.time = time - skew;
      ledger.give("sequencer", ledger.order(id, [], { time }));
    }
    expect(ledger.time - announced).toBeGreaterThanOrEqual(WINDOW);
  });

  it("wait for as many blocks as fit a window under what was announced before", () => {
    const ledger = new TestLedger();
    const slow = testRules(({ block }) => ({ block: { ...block, intervalSeconds: 515 } }));
    const fast = testRules(({ block }) => ({ block: { ...block, intervalSeconds: 1 } }));
    const id = ledger.register({}, slow);
    const announce = (height: bigint, rules: Rules) =>
      ledger.try("alice", { kind: "rules", environment: id, height, rules: encodeRules(rules) });
    expect(announce(1n + noticeBlocks(slow), fast)).toBeUndefined();
    const next = { ...fast, fees: { priceMin: 3n } };
    expect(announce(1_030n, next)).toBe("SETTLEMENT_HEIGHT");
    expect(announce(1_031n, next)).toBeUndefined();
  });

  it("of a shorter window do not open an environment to escapes while orders wait under the longer one", () => {
    const ledger = new TestLedger();
    const slow = testRules(({ block }) => ({ block: { ...block, intervalSeconds: 515 } }));
    const id = ledger.register({}, slow);
    const since = ledger.time;
    const dispute = { ...slow.dispute, windowSeconds: 200 };
    const height = 1n + noticeBlocks(slow);
    const rules = encodeRules({ ...slow, dispute });
    ledger.give("alice", { kind: "rules", environment: id, height, rules });
    while (ledger.environment(id).head.height < height) ledger.post(id);
    const leave = { kind: "escape", environment: id, proof: NOTHING } as const;
    ledger.time = since + 16n * WINDOW - 1n;
    expect(ledger.try("alice", leave)).toBe("SETTLEMENT_ESCAPE_EARLY");
    ledger.time += 1n;
    expect(ledger.try("alice", leave)).toBe("SETTLEMENT_ESCAPE_PROOF");
  });

  it("count with the prices of code deployed before: a block ends within the machine's steps", () => {
    const ledger = new TestLedger();
    const dear = (perBlock: bigint, call: number): Rules =>
      testRules(({ gas }) => ({
        gas: {
          ...gas,
          perBlock,
          intrinsic: { ...gas.intrinsic, transaction: 100_000 },
          hostCalls: { ...gas.hostCalls, call: { ...gas.hostCalls.call, base: call } },
        },
      }));
    const { hostCalls, entry } = testRules().gas;
    // (2^32 − 2^24 − 2^16) × m / (m + 2 × 16,384), m = the least price of a call and of an entry.
    const least = BigInt(hostCalls.call.base + entry.base);
    const most = ((2n ** 32n - 2n ** 24n - 2n ** 16n) * least) / (least + 32_768n);
    const id = ledger.register({});
    const height = 1n + noticeBlocks(testRules());
    const announce = (rules: Rules, at = height) =>
      ledger.try("alice", {
        ...{ kind: "rules", environment: id, height: at },
        rules: encodeRules(rules),
      });
    expect(announce(dear(most + 1n, 100_000))).toBe("RULES_CONFLICT");
    expect(announce(dear(most, 100_000))).toBeUndefined();
    expect(announce(dear(most, 100_000), height + 1n)).toBeUndefined();
    expect(ledger.environment(id).rules).toHaveLength(3);
    const other = ledger.register({}, dear(most + 1n, 100_000));
    expect(ledger.environment(other).rules[0]!.rules.gas.perBlock).toBe(most + 1n);
  });
});

describe("a pause", () => {
  function paused(seconds: number) {
    const ledger = new TestLedger();
    const id = ledger.register();
    ledger.post(id);
    const pause = (name: string, length: number) =>
      ledger.try(name, { kind: "pause", environment: id, seconds: length });
    return { ledger, id, pause, code: pause("guardian", seconds) };
  }

  it("is the guardian's, for at most a window, and a window after the last one", () => {
    expect([0, 1_001].map((seconds) => paused(seconds).code)).toEqual([
      "SETTLEMENT_PAUSE",
      "SETTLEMENT_PAUSE",
    ]);
    const { ledger, id, pause, code } = paused(1_000);
    expect(code).toBeUndefined();
    expect(pause("sequencer", 10)).toBe("SETTLEMENT_NOT_ALLOWED");
    ledger.time += 1_999n;
    expect(pause("guardian", 10)).toBe("SETTLEMENT_PAUSE");
    const unpause = { kind: "unpause", environment: id } as const;
    expect(ledger.try("guardian", unpause)).toBe("SETTLEMENT_PAUSE");
    ledger.time += 1n;
    expect(pause("guardian", 10)).toBeUndefined();
    expect(ledger.try("bob", unpause)).toBe("SETTLEMENT_NOT_ALLOWED");
    expect(ledger.try("guardian", unpause)).toBeUndefined();
  });

  it("holds claims and finality back, and takes its time out of nobody's clock", () => {
    const { ledger, id } = paused(10);
    const { final } = ledger.environment(id);
    const machine = ledger.machine(id, 1n, final.result, []);
    const carol = ledger.player(machine, "carol");
    const claim = carol.claim(openDispute(machine.subject));
    const finalise = { kind: "finalise", environment: id, height: 1n } as const;
    ledger.time += 9n;
    expect(ledger.try("carol", claim)).toBe("SETTLEMENT_PAUSED");
    expect(ledger.try("carol", finalise)).toBe("SETTLEMENT_PAUSED");
    ledger.time += 2n;
    ledger.give("carol", claim);
    ledger.time += WINDOW - 1n;
    ledger.give("guardian", { kind: "pause", environment: id, seconds: 1_000 });
    ledger.time += 300n;
    ledger.give("guardian", { kind: "unpause", environment: id });
    // One second of the window is left, and none a second later.
    const before = ledger.state;
    ledger.time += 1n;
    const late = ledger.player(machine, "bob", liesFrom(6, 1));
    expect(ledger.try("bob", late.claim(late.dispute!))).toBe("DISPUTE_WINDOW_CLOSED");
    ledger.time = before.time;
    const liar = ledger.player(machine, "bob", liesFrom(5, 1));
    expect(liar.act()).toBe(true);
    expect(carol.dispute!.claims.size).toBe(2);
    expect(ledger.environment(id).pausedSeconds).toBe(310n);
  });
});
