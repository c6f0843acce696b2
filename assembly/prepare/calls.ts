// The call graph as it is read: for each defined function the functions that it calls and the types
// through which it calls the table. Nodes are function indices, then one node per canonical type,
// which stands for every table entry of that type. An edge is kept once per caller.
import { functionCount } from "./declarations";
import { definedCount } from "./layout";
import { allocate } from "./heap";
import { typeCount } from "./types";

/** u16 node of each edge. */
let edges: usize = 0;
let edgeCount: u32 = 0;
/** u32 index of the first edge, by defined function, and one past the last. */
let firstEdges: usize = 0;
// u32 by node: 1 + the last caller that had an edge to it.
let lastCaller: usize = 0;
let caller: u32 = 0;

export function nodeCount(): u32 {
  return functionCount + typeCount;
}

/** `codeBytes` bounds the edges: a call has at least two bytes, an edge has two. */
export function allocateCalls(codeBytes: u32): void {
  edges = allocate(codeBytes);
  firstEdges = allocate((definedCount + 1) << 2);
  lastCaller = allocate(nodeCount() << 2);
}

/** Starts the edges of defined function number `index`. */
export function startCaller(index: u32): void {
  caller = index + 1;
  store<u32>(firstEdges + (index << 2), edgeCount);
}

export function endCallers(): void {
  store<u32>(firstEdges + (definedCount << 2), edgeCount);
}

function addEdge(node: u32): void {
  const mark = lastCaller + (node << 2);
  if (load<u32>(mark) == caller) return;
  store<u32>(mark, caller);
  store<u16>(edges + (edgeCount << 1), node);
  edgeCount++;
}

export function addCallEdge(functionIndex: u32): void {
  addEdge(functionIndex);
}

export function addIndirectEdge(type: u32): void {
  addEdge(functionCount + type);
}

/** Index of the first edge of defined function number `index`; `index` = count gives the end. */
export function firstEdge(index: u32): u32 {
  return load<u32>(firstEdges + (index << 2));
}

export function edgeNode(edge: u32): u32 {
  return load<u16>(edges + (edge << 1));
}
