// Probes of the host calls: each at sizes that contracts use, with paths of state that the block has touched
// before, and each that touches state once more with new paths in each round. Arguments are constants; what a
// body stores into memory before a call is the little that makes its key or address another one.
import { deriveKey } from "../../host/chain/key.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { DATA_BYTES_MAX, EVENTS_MAX } from "../../host/limits.ts";
import type { ProbeSource } from "./probe-module.ts";
import type { Probe } from "./probes.ts";

/** Places in a probe's memory: what the input brings, a key, an address, data. */
const INPUT_AT = 1_024;
const KEY_AT = 2_048;
const DATA_AT = 4_096;
const EVENTS = EVENTS_MAX - 2;

interface Row extends Omit<Probe, "price" | "source" | "name"> {
  readonly what: string;
  readonly body: string;
  readonly setup?: string;
  readonly pages?: readonly [number, number];
}

/** Probes of one host call. */
const of = (call: string, field: "base" | "unit", ...rows: readonly Row[]): Probe[] =>
  rows.map(({ what, body, setup, pages, ...probe }) => ({
    ...probe,
    name: what === "" ? call : `${call}, ${what}`,
    price: `hostCalls.${call}.${field}`,
    source: {
      body,
      ...(setup === undefined ? {} : { setup }),
      ...(pages === undefined ? {} : { pages }),
    },
  }));

const consts = (...values: readonly number[]): string =>
  values.map((value) => `i32.const ${value}`).join(" ");

/** Copies `length` bytes of the input behind its numbers to INPUT_AT. */
const takeInput = (length: number): string => `${consts(INPUT_AT, 8, length)} call $input drop`;

/** Values of 32 bytes, and of 64 KiB, that the state of a touching probe has. */
export const PRESENT = 2 ** 17;
const LARGE = 128;

/** The next key, counted up from `start`. */
const NEXT_KEY = `i32.const ${KEY_AT} local.get $start i32.store 0 local.get $start i32.const 1 i32.add local.set $start`;
/** The next of the keys that are there. */
const NEXT_PRESENT = NEXT_KEY.replace(
  "local.get $start i32.store",
  `local.get $start i32.const ${PRESENT - 1} i32.and i32.store`,
);

const bare = (body: string): ProbeSource => ({ bare: true, body });
const empty = bare("");
/** Fails when it is called, but not when it is deployed: then there is input. */
const reverting = bare(
  `${consts(64, 0, 0)} call $input i32.eqz if ${consts(0, 0)} call $revert end`,
);

/** A request for the address in the input: no value, all gas. */
const REQUEST = `${takeInput(20)} i32.const ${INPUT_AT} i64.const -1 i64.store 36`;

const signature = ((): Uint8Array => {
  const digest = keccak256(new Uint8Array(32));
  const signer = nativeSigner(deriveKey("plasma bench probes", "recover"));
  return Uint8Array.from([...digest, ...signer.sign(digest), 27]);
})();

/** Of a base there is one, however many bytes. */
const unitsOf = (size: number, bytes: 32 | 128): number =>
  size > 512 ? Math.ceil(size / bytes) : 1;

const sized = (call: string, sizes: readonly number[], body: (size: number) => string): Probe[] =>
  sizes.flatMap((size) =>
    of(call, size > 512 ? "unit" : "base", {
      what: `${size} bytes`,
      body: body(size),
      units: unitsOf(size, call === "storage_set" ? 32 : 128),
    }),
  );

