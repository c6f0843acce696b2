// Depth (docs/program.md section 4): which functions pay, and how much. Strongly connected components
// of the call graph (Tarjan, iterative, linear) give the cycles; components are complete before
// their callers, so the heaviest chain of non-payers below each node is known when it is needed.
// Payers end chains: they pay for themselves at every entry.
import { edgeNode, firstEdge, nodeCount } from "./calls";
import { functionCount, tableEntries, tableSize } from "./declarations";
import { allocate } from "./heap";
import { functionRecord, importCount, importRecord } from "./layout";
import { FRAME_WEIGHT } from "./weights";

const NONE: u32 = 0xffffffff;

// u32 arrays by node. `visit` is 1 + the order of discovery; a node leaves the component stack with
// `open` 0; `chain` is the heaviest chain of non-payers that starts at the node, 0 for payers.
let visit: usize = 0;
let low: usize = 0;
let open: usize = 0;
let chain: usize = 0;
let cursor: usize = 0;
let path: usize = 0;
let component: usize = 0;
// Table entries of each canonical type: 1 + index of the first, and of the next after each.
let firstEntry: usize = 0;
let nextEntry: usize = 0;

let visited: u32 = 0;
let pathLength: u32 = 0;
let componentLength: u32 = 0;

function at(array: usize, index: u32): u32 {
  return load<u32>(array + (index << 2));
}

function put(array: usize, index: u32, value: u32): void {
  store<u32>(array + (index << 2), value);
}

/** Sets field 8 of every function record: the weight a payer charges, 0 for all others. */
export function weighFunctions(): void {
  const bytes = nodeCount() << 2;
  visit = allocate(bytes);
  low = allocate(bytes);
  open = allocate(bytes);
  chain = allocate(bytes);
  cursor = allocate(bytes);
  path = allocate(bytes);
  component = allocate(bytes);
  linkTable();
  for (let i: u32 = 0; i < importCount; i++) {
    put(visit, i, ++visited);
    put(chain, i, FRAME_WEIGHT + load<u32>(importRecord(i), 8));
  }
  for (let i = importCount; i < functionCount; i++) {
    if (at(visit, i) == 0) walkFrom(i);
  }
}

function linkTable(): void {
  firstEntry = allocate((nodeCount() - functionCount) << 2);
  nextEntry = allocate(tableSize << 2);
  for (let i: u32 = 0; i < tableSize; i++) {
    const entry = tableEntries + (i << 3);
    if (load<u32>(entry) == NONE) continue;
    const type = load<u32>(entry, 4);
    put(nextEntry, i, at(firstEntry, type));
    put(firstEntry, type, i + 1);
  }
}

function firstCursor(node: u32): u32 {
  return node < functionCount
    ? firstEdge(node - importCount)
    : at(firstEntry, node - functionCount);
}

// The node under the cursor of `node`, NONE at its end; moves the cursor on.
function nextNode(node: u32): u32 {
  const place = at(cursor, node);
  if (node < functionCount) {
    if (place == firstEdge(node - importCount + 1)) return NONE;
    put(cursor, node, place + 1);
    return edgeNode(place);
  }
  if (place == 0) return NONE;
  put(cursor, node, at(nextEntry, place - 1));
  return load<u32>(tableEntries + ((place - 1) << 3));
}

function discover(node: u32): void {
  put(visit, node, ++visited);
  put(low, node, visited);
  put(open, node, 1);
  put(cursor, node, firstCursor(node));
  put(path, pathLength++, node);
  put(component, componentLength++, node);
}

function walkFrom(root: u32): void {
  discover(root);
  while (pathLength != 0) {
    const node = at(path, pathLength - 1);
    const next = nextNode(node);
    if (next != NONE) {
      // A function that calls itself is a cycle of its own.
      if (next == node) put(open, node, 2);
      if (at(visit, next) == 0) discover(next);
      else if (at(open, next) != 0 && at(visit, next) < at(low, node))
        put(low, node, at(visit, next));
      continue;
    }
    pathLength--;
    if (pathLength != 0) {
      const above = at(path, pathLength - 1);
      if (at(low, node) < at(low, above)) put(low, above, at(low, node));
    }
    if (at(low, node) == at(visit, node)) closeComponent(node);
  }
}

function closeComponent(root: u32): void {
  let from = componentLength - 1;
  while (at(component, from) != root) from--;
  const cyclic = componentLength - from > 1;
  // Type nodes first: functions of the component may reach non-payers through them.
  for (let i = from; i < componentLength; i++) {
    const node = at(component, i);
    if (node >= functionCount) put(chain, node, heaviestBelow(node));
  }
  for (let i = from; i < componentLength; i++) {
    const node = at(component, i);
    if (node < functionCount) weigh(node, cyclic || at(open, node) == 2);
    put(open, node, 0);
  }
  componentLength = from;
}

function heaviestBelow(node: u32): u32 {
  put(cursor, node, firstCursor(node));
  let heaviest: u32 = 0;
  for (let next = nextNode(node); next != NONE; next = nextNode(node)) {
    if (at(chain, next) > heaviest) heaviest = at(chain, next);
  }
  return heaviest;
}

function weigh(node: u32, onCycle: bool): void {
  const record = functionRecord(node);
  const weight = load<u32>(record, 32) + heaviestBelow(node);
  const pays = onCycle || load<u32>(record, 28) != 0;
  store<u32>(record, pays ? weight : 0, 32);
  put(chain, node, pays ? 0 : weight);
}
