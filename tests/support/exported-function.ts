// Finds functions of test modules by the names that they are exported under.

/** The index of an exported function; undefined where there is none of that name. */
export function exportedFunction(wasm: Uint8Array, name: string): number | undefined {
  const exported = WebAssembly.Module.exports(
    new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>),
  );
  if (!exported.some((one) => one.name === name)) return undefined;
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>),
    { env: new Proxy({}, { get: () => () => 0 }) },
  );
  // An exported function's `name` is its index, by the JavaScript interface of WebAssembly.
  return Number((exports[name] as { name: string }).name);
}
