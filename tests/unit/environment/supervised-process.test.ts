// A child process and who watches it: every request ends, whatever the child does, and it is started again until that
// is of no use. The child is tests/support/odd-child.mjs, which does as it is told.
import { afterEach, expect, it } from "vitest";
import { MESSAGE_BYTES_MAX } from "../../../host/environment/message-stream.ts";
import {
  type ProcessEnd,
  type ProcessLimits,
  processLimits,
  SupervisedProcess,
} from "../../../host/environment/supervised-process.ts";

const script = new URL("../../support/odd-child.mjs", import.meta.url);
const FAST = { restartDelayMs: 1, restartsMax: 1 };

let supervised: SupervisedProcess | undefined;
let ends: ProcessEnd[];
afterEach(() => supervised?.close("close"));

function start(limits: Partial<ProcessLimits> = {}, mode = "ready"): SupervisedProcess {
  ends = [];
  supervised = new SupervisedProcess({
    script,
    command: [],
    limits: { ...processLimits, ...FAST, ...limits },
    start: { method: "open", params: { mode } },
    onReady: () => {},
    onEnd: (end) => ends.push(end),
  });
  return supervised;
}

it("answers requests that came before it was ready, with values of every kind that crosses", async () => {
  const odd = start();
  const value = {
    big: 2n ** 127n,
    small: 5n,
    bytes: Uint8Array.of(1, 2),
    none: undefined,
    list: [null, true, 1.5],
  };
  expect(await odd.call("echo", value)).toEqual(value);
  expect(ends).toEqual([]);
});

it("hands on errors of the engine as they were, and bugs as bugs", async () => {
  const odd = start();
  await expect(odd.call("error", undefined)).rejects.toMatchObject({
    code: "ORDER_TIME",
    where: { height: 5n },
  });
  await expect(odd.call("bug", undefined)).rejects.toMatchObject({
    name: "TypeError",
    message: "a bug",
  });
});

it("ends the requests under way with the child, starts another, and tells its last words", async () => {
  const odd = start();
  await odd.ready();
  const first = odd.pid;
  const silent = odd.call("silent", undefined);
  const exit = odd.call("exit", 7);
  for (const request of [silent, exit]) {
    await expect(request).rejects.toMatchObject({ code: "ENVIRONMENT_ENDED" });
  }
  expect(ends).toMatchObject([{ reason: "exit", exitCode: 7, restartMs: 1 }]);
  expect(ends[0]?.lastWords).toContain("my last words");
  expect(await odd.call("echo", 1)).toBe(1);
  expect(odd.pid).not.toBe(first);
});

it("ends a child that does not answer in time, and with it the other requests", async () => {
  const odd = start({ requestSeconds: 0.2 });
  await odd.ready();
  const silent = odd.call("silent", undefined);
  const other = odd.call("silent", undefined);
  await expect(silent).rejects.toMatchObject({ code: "ENVIRONMENT_TIMEOUT" });
  await expect(other).rejects.toMatchObject({
    code: expect.stringMatching(/ENVIRONMENT_(ENDED|TIMEOUT)/),
  });
  await expect.poll(() => ends.length).toBe(1);
  expect(ends).toMatchObject([{ reason: "silence", signal: "SIGKILL" }]);
});

it("lets a request that waits for a start time out alone", async () => {
  const odd = start({ requestSeconds: 0.001 });
  await expect(odd.call("echo", 1)).rejects.toMatchObject({ code: "ENVIRONMENT_TIMEOUT" });
  expect(ends).toEqual([]);
});

it("ends a child that sends what is no message of the protocol", async () => {
  const odd = start({ restartsMax: 9 });
  const shapes = [7, null, { id: 12_345, kind: "result" }, { kind: "result" }];
  const kinds = ["progress", "other"].map((kind) => ["kind", kind]);
  const cases = [
    ["garbage"],
    ["long"],
    ["cut"],
    ...kinds,
    ...shapes.map((shape) => ["shape", shape]),
  ];
  for (const [method, params] of cases) {
    const told = ends.length;
    await expect(odd.call(String(method), params)).rejects.toMatchObject({
      code: "ENVIRONMENT_ENDED",
    });
    expect([method, ends.length, ends.at(-1)?.reason]).toEqual([method, told + 1, "protocol"]);
  }
  expect(await odd.call("echo", 1)).toBe(1);
});

it("ends a child that tells of more memory than it may have", async () => {
  const odd = start();
  await expect(odd.call("memory", undefined)).rejects.toMatchObject({ code: "ENVIRONMENT_ENDED" });
  expect(ends).toMatchObject([{ reason: "memory", signal: "SIGKILL" }]);
});

it("stays ended when every restart ends too, and says why", async () => {
  const odd = start({ restartsMax: 2 }, "die");
  const failed = {
    code: "ENVIRONMENT_FAILED",
    message: expect.stringContaining("I die at the start"),
  };
  await expect(odd.ready()).rejects.toMatchObject(failed);
  await expect(odd.call("echo", 1)).rejects.toMatchObject(failed);
  expect(ends.map(({ restartMs }) => restartMs)).toEqual([1, 2, undefined]);
});

it("forgets earlier ends when the child did what it is for", async () => {
  const odd = start();
  for (let round = 0; round < 3; round++) {
    await expect(odd.call("exit", 1)).rejects.toMatchObject({ code: "ENVIRONMENT_ENDED" });
    await odd.ready();
    odd.provedWell();
  }
  expect(ends.map(({ restartMs }) => restartMs)).toEqual([1, 1, 1]);
});

it("starts no other child where the first says that it cannot open", async () => {
  const odd = start({}, "refuse");
  await expect(odd.call("echo", 1)).rejects.toMatchObject({ code: "STATE_OTHER_GENESIS" });
  expect(ends).toEqual([]);
});

it("refuses more requests at a time than it may have, and messages that are too long", async () => {
  const odd = start({ requestsMax: 2 });
  await odd.ready();
  const silent = odd.call("silent", undefined);
  await expect(odd.call("echo", new Uint8Array(MESSAGE_BYTES_MAX))).rejects.toMatchObject({
    code: "ENVIRONMENT_MESSAGE",
  });
  const second = odd.call("silent", undefined);
  await expect(odd.call("echo", 1)).rejects.toMatchObject({ code: "ENVIRONMENT_BUSY" });
  await odd.close("close");
  for (const request of [silent, second, odd.call("echo", 1), odd.ready()]) {
    await expect(request).rejects.toMatchObject({ code: "ENVIRONMENT_CLOSED" });
  }
});

it("says so where the program that should confine it is not there", async () => {
  const odd = new SupervisedProcess({
    script,
    command: ["/no/such/program"],
    limits: { ...processLimits, ...FAST },
    start: { method: "open", params: {} },
    onReady: () => {},
    onEnd: () => {},
  });
  await expect(odd.ready()).rejects.toMatchObject({
    code: "ENVIRONMENT_FAILED",
    message: expect.stringContaining("ENOENT"),
  });
});
