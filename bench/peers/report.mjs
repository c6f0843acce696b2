// What the rounds came to, as a JSON document and as tables. A ratio is ours over the peer's, taken
// within each round; above 1 ours is faster. The document says what the machine was doing beside.
import { cpus, loadavg, release, totalmem } from "node:os";
import { quartiles, significant } from "../../dist/cli/bench/samples.js";
import { tableText } from "../../dist/cli/output.js";
import { forms } from "./engine-handle.mjs";
import { engines, OURS } from "./engines.mjs";
import { referenceLoops } from "./reference-loops.mjs";

const GIB = 2 ** 30;
const LOAD_AT_START = loadavg();

const rounded = ({ q1, median, q3 }) => ({
  q1: significant(q1, 3),
  median: significant(median, 3),
  q3: significant(q3, 3),
});

function machine() {
  const all = cpus();
  return {
    cpu: `${all.length} x ${all[0]?.model.trim() ?? "unknown"}`,
    memoryGib: Math.round(totalmem() / GIB),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    loadAverageBefore: LOAD_AT_START,
    loadAverageAfter: loadavg(),
  };
}

/** Rates and ratios of one engine by form and mode. */
function figuresOf({ name, samples }, modes, ours) {
  return Object.fromEntries(
    Object.entries(samples).map(([form, byMode]) => [
      form,
      Object.fromEntries(
        Object.entries(byMode).map(([mode, rates]) => {
          const perSecond = rounded(quartiles(rates));
          const own = ours?.samples[form]?.[modes[mode].beside];
          if (name === OURS || own === undefined) return [mode, { perSecond }];
          const ratio = rounded(quartiles(rates.map((rate, round) => own[round] / rate)));
          return [mode, { perSecond, ratio }];
        }),
      ),
    ]),
  );
}

/** Ours over the peer's, each in the form that it is fastest in. */
function bestRatio(figures, mode, ourFigures, ourMode) {
  const best = (all, key) =>
    Math.max(...Object.values(all).map((form) => form[key].perSecond.median));
  return significant(best(ourFigures, ourMode) / best(figures, mode), 3);
}

function reference({ samples }) {
  const [form, byLoop] = Object.entries(samples)[0];
  const loops = Object.entries(referenceLoops).map(([name, { what, researchNanos }]) => {
    const nanos = rounded(quartiles(byLoop[name]));
    return {
      name,
      what,
      researchNanos,
      nanos,
      ratio: significant(nanos.median / researchNanos, 3),
    };
  });
  return { form, loops };
}

/** The whole run. */
export function reportDocument({ size, rounds, seed, opened, skipped }) {
  const ours = opened.find(({ name }) => name === OURS);
  const ourFigures = ours && figuresOf(ours, {}, undefined);
  const measured = opened.filter(({ name }) => name !== "reference");
  return {
    v: 1,
    suite: "peers",
    size,
    rounds,
    seed,
    date: new Date().toISOString(),
    machine: machine(),
    engines: measured.map((engine) => {
      const { modes } = engines.find(({ name }) => name === engine.name);
      const figures = figuresOf(engine, modes, ours);
      const bestForms =
        ourFigures === undefined || engine === ours
          ? {}
          : Object.fromEntries(
              Object.entries(modes).map(([mode, { beside }]) => [
                mode,
                bestRatio(figures, mode, ourFigures, beside),
              ]),
            );
      const units = Object.fromEntries(
        Object.entries(modes).map(([mode, { what }]) => [mode, what]),
      );
      const { name, version, facts } = engine;
      return { name, version, ...facts, units, figures, ratioOfBestForms: bestForms };
    }),
    skipped,
    reference: reference(opened.find(({ name }) => name === "reference")),
  };
}

const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
const spread = ({ q1, median, q3 }) => `${grouped(median)} (${grouped(q1)}-${grouped(q3)})`;

function engineRows({ name, accounts, blockSize, units, figures, ratioOfBestForms }) {
  return Object.entries(units).map(([mode, what]) => {
    const cells = Object.keys(forms).flatMap((form) => {
      const figure = figures[form]?.[mode];
      if (figure === undefined) return ["–", "–"];
      return [
        spread(figure.perSecond),
        figure.ratio === undefined ? "" : `${figure.ratio.median}x`,
      ];
    });
    const best = ratioOfBestForms[mode];
    const load = `${grouped(accounts)} / ${grouped(blockSize)}`;
    return [name, what, load, ...cells, best === undefined ? "" : `${best}x`];
  });
}

/** The tables, and what to know about them. */
export function reportText({ size, rounds, machine: here, engines: measured, skipped, reference }) {
  const formHeads = Object.values(forms).flatMap((form) => [`transfers/s, ${form}`, "ours is"]);
  const head = ["engine", "one unit", "accounts / block", ...formHeads, "best forms"];
  const loops = reference.loops.map(({ what, researchNanos, nanos, ratio }) => [
    what,
    grouped(researchNanos),
    spread(nanos),
    `${ratio}x`,
  ]);
  const load = (all) => all.map((value) => value.toFixed(1)).join(" ");
  return [
    tableText(head, measured.flatMap(engineRows)),
    "",
    tableText(["reference", "ns, research machine", "ns here", "here is slower by"], loops),
    "",
    `Medians and quartiles of ${rounds} rounds (size ${size}); ratios are ours over the peer's within a round.`,
    `${here.cpu}, ${here.memoryGib} GiB, ${here.system}, node ${here.node}; load average ${load(here.loadAverageBefore)} before, ${load(here.loadAverageAfter)} after.`,
    ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason} (see bench/peers/README.md)`),
  ].join("\n");
}
