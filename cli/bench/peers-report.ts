// What `npm run peers -- --save FILE` measured of other engines and of Plasma beside them, in one run: read
// from the file, as far as the chart of transfers needs it. The file is somebody's input: every field that is
// looked at is checked, and the place of a wrong one is named.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "../../host/errors.ts";
import { readText } from "../files.ts";
import { packageFolder } from "../package.ts";
import type { Quartiles } from "./samples.ts";

/** One mode of one engine, in the form that it is fastest in. */
export interface PeerRate {
  readonly engine: string;
  readonly version: string | undefined;
  readonly mode: string;
  /** What one unit is, in words. */
  readonly unit: string;
  readonly perSecond: Quartiles;
}

export interface PeersReport {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly cpu: string;
  readonly node: string;
  readonly size: string;
  readonly rounds: number;
  readonly rates: readonly PeerRate[];
}

/** Where the figures are looked for when no file is named. */
export const PEERS_FILE = join(packageFolder, "bench", "peers", "report.json");

type Json = Readonly<Record<string, unknown>>;

/** The report in a file, or in PEERS_FILE where there is one. @throws PEERS_REPORT_INVALID, FILE_… */
export function readPeersReport(file: string | undefined): PeersReport | undefined {
  if (file === undefined) {
    return existsSync(PEERS_FILE) ? parsePeersReport(readText(PEERS_FILE), PEERS_FILE) : undefined;
  }
  return parsePeersReport(readText(file), file);
}

/** @throws PEERS_REPORT_INVALID */
export function parsePeersReport(text: string, file: string): PeersReport {
  const reader = new ReportReader(file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw reader.refusal("the file", text);
  }
  const report = reader.object(document, "the document");
  if (report.v !== 1 || report.suite !== "peers") {
    throw reader.refusal("suite", report.suite);
  }
  const machine = reader.object(report.machine, "machine");
  return {
    date: reader.text(report.date, "date").slice(0, 10),
    cpu: reader.text(machine.cpu, "machine.cpu"),
    node: reader.text(machine.node, "machine.node"),
    size: reader.text(report.size, "size"),
    rounds: reader.number(report.rounds, "rounds"),
    rates: reader
      .list(report.engines, "engines")
      .flatMap((engine, i) => reader.rates(engine, `engines[${i}]`)),
  };
}

class ReportReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  refusal(field: string, value: unknown): EngineError {
    const got = JSON.stringify(value) ?? "nothing";
    return new EngineError({
      code: "PEERS_REPORT_INVALID",
      message: `got ${got.slice(0, 60)} at ${field}`,
      where: { file: this.#file, field },
    });
  }

  object(value: unknown, field: string): Json {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    throw this.refusal(field, value);
  }

  list(value: unknown, field: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.refusal(field, value);
  }

  text(value: unknown, field: string): string {
    if (typeof value === "string") return value;
    throw this.refusal(field, value);
  }

  number(value: unknown, field: string): number {
    if (typeof value === "number" && value > 0) return value;
    throw this.refusal(field, value);
  }

  /** The modes of an engine, in their order. */
  rates(value: unknown, field: string): PeerRate[] {
    const engine = this.object(value, field);
    const forms = Object.entries(this.object(engine.figures, `${field}.figures`));
    return Object.entries(this.object(engine.units, `${field}.units`)).map(([mode, unit]) => {
      const inForms = forms.map(([form, figures]) => {
        const at = `${field}.figures.${form}`;
        const figure = this.object(this.object(figures, at)[mode], `${at}.${mode}`);
        return this.#quartiles(figure.perSecond, `${at}.${mode}.perSecond`);
      });
      const [best] = inForms.toSorted((a, b) => b.median - a.median);
      if (best === undefined) throw this.refusal(`${field}.figures`, engine.figures);
      return {
        engine: this.text(engine.name, `${field}.name`),
        version: engine.version === undefined ? undefined : String(engine.version),
        mode,
        unit: this.text(unit, `${field}.units.${mode}`),
        perSecond: best,
      };
    });
  }

  #quartiles(value: unknown, field: string): Quartiles {
    const { q1, median, q3 } = this.object(value, field);
    return {
      q1: this.number(q1, `${field}.q1`),
      median: this.number(median, `${field}.median`),
      q3: this.number(q3, `${field}.q3`),
    };
  }
}
