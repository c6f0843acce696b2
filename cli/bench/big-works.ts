// The works of `plasma bench big`: blocks that are large in one respect each, as calls of fixtures/contracts/big.ts.
// Every round writes under keys of its own, so that one environment serves all rounds and each does the same.
import type { ContractAbi } from "../../host/abi/abi.ts";
import { encodeCall } from "../../host/abi/encode-call.ts";
import type { SaboteurKind } from "../../host/environment/disputes.ts";
import type { BenchSize } from "./suite.ts";

/** How large the works are. */
export interface BigShape {
  /** Pages of memory: all but the first are written and scanned. */
  readonly pages: number;
  readonly values: number;
  /** Bytes of a stored value, 4 of them its length. */
  readonly valueBytes: number;
  readonly documents: number;
  readonly documentBytes: number;
  readonly topics: number;
  /** Works that are disputed; all where absent. */
  readonly disputed?: readonly string[];
  /** Calls that the writing of values and documents is split into. */
  readonly calls: number;
}

export const bigShapes: Readonly<Record<BenchSize, BigShape>> = {
  small: {
    ...{ pages: 2, values: 2, valueBytes: 65_536, calls: 2 },
    ...{ documents: 12, documentBytes: 512, topics: 3 },
    disputed: ["values-read"],
  },
  large: {
    ...{ pages: 256, values: 32, valueBytes: 65_536, calls: 10 },
    ...{ documents: 1_000, documentBytes: 3_072, topics: 10 },
  },
};

/** One block of each round. */
export interface BigWork {
  readonly name: string;
  /** What the block does, in words. */
  readonly does: string;
  /** What the dispute's liar claims. */
  readonly lie: SaboteurKind;
  readonly isDisputed: boolean;
  /** Bytes of memory, values or documents that the block goes over. */
  readonly bytes: number;
  /** Inputs of the block's calls in a round. */
  readonly calls: (abi: ContractAbi, round: number) => Uint8Array[];
}

/** The works of a shape, in the order in which a round runs them. */
export function bigWorks(shape: BigShape): BigWork[] {
  const isDisputed = (name: string): boolean => shape.disputed?.includes(name) ?? true;
  return worksOf(shape).map((work) => ({ ...work, isDisputed: isDisputed(work.name) }));
}

function worksOf(shape: BigShape): Omit<BigWork, "isDisputed">[] {
  const { pages, values, valueBytes, documents, documentBytes, topics } = shape;
  const input = (abi: ContractAbi, method: string, args: readonly number[]): Uint8Array =>
    encodeCall(abi, method, args.map(String));
  const each = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  /** First and count of each call's share. */
  const shares = (total: number, round: number): [first: number, count: number][] =>
    each(shape.calls).map((call) => {
      const [from, to] = [call, call + 1].map((at) => Math.floor((total * at) / shape.calls));
      return [round * total + from!, to! - from!];
    });
  const size = (bytes: number): string =>
    bytes % 1_024 === 0 ? `${bytes / 1_024} KiB` : `${bytes} bytes`;
  return [
    {
      name: "scan",
      does: `grows its memory to ${size(pages * 65_536)} in one call, writes it and scans it`,
      lie: "flipped-memory",
      bytes: (pages - 1) * 65_536,
      calls: (abi) => [input(abi, "scan", [pages])],
    },
    {
      name: "values-write",
      does: `writes ${values} values of ${size(valueBytes)}`,
      lie: "skipped-storage-write",
      bytes: values * valueBytes,
      calls: (abi, round) =>
        shares(values, round).map((share) => input(abi, "storeValues", [...share, valueBytes - 4])),
    },
    {
      name: "values-read",
      does: "reads them whole",
      lie: "forged-storage-read",
      bytes: values * valueBytes,
      calls: (abi, round) => shares(values, round).map((share) => input(abi, "sumValues", share)),
    },
    {
      name: "documents-write",
      does: `writes ${documents} documents of ${size(documentBytes)} under their titles and into ${topics} lists`,
      lie: "skipped-storage-write",
      bytes: documents * documentBytes,
      calls: (abi, round) =>
        shares(documents, round).map(([first, count]) =>
          input(abi, "addDocuments", [first, count, documentBytes, topics, round * topics]),
        ),
    },
    {
      name: "documents-read",
      does: "reads all of them by the lists",
      lie: "forged-storage-read",
      bytes: documents * documentBytes,
      calls: (abi, round) =>
        each(topics).map((topic) => input(abi, "sumTopic", [round * topics + topic])),
    },
  ];
}