/** What a contract asks of the host again and again. */
export const hostCallProbes: readonly Probe[] = [
  ...sized("input", [0, 32, 1_024], (size) => `${consts(DATA_AT, 0, size)} call $input drop`).map(
    (probe) => ({
      ...probe,
      input: new Uint8Array(1_024),
    }),
  ),
  ...sized(
    "output",
    [0, 32, 1_024, DATA_BYTES_MAX - DATA_AT],
    (size) => `${consts(DATA_AT, size)} call $output`,
  ),
  ...of("revert", "base", {
    what: "of a sub-call",
    setup: REQUEST,
    body: `${consts(INPUT_AT, 0, 0)} call $call drop`,
    targets: [reverting],
  }),
  ...of("context", "base", { what: "", body: `i32.const ${DATA_AT} call $context` }),
  ...of(
    "storage_open",
    "base",
    { what: "absent", body: `i32.const ${KEY_AT} call $storage_open drop` },
    {
      what: "present",
      setup: `${consts(KEY_AT, DATA_AT, 32)} call $storage_set`,
      body: `i32.const ${KEY_AT} call $storage_open drop`,
    },
  ),
  ...[32, 1_024].flatMap((size) =>
    of("value_read", size > 512 ? "unit" : "base", {
      what: `${size} bytes`,
      units: unitsOf(size, 32),
      setup: `${consts(KEY_AT, DATA_AT, 1_024)} call $storage_set i32.const ${KEY_AT} call $storage_open drop`,
      body: `${consts(DATA_AT, 0, size)} call $value_read`,
    }),
  ),
  ...sized(
    "storage_set",
    [32, 1_024],
    (size) => `${consts(KEY_AT, DATA_AT, size)} call $storage_set`,
  ),
  ...of("storage_delete", "base", { what: "", body: `i32.const ${KEY_AT} call $storage_delete` }),
  ...of("account", "base", { what: "", body: `${consts(KEY_AT, DATA_AT)} call $account` }),
  ...of(
    "emit",
    "base",
    { what: "empty", body: `${consts(KEY_AT, 0, DATA_AT, 0)} call $emit`, roundsMax: EVENTS },
    {
      what: "2 topics, 64 bytes",
      body: `${consts(KEY_AT, 2, DATA_AT, 64)} call $emit`,
      roundsMax: EVENTS,
    },
  ),
  ...of("emit", "unit", {
    what: "4 topics, 1024 bytes",
    units: 8,
    body: `${consts(KEY_AT, 4, DATA_AT, 1_024)} call $emit`,
    roundsMax: 16_384,
  }),
  ...of(
    "call",
    "base",
    {
      what: "no code there",
      body: `${consts(INPUT_AT, 0, 0)} call $call drop`,
      setup: `i32.const ${INPUT_AT} i64.const 77 i64.store 0`,
    },
    {
      what: "of an empty contract",
      setup: REQUEST,
      body: `${consts(INPUT_AT, 0, 0)} call $call drop`,
      targets: [empty],
    },
  ),
  ...of("call", "unit", {
    what: "32,768 bytes of input",
    units: 256,
    setup: REQUEST,
    body: `${consts(INPUT_AT, DATA_AT, 32_768)} call $call drop`,
    targets: [empty],
  }),
  ...[0, 32, 1_024].flatMap((size) =>
    of("output_read", size > 512 ? "unit" : "base", {
      what: `${size} bytes`,
      units: unitsOf(size, 128),
      setup: `${REQUEST} ${consts(INPUT_AT, 0, 0)} call $call drop`,
      body: `${consts(DATA_AT, 0, size)} call $output_read drop`,
      targets: [bare(`${consts(DATA_AT, 1_024)} call $output`)],
    }),
  ),
  ...of(
    "enter",
    "base",
    { what: "no flags", body: "i32.const 0 call $enter" },
    { what: "reentrant", body: "i32.const 1 call $enter" },
  ),
  ...(["keccak256", "sha256"] as const).flatMap((call) =>
    sized(
      call,
      [0, 32, 64, 136, 1_024],
      (size) => `${consts(DATA_AT, size, KEY_AT)} call $${call}`,
    ),
  ),
  ...of(
    "secp256k1_recover",
    "base",
    {
      what: "a key",
      setup: takeInput(97),
      body: `${consts(INPUT_AT, INPUT_AT + 32, DATA_AT)} call $secp256k1_recover drop`,
      input: signature,
    },
    {
      what: "none",
      body: `${consts(INPUT_AT, INPUT_AT + 32, DATA_AT)} call $secp256k1_recover drop`,
    },
  ),
  ...of("log", "base", { what: "32 bytes", body: `${consts(DATA_AT, 32)} call $log` }),
  ...of("log", "unit", {
    what: "1024 bytes",
    units: 8,
    body: `${consts(DATA_AT, 1_024)} call $log`,
  }),
  ...of("send_message", "base", {
    what: "to settlement, 64 bytes",
    body: `${consts(INPUT_AT, DATA_AT, 64)} call $send_message drop`,
    roundsMax: EVENTS,
  }),
  ...of("send_message", "unit", {
    what: "to settlement, 4096 bytes",
    units: 32,
    body: `${consts(INPUT_AT, DATA_AT, 4_096)} call $send_message drop`,
    roundsMax: 8_192,
  }),
  ...of("upgrade", "base", {
    what: "to its own code",
    setup: `i32.const ${INPUT_AT} call $context`,
    body: `i32.const ${INPUT_AT} call $upgrade drop`,
  }),
];

