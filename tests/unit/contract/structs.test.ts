// Structs and enums across the border, in events, errors and storage: what the contract encodes is what the
// client's codec reads, and what neither would have written is refused before memory is taken for it.
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../host/abi/canonical-json.ts";
import { decodeEvent } from "../../../host/abi/decode-event.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { slotKey } from "../../../host/abi/signature.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { build, refusal } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const TYPES = `
import { Address, u128 } from "plasmavm/assembly";
export enum Side { Buy, Sell }
export type Way = Side;

@struct
export class Point {
  constructor(public x: i16, public y: i16) {}
  sum(): i32 { return <i32>this.x + <i32>this.y; }
}

@struct
export class Order {
  constructor(
    public readonly maker: Address,
    public amount: u128,
    public side: Side,
    public live: bool,
    public at: Point,
  ) {}
}

@struct
export class Note {
  text: string = "never";
  points: Point[] = [];
  private side: Way = Side.Sell;
  setSide(side: Side): void { this.side = side; }
}
`;
const SOURCE = `
import { at, Bytes32, ctx, emit, encode, Result, revert, StorageMap, StorageMap2, u128, Value } from "plasmavm/assembly";
import { Note, Order, Point, Side, Way } from "./types";

@event("side", "at") class Placed { constructor(public side: Side, public at: Point, public order: Order, public note: Note) {} }
@error class Wrong { constructor(public side: Way, public order: Order) {} }
@remote abstract class Self {
  abstract flip(side: Side): Side;
  abstract try_flip(side: Side): Result<Side>;
  abstract first(orders: Order[]): Order;
}
type Sides = StorageMap<u32, Way>;

@contract export class Book {
  last: Value<Order>;
  note: Value<Note>;
  side: Value<Side>;
  sides: Sides;
  pairs: StorageMap2<u32, u32, Side>;
  orders: StorageMap<u64, Order>;
  byPoint: StorageMap<Point, u32>;
  byNote: StorageMap<Note, u32>;

  @view flip(side: Way): Side { return side == Side.Buy ? Side.Sell : Side.Buy; }
  @view count(note: Note): i32 {
    let sum = 0;
    for (let i = 0; i < note.points.length; i++) sum += note.points[i].sum();
    return sum + note.text.length;
  }
  @view first(orders: Order[]): Order { return orders[0]; }
  @view make(text: string): Note {
    const note = new Note();
    note.text = text;
    note.points.push(new Point(-1, 2));
    return note;
  }
  @call place(order: Order): Order {
    this.last.set(order);
    this.orders.set(7, order);
    this.orders.entry(8).set(this.last.get());
    const stored = this.orders.get(8);
    stored.amount = stored.amount.add(u128.one);
    return stored;
  }
  @view stored(): Order { return this.last.get(); }
  @view noteStored(): Note { return this.note.get(); }
  @call keepNote(note: Note): u32 {
    this.note.set(note);
    this.byNote.set(note, 5);
    this.byPoint.set(new Point(1, -1), 6);
    return this.byNote.get(this.note.get()) + this.byPoint.get(new Point(1, -1));
  }
  @call keepSide(side: Side): Side {
    const before = this.side.get();
    this.side.set(side);
    this.sides.set(1, side);
    this.sides.entry(2).set(this.sides.get(1));
    this.pairs.set(1, 2, this.sides.get(2));
    return before + this.pairs.get(1, 2) + (this.side.has() ? 0 : 9);
  }
  @view storedSide(): Side { return this.side.get(); }
  @call bad(): void { this.side.set(7 as Side); }
  @view badResult(): Side { return 2 as Side; }
  @call tell(order: Order, note: Note): void { emit(new Placed(order.side, order.at, order, note)); }
  @call fail(order: Order): void { revert(new Wrong(Side.Sell, order)); }
  @view bytes(order: Order, side: Side): StaticArray<u8> { return encode(order); }
  @call ask(to: Order, side: Side): Side[] { return []; }
}
`.replace(
  "@call ask(to: Order, side: Side): Side[] { return []; }",
  `
  @call ask(side: Side): Side {
    const other = at<Self>(ctx.caller);
    if (other.try_flip(side).value != other.flip(side)) unreachable();
    return other.flip(side);
  }
`,
);

