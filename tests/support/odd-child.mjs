// A child of a supervised process that does what it is told, for tests of what its parent makes of it. Speaks the
// protocol by hand: u32 length, then msgpack.
import { Socket } from "node:net";
import { Packr } from "msgpackr";

const packr = new Packr({ useRecords: false, useBigIntExtension: true });
const socket = new Socket({ fd: 3 });
let held = Buffer.alloc(0);

function send(message) {
  const packed = packr.pack(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(packed.length);
  socket.write(Buffer.concat([length, packed]));
}

const acts = {
  open: ({ id, params }) => {
    if (params.mode === "die") {
      process.stderr.write("I die at the start\n");
      process.exit(9);
    }
    if (params.mode === "refuse") {
      const error = {
        code: "STATE_OTHER_GENESIS",
        message: "another one",
        where: {},
        hint: "h",
        details: {},
      };
      send({ id, kind: "error", error });
    } else send({ id, kind: "result", value: process.pid });
  },
  echo: ({ id, params }) => send({ id, kind: "result", value: params }),
  silent: () => {},
  exit: ({ params }) => {
    process.stderr.write("my last words\n", () => process.exit(params));
  },
  bug: ({ id }) => send({ id, kind: "bug", message: "a bug", stack: "a stack" }),
  error: ({ id }) =>
    send({
      id,
      kind: "error",
      error: { code: "ORDER_TIME", message: "no", where: { height: 5n } },
    }),
  garbage: () => socket.write(Buffer.from([0, 0, 0, 2, 0xc6, 0xff])),
  long: () => socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff])),
  kind: ({ id, params }) => send({ id, kind: params }),
  shape: ({ params }) => send(params),
  cut: () => socket.write(Buffer.from([0, 0, 0, 9, 1]), () => process.exit(0)),
  memory: () => send({ kind: "memory", bytes: 2 ** 50 }),
  close: ({ id }) => send({ id, kind: "result", value: undefined }),
};

socket.on("data", (chunk) => {
  held = Buffer.concat([held, chunk]);
  while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
    const end = 4 + held.readUInt32BE(0);
    const request = packr.unpack(held.subarray(4, end));
    held = held.subarray(end);
    acts[request.method](request);
  }
});
socket.on("close", () => process.exit(0));
