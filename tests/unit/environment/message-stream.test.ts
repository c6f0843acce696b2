// Messages over a byte stream: they arrive whole, in order and equal, however the bytes are cut; anything else is a
// fault, told once.
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, it } from "vitest";
import { MessageStream, shapeFault } from "../../../host/environment/message-stream.ts";
import type { EngineError } from "../../../host/errors.ts";

/** What a stream makes of chunks, and how it ends. */
function heard(chunks: readonly Uint8Array[], onMessage?: (message: unknown) => void) {
  const stream = new PassThrough();
  const messages: unknown[] = [];
  const faults: EngineError[] = [];
  let isEnded = false;
  new MessageStream(stream, {
    onMessage: onMessage ?? ((message) => messages.push(message)),
    onEnd: () => (isEnded = true),
    onFault: (error) => faults.push(error),
  });
  for (const chunk of chunks) stream.emit("data", chunk);
  stream.emit("end");
  stream.emit("close");
  return { messages, codes: faults.map(({ code }) => code), isEnded };
}

/** The bytes of messages, joined. */
function sent(messages: readonly unknown[]): Buffer {
  const stream = new PassThrough();
  const writer = new MessageStream(new PassThrough(), {
    ...{ onMessage: () => {}, onEnd: () => {}, onFault: () => {} },
  });
  const out: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => out.push(chunk));
  writer.close();
  const plain = new MessageStream(stream, {
    ...{ onMessage: () => {}, onEnd: () => {}, onFault: () => {} },
  });
  for (const message of messages) plain.send(message);
  return Buffer.concat(out);
}

const message = fc.oneof(
  fc.record({ id: fc.nat(), bytes: fc.uint8Array({ maxLength: 300 }), text: fc.string() }),
  fc.bigInt(0n, 2n ** 128n - 1n),
  fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)), { maxLength: 20 }),
);

it("gives messages back equal and in order, however their bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(200)), (messages, cuts) => {
      const bytes = sent(messages);
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        chunks.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      expect(heard(chunks)).toEqual({ messages, codes: [], isEnded: true });
    }),
    { seed: 7, numRuns: 200 },
  );
});

it("gives byte strings as plain arrays, so that slice copies", () => {
  const { messages } = heard([sent([{ bytes: Uint8Array.of(1, 2, 3) }])]);
  const { bytes } = messages[0] as { bytes: Uint8Array };
  expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
});

it("tells of a length above the bound, of bytes that are no message and of an end inside one", () => {
  const fault = { messages: [], codes: ["ENVIRONMENT_PROTOCOL"], isEnded: false };
  expect(heard([Uint8Array.of(0x10, 0, 0, 1)])).toEqual(fault);
  expect(heard([Uint8Array.of(0x10, 0, 0, 0)]).codes).toEqual(["ENVIRONMENT_PROTOCOL"]);
  expect(heard([Uint8Array.of(0, 0, 0, 2, 0xc6, 0xff)])).toEqual(fault);
  expect(heard([Uint8Array.of(0, 0, 0, 0)])).toEqual(fault);
  expect(heard([Uint8Array.of(0, 0)])).toEqual(fault);
  // Arrays in arrays, deeper than any stack.
  const deep = new Uint8Array(300_004).fill(0x91);
  deep.set([0, 4, 0x93, 0xe0]);
  expect(heard([deep])).toEqual(fault);
});

it("hears nothing after a fault of shape, and lets other errors through", () => {
  const two = sent([1, 2]);
  let count = 0;
  const refusing = () => {
    count++;
    throw shapeFault();
  };
  expect(heard([two], refusing).codes).toEqual(["ENVIRONMENT_PROTOCOL"]);
  expect(count).toBe(1);
  const broken = () => {
    throw new RangeError("ours");
  };
  expect(() => heard([two], broken)).toThrow("ours");
});