describe("structs and enums", () => {
  const AT = address(1);
  const ready = build(SOURCE, { "assembly/types.ts": TYPES }).then((built) => {
    expect(built.warnings).toBe("");
    const host = new TinyHost();
    for (const at of [AT, address(0xaa)]) host.deploy(at, built.wasm, new Uint8Array());
    const send = (input: Uint8Array): string | Uint8Array => {
      const { status, output } = host.call(AT, input);
      if (status === 0) return output;
      return status === 1 ? describeRevert(decodeRevert(built.abi, output)) : `status ${status}`;
    };
    const call = (method: string, ...args: unknown[]): unknown => {
      const output = send(encodeCall(built.abi, method, args));
      return typeof output === "string" ? output : decodeResult(built.abi, method, output);
    };
    return { ...built, host, send, call };
  });
  const order = {
    maker: toHex(address(9)),
    amount: 2n ** 100n,
    side: "Sell",
    live: true,
    at: { x: -5, y: 300 },
  };
  const note = {
    text: "grüße",
    points: [
      { x: 1, y: 2 },
      { x: -3, y: -4 },
    ],
    side: "Buy",
  };

  it("stand in the ABI by name, with their fields and variants, whatever file they come from", async () => {
    const { abi, abiJson } = await ready;
    expect(abi.types).toEqual({
      Side: { variants: ["Buy", "Sell"] },
      Point: {
        fields: [
          { name: "x", type: "i16" },
          { name: "y", type: "i16" },
        ],
      },
      Order: {
        fields: [
          { name: "maker", type: "address" },
          { name: "amount", type: "u128" },
          { name: "side", type: "Side" },
          { name: "live", type: "bool" },
          { name: "at", type: "Point" },
        ],
      },
      Note: {
        fields: [
          { name: "text", type: "string" },
          { name: "points", type: "Point[]" },
          { name: "side", type: "Side" },
        ],
      },
    });
    expect(abi.storage.map(({ name, type }) => [name, type])).toEqual([
      ["last", "value<Order>"],
      ["note", "value<Note>"],
      ["side", "value<Side>"],
      ["sides", "map<u32,Side>"],
      ["pairs", "map2<u32,u32,Side>"],
      ["orders", "map<u64,Order>"],
      ["byPoint", "map<Point,u32>"],
      ["byNote", "map<Note,u32>"],
    ]);
    expect(canonicalJson(parseAbi(JSON.parse(abiJson)))).toBe(abiJson);
  });

  it("cross the border both ways", async () => {
    const { call } = await ready;
    expect(call("flip", "Buy")).toBe("Sell");
    expect(call("count", note)).toBe(1 + 2 - 3 - 4 + 5);
    expect(call("first", [order, order])).toEqual(order);
    expect(call("make", "hi")).toEqual({ text: "hi", points: [{ x: -1, y: 2 }], side: "Sell" });
    expect(call("bytes", order, "Buy")).toBe(
      `0x${"09".repeat(20)}${(2n ** 100n).toString(16).padStart(32, "0")}0101fffb012c`,
    );
  });

  it("are stored, and read as zeros before", async () => {
    const { call, host } = await ready;
    const zero = {
      maker: toHex(address(0)),
      amount: 0n,
      side: "Buy",
      live: false,
      at: { x: 0, y: 0 },
    };
    expect(call("stored")).toEqual(zero);
    expect(call("noteStored")).toEqual({ text: "", points: [], side: "Buy" });
    expect(call("place", order)).toEqual({ ...order, amount: order.amount + 1n });
    expect(call("stored")).toEqual(order);
    expect(call("keepNote", note)).toBe(11);
    expect(call("noteStored")).toEqual(note);
    expect(call("storedSide")).toBe("Buy");
    expect(call("keepSide", "Sell")).toBe("Sell");
    expect(call("storedSide")).toBe("Sell");
    const stored = host.accounts.get(toHex(AT))?.storage.get(toHex(slotKey("side")));
    expect(stored).toEqual(Uint8Array.of(1));
    host.accounts.get(toHex(AT))?.storage.set(toHex(slotKey("side")), Uint8Array.of(2));
    expect(call("storedSide")).toBe("bad stored value");
    expect(call("keepSide", "Buy")).toBe("bad stored value");
  });

  it("stand in events, as topics too, and in errors", async () => {
    const { call, host, abi } = await ready;
    host.events.length = 0;
    call("tell", order, note);
    const [event] = host.events;
    expect(decodeEvent(abi, event?.topics ?? [], event?.data ?? new Uint8Array())).toEqual({
      name: "Placed",
      fields: { side: "Sell", at: { x: -5, y: 300 }, order, note },
    });
    expect(call("fail", order)).toMatch(/^Wrong\(side: "Sell", order: \{"maker":"0x0909/);
  });

  it("are arguments and results of other contracts' methods", async () => {
    const { call } = await ready;
    expect(call("ask", "Buy")).toBe("Sell");
  });

  it("refuse a number that is no variant, on the way out too", async () => {
    const { call } = await ready;
    expect(call("bad")).toBe("a number is no variant of its enum");
    expect(call("badResult")).toBe("a number is no variant of its enum");
  });

  it("refuse what their codec would not have written, before memory is taken", async () => {
    const { abi, send } = await ready;
    const flip = encodeCall(abi, "flip", ["Sell"]);
    expect(send(Uint8Array.from([...flip.subarray(0, 4), 2]))).toBe("flip(side): bad argument 1");
    expect(send(flip.subarray(0, 4))).toBe("flip(side): bad argument 1");
    const stored = encodeCall(abi, "first", [[order]]);
    for (const [at, byte] of [
      [8 + 36, 2],
      [8 + 37, 2],
      [4, 0xff],
      [7, 0],
    ] as const) {
      const bad = stored.slice();
      bad[at] = byte;
      const told = send(bad);
      expect(told).toMatch(at === 7 ? /Index out of range|too many bytes/ : /bad argument 1/);
    }
    const head = toHex(encodeCall(abi, "count", [note]).subarray(0, 4));
    for (const body of ["ffffffff", "00000000ffffffff", "00000000000000010000", "0000000000000000"])
      expect(send(fromHex(`${head}${body}`))).toBe("count(note): bad argument 1");
  });
});

const contract = (types: string, members: string): string =>
  `import { StorageMap, Value } from "plasmavm/assembly";\n${types}\n@contract export class Test {\n${members}\n}`;

describe("arrays of enums", () => {
  const AT = address(1);
  const LISTS = `
import { at, Address, ctx, emit, Result, revert, StorageMap, StorageMap2, Value } from "plasmavm/assembly";
enum Side { Buy, Sell }
type Sides = Side[];
@struct class Plan { constructor(public name: string, public sides: Side[], public last: Side) {} }
@event("sides") class Seen { constructor(public sides: Side[], public more: Sides) {} }
@error class Wrong { constructor(public sides: Sides) {} }
@remote abstract class Self {
  abstract turned(sides: Side[]): Side[];
  abstract try_turned(sides: Sides): Result<Sides>;
}
@contract export class Lists {
  all: Value<Side[]>;
  by: StorageMap<u32, Sides>;
  two: StorageMap2<u32, u32, Side[]>;
  deep: StorageMap<u8, StorageMap<u8, Side[]>>;
  plan: Value<Plan>;
  @view turned(sides: Side[]): Sides {
    const out: Side[] = [];
    for (let i = 0; i < sides.length; i++) out.push(sides[i] == Side.Buy ? Side.Sell : Side.Buy);
    return out;
  }
  @call keep(sides: Side[]): Side[] {
    this.all.set(sides);
    this.by.set(1, this.all.get());
    this.two.set(1, 2, this.by.get(1));
    this.deep.get(3).set(4, this.two.get(1, 2));
    emit(new Seen(sides, this.by.get(9)));
    return this.deep.get(3).get(4);
  }
  @call keepPlan(plan: Plan): Plan { this.plan.set(plan); return this.plan.get(); }
  @view kept(): Side[] { return this.all.get(); }
  @call ask(sides: Side[]): Side[] {
    const other = at<Self>(ctx.caller);
    return other.try_turned(other.turned(sides)).value;
  }
  @call refuse(sides: Side[]): void { revert(new Wrong(sides)); }
  @view bad(): Side[] { return [<Side>0, <Side>2]; }
}
`;
  const SIDES = ["Sell", "Buy", "Sell"];
  const ready = (async () => {
    const { abi, wasm } = await build(LISTS);
    const host = new TinyHost();
    for (const at of [AT, address(0xaa)]) host.deploy(at, wasm, new Uint8Array());
    const call = (method: string, ...args: readonly unknown[]): unknown => {
      const ended = host.call(AT, encodeCall(abi, method, args as never));
      if (ended.status !== 0) return describeRevert(decodeRevert(abi, ended.output));
      return decodeResult(abi, method, ended.output);
    };
    return { abi, host, call };
  })();

  it("are arguments, results and stored, one byte for each", async () => {
    const { abi, call } = await ready;
    expect(abi.storage.map(({ type }) => type)).toEqual([
      "value<Side[]>",
      "map<u32,Side[]>",
      "map2<u32,u32,Side[]>",
      "map<u8,map<u8,Side[]>>",
      "value<Plan>",
    ]);
    expect(toHex(encodeCall(abi, "turned", [SIDES])).slice(10)).toBe("00000003010001");
    expect(call("turned", SIDES)).toEqual(["Buy", "Sell", "Buy"]);
    expect(call("kept")).toEqual([]);
    expect(call("keep", SIDES)).toEqual(SIDES);
    expect(call("kept")).toEqual(SIDES);
    expect(call("keep", [])).toEqual([]);
    const plan = { name: "p", sides: SIDES, last: "Sell" };
    expect(call("keepPlan", plan)).toEqual(plan);
  });

  it("are fields of events and errors, and cross to other contracts", async () => {
    const { abi, host, call } = await ready;
    host.events.length = 0;
    call("keep", SIDES);
    const [event] = host.events;
    const { fields } = decodeEvent(abi, event!.topics, event!.data)!;
    expect(fields).toMatchObject({ more: [] });
    expect(call("refuse", SIDES)).toBe('Wrong(sides: ["Sell","Buy","Sell"])');
    expect(call("ask", SIDES)).toEqual(SIDES);
  });

  it("refuse a number that is no variant, in both directions", async () => {
    const { abi, host, call } = await ready;
    expect(call("bad")).toBe("a number is no variant of its enum");
    const input = encodeCall(abi, "turned", [SIDES]);
    input[input.length - 1] = 2;
    const ended = host.call(AT, input);
    expect(describeRevert(decodeRevert(abi, ended.output))).toContain("turned(sides)");
    for (const length of [2, 4]) {
      const other = encodeCall(abi, "turned", [SIDES]);
      other[7] = length;
      expect(host.call(AT, other).status).toBe(1);
    }
  });
});

describe("a struct or enum that cannot cross is refused where it stands", () => {
  it.each([
    [
      "a struct of itself",
      contract(
        "@struct class A { b: B[] = []; }\n@struct class B { a: A | null = null; c: A = new A(); }",
        "@view f(a: A): void {}",
      ),
      /A \| null cannot be a field of a struct/,
    ],
    [
      "structs that hold one another",
      contract(
        "@struct class A { b: B[] = []; }\n@struct class B { a: A[] = []; }",
        "@view f(a: A): void {}",
      ),
      /A contains itself; keep one in a map and the other's key in it[\s\S]*a: A\[\] = \[\][\s\S]*test\.ts\(3,/,
    ],
    [
      "a class without @struct",
      contract("class A { x: u8 = 0; }", "@view f(a: A): void {}"),
      /A cannot be an argument/,
    ],
    [
      "an empty struct",
      contract("@struct class A {}", ""),
      /A has no fields; a struct has at least one/,
    ],
    [
      "a generic struct",
      contract("@struct class A<T> { x: u8 = 0; }", ""),
      /a class with @struct cannot be generic/,
    ],
    [
      "a struct that extends",
      contract("class B {}\n@struct class A extends B { x: u8 = 0; }", ""),
      /a class with @struct cannot extend/,
    ],
    [
      "a struct's float",
      contract("@struct class A { x: f64 = 0; }", "@view f(a: A): void {}"),
      /f64 cannot be a field of a struct/,
    ],
    [
      "a struct called as a type of the ABI",
      contract("@struct class bytes { x: u8 = 0; }", "@view f(a: bytes): void {}"),
      /bytes is a type of the ABI already/,
    ],
    [
      "an enum with values",
      contract("enum E { A = 1, B }", "@view f(a: E): void {}"),
      /E crosses the border and counts from 0/,
    ],
    [
      "an array of arrays of an enum",
      contract("enum E { A, B }", "@view f(a: E[][]): void {}"),
      /E\[\]\[\]: of types around an enum the ABI carries its array alone/,
    ],
    [
      "a list of an enum",
      contract(
        'import { StorageList } from "plasmavm/assembly"; enum E { A, B }',
        "list: StorageList<E>;",
      ),
      /E cannot be an element; use u8/,
    ],
    [
      "an enum as a key",
      contract("enum E { A, B }", "m: StorageMap<E, u8>;"),
      /E cannot be a key; use u8/,
    ],
    [
      "arguments of @struct",
      contract('@struct("x") class A { x: u8 = 0; }', ""),
      /@struct takes no arguments/,
    ],
    ["a misspelt @struct", contract("@strct class A { x: u8 = 0; }", ""), /did you mean @struct/],
  ])("%s", async (_, source, says) => {
    const told = await refusal(source);
    expect(told).toMatch(says);
    expect(told).toMatch(/└─ in assembly\/test\.ts\(\d+,\d+\)/);
  });
});
