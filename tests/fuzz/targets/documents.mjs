// JSON of strangers: rules, scenarios, ABIs. What is accepted must survive its own encoding, and values
// encoded by an accepted ABI must decode to what encodes to the same bytes.
import { mutateBytes } from "../mutate-bytes.mjs";
import { mutateJson } from "../mutate-json.mjs";
import { answered, holds, sameBytes } from "./laws.mjs";

export const rulesTarget = {
  name: "rules",
  weight: 2,
  make: ({ rules }, random) => mutateJson(random, random.pick(rules)),
  run({ engine }, text) {
    const rules = answered(engine, () => engine.parseRulesText(text));
    if (rules === undefined) return "refused";
    const bytes = engine.encodeRules(rules);
    holds(
      sameBytes(engine.encodeRules(engine.decodeRules(bytes)), bytes),
      "rules survive encoding",
    );
    engine.prepareRulesBlob(rules);
    return "accepted";
  },
};

/** Canonical bytes of rules, damaged. */
export const rulesBytesTarget = {
  name: "rules-bytes",
  weight: 1,
  make: ({ chain }, random) => mutateBytes(random, chain.rulesBytes),
  run({ engine }, bytes) {
    const rules = answered(engine, () => engine.decodeRules(bytes));
    if (rules === undefined) return "refused";
    holds(sameBytes(engine.encodeRules(rules), bytes), "canonical rules have one encoding");
    return "accepted";
  },
};

export const scenariosTarget = {
  name: "scenarios",
  weight: 2,
  make: ({ scenarios }, random) => mutateJson(random, random.pick(scenarios)),
  run: ({ engine }, text) =>
    answered(engine, () => engine.parseScenario(text)) === undefined ? "refused" : "accepted",
};

const values = [
  null,
  true,
  0,
  -1,
  1.5,
  5,
  "5",
  "-5",
  "18446744073709551615",
  "0x",
  "0x00ff",
  `0x${"11".repeat(20)}`,
  "text",
  "\ud800",
  [],
  [1],
  ["1", "2"],
  {},
  { a: 1 },
];

/** A value that may fit the type, by its name. */
function valueFor(random, type, abi, depth = 0) {
  if (random.oneIn(12) || depth > 6) return random.pick(values);
  if (type.endsWith("?"))
    return random.oneIn(2) ? null : valueFor(random, type.slice(0, -1), abi, depth + 1);
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array !== null) {
    const length = array[2] === "" ? random.below(4) : Math.min(40, Number(array[2]));
    return Array.from({ length }, () => valueFor(random, array[1], abi, depth + 1));
  }
  const integer = /^([ui])(\d+)$/.exec(type);
  if (integer !== null)
    return String(random.bigint(Number(integer[2]) - (integer[1] === "i" ? 1 : 0)));
  if (type === "bool") return random.oneIn(2);
  if (type === "string") return "plasma ✓".repeat(random.below(5));
  if (type === "address") return `0x${"ab".repeat(20)}`;
  if (type.startsWith("bytes"))
    return `0x${"cd".repeat(Math.min(64, Number(type.slice(5)) || random.below(40)))}`;
  const definition = Object.hasOwn(abi.types, type) ? abi.types[type] : undefined;
  if (definition?.variants !== undefined) return random.pick(definition.variants);
  return Object.fromEntries(
    (definition?.fields ?? []).map((field) => [
      field.name,
      valueFor(random, field.type, abi, depth + 1),
    ]),
  );
}

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `{ abi, args, data }`: the ABI's text, arguments for its methods, bytes for its decoders. */
export const abiTarget = {
  name: "abi",
  weight: 3,
  make({ abis }, random) {
    const document = random.pick(abis);
    const abi = random.oneIn(2) ? JSON.stringify(document) : mutateJson(random, document);
    const args = document.methods.map(({ params }) =>
      params.map(({ type }) => valueFor(random, type, document)),
    );
    const data = Buffer.from(random.bytes(random.size(300))).toString("hex");
    return JSON.stringify({ abi, args, data });
  },
  run({ engine }, input) {
    const { abi: text, args, data } = JSON.parse(input);
    const document = parsed(text);
    const abi =
      document === undefined ? undefined : answered(engine, () => engine.parseAbi(document));
    if (abi === undefined) return "refused";
    abi.methods.forEach((method, i) => {
      if (method.kind === "init") {
        answered(engine, () => engine.encodeInit(abi, args[i] ?? []));
        return;
      }
      const encoded = answered(engine, () => engine.encodeCall(abi, method.name, args[i] ?? []));
      if (encoded === undefined) return;
      // A method whose result is its parameter decodes what was encoded.
      const [only] = method.params;
      if (method.params.length !== 1 || only === undefined) return;
      const echo = { ...abi, methods: [{ ...method, returns: only.type }] };
      const value = engine.decodeResult(echo, method.name, encoded.subarray(4));
      const again = engine.encodeCall(abi, method.name, [value]);
      holds(sameBytes(again, encoded), `${method.name}: a decoded value encodes to the same bytes`);
    });
    const bytes = engine.fromHex(`0x${data}`);
    for (const { name } of abi.methods)
      answered(engine, () => engine.decodeResult(abi, name, bytes));
    answered(engine, () => engine.decodeRevert(abi, bytes));
    for (const { topic } of abi.events) {
      const topics = [engine.fromHex(topic), bytes.subarray(0, 32), bytes.subarray(32, 64)];
      answered(engine, () => engine.decodeEvent(abi, topics, bytes));
    }
    return "accepted";
  },
};