const touching: readonly Probe[] = [
  ...of(
    "storage_open",
    "base",
    {
      what: "new path, absent",
      body: `${NEXT_KEY} i32.const ${KEY_AT} call $storage_open drop`,
      values: { count: PRESENT, bytes: 32 },
      setup: `local.get $start i32.const ${PRESENT} i32.add local.set $start`,
    },
    {
      what: "new path, present",
      body: `${NEXT_PRESENT} i32.const ${KEY_AT} call $storage_open drop`,
      values: { count: PRESENT, bytes: 32 },
      roundsMax: PRESENT / 4,
    },
  ),
  ...of("value_read", "base", {
    what: "new path, 32 bytes",
    body: `${NEXT_PRESENT} i32.const ${KEY_AT} call $storage_open drop ${consts(DATA_AT, 0, 32)} call $value_read`,
    values: { count: PRESENT, bytes: 32 },
    roundsMax: PRESENT / 4,
  }),
  ...of("value_read", "unit", {
    what: "new path, 65,536 bytes",
    units: 2_048,
    body: `${NEXT_KEY} i32.const ${KEY_AT} call $storage_open drop ${consts(65_536, 0, 65_536)} call $value_read`,
    setup: `i32.const ${LARGE - 1} local.get $start i32.and local.set $start`,
    values: { count: 2 * LARGE, bytes: 65_536 },
    roundsMax: LARGE / 2,
    pages: [2, 2],
  }),
  ...of(
    "storage_set",
    "base",
    {
      what: "new path, new value",
      body: `${NEXT_KEY} ${consts(KEY_AT, DATA_AT, 32)} call $storage_set`,
      values: { count: PRESENT, bytes: 32 },
      setup: `local.get $start i32.const ${PRESENT} i32.add local.set $start`,
    },
    {
      what: "new path, other value",
      body: `${NEXT_PRESENT} i32.const ${DATA_AT} local.get $n i32.store 0 ${consts(KEY_AT, DATA_AT, 32)} call $storage_set`,
      values: { count: PRESENT, bytes: 32 },
      roundsMax: PRESENT / 4,
    },
  ),
  ...of("storage_set", "unit", {
    what: "new path, 65,536 bytes",
    units: 2_048,
    body: `${NEXT_KEY} ${consts(KEY_AT, 65_536, 65_536)} call $storage_set`,
    values: { count: LARGE, bytes: 65_536 },
    setup: `i32.const ${LARGE / 2 - 1} local.get $start i32.and local.set $start`,
    roundsMax: LARGE / 2,
    pages: [2, 2],
  }),
  ...of("storage_delete", "base", {
    what: "new path, present",
    body: `${NEXT_PRESENT} i32.const ${KEY_AT} call $storage_delete`,
    values: { count: PRESENT, bytes: 32 },
    roundsMax: PRESENT / 8,
  }),
  ...of("account", "base", {
    what: "new path",
    body: `${NEXT_KEY} ${consts(KEY_AT, DATA_AT)} call $account`,
    values: { count: PRESENT, bytes: 32 },
  }),
  ...of("call", "base", {
    what: "new path, no code there",
    body: `i32.const ${INPUT_AT} local.get $start i32.store 0 local.get $start i32.const 1 i32.add local.set $start ${consts(INPUT_AT, 0, 0)} call $call drop`,
    values: { count: PRESENT, bytes: 32 },
  }),
];

/** What touches a path of state that the block has not touched: trie, witness and replay are in the time. */
export const touchProbes: readonly Probe[] = touching.map((probe) => ({ ...probe, touches: true }));

/** Target contracts that grow or have many pages: an instance is made, or reset, at each call of them. */
const entered = (name: string, price: string, target: ProbeSource, units = 1): Probe => ({
  name,
  price,
  units,
  source: { setup: REQUEST, body: `${consts(INPUT_AT, 0, 0)} call $call drop` },
  targets: [target],
});

/** Grows by `pages` and writes into every 4 KiB of them. */
const growing = (pages: number): ProbeSource => ({
  ...bare(`i32.const ${pages} memory.grow drop
    ${"loop local.get $p i32.const 1 i32.store 65536 local.get $p i32.const 4096 i32.add local.tee $p"}
    i32.const ${pages * 65_536} i32.lt_u br_if 0 end`),
  pages: [1, pages + 1],
});

/** What entering a contract costs, by its pages, and what pages cost that it grows by. */
export const entryProbes: readonly Probe[] = [
  entered("entry of a contract of 1 page", "entry.base", empty),
  entered("entry of a contract of 16 pages", "entry.perPage", { ...empty, pages: [16, 16] }, 16),
  entered(
    "entry of a contract of 256 pages",
    "entry.perPage",
    { ...empty, pages: [256, 256] },
    256,
  ),
  entered("entry of a contract of 64 KiB", "entry.perKiB", { ...empty, padding: 65_536 }, 64),
  entered("entry of a new instance", "instructions.memory_grow", {
    ...bare("i32.const 1 memory.grow drop"),
    pages: [1, 2],
  }),
  entered("growth by 1 page, written", "instructions.grow_page", growing(1), 1),
  entered("growth by 16 pages, written", "instructions.grow_page", growing(16), 16),
  entered("growth by 240 pages, written", "instructions.grow_page", growing(240), 240),
];

/** What `plasma bench calls` times. */
export const callProbes: readonly Probe[] = [
  ...hostCallProbes,
  ...touchProbes.filter(({ name }) => !name.includes("65,536")),
  ...entryProbes.slice(0, 2),
];
