import { metricTable, seriesBudget } from '@throughline/telemetry/metric-table';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askedDashboards, askedRule } from './testing/asked-queries.ts';
import { countSeries, strangeLabels } from './testing/exposed-series.ts';
import { askUntilAnswered, type LiveAnswer, metricsOf } from './testing/live-query.ts';
import { runObserve, type RunningObserve, startObserve } from './testing/observe-command.ts';
import { newerMetrics, reasonForSilence, silentNames } from './testing/silent-in-health.ts';
import { sendStrangeCalls } from './testing/strange-calls.ts';

/** `npm run observe`, with seconds for quarters of a minute: a scrape each second. One for all tests of this file. */
const durationScale = 1 / 15;
let observed: RunningObserve;
beforeAll(async () => {
  observed = await runObserve(durationScale);
}, 120_000);
afterAll(async () => observed[Symbol.asyncDispose]());

const withinTwoMinutes = { timeout: 120_000, interval: 500 };
const testMs = 130_000;

/** A quarter of what the alert SlowScrape allows. */
const scrapeBudgetSeconds = 0.25;

test('every target is up, and no rule has an error', { timeout: testMs }, async () => {
  const targets = async () =>
    (await observed.api.targets()).map(({ labels, health }) => `${labels['job'] ?? ''} ${health}`);
  await expect
    .poll(async () => (await targets()).toSorted(), withinTwoMinutes)
    .toEqual([
      'alertmanager up',
      'postgres up',
      'prometheus up',
      'redis up',
      'redis up', // the replica's
      'throughline up',
    ]);
  expect((await observed.api.rules()).length).toBeGreaterThan(100);
  const failing = async () => (await observed.api.rules()).filter(({ health }) => health !== 'ok');
  await expect.poll(failing, withinTwoMinutes).toEqual([]);
});

test('every metric of the table is there within two minutes', { timeout: testMs }, async () => {
  const wanted = Object.entries(metricTable).map(([name, { type }]) =>
    // Histograms are there from the start; what counts is an observation.
    type === 'histogram' ? `sum(${name}_count) > 0` : `count(${name}) > 0`,
  );
  const unseen = async () => {
    const results = await Promise.all(wanted.map(async (expr) => observed.api.query(expr)));
    return wanted.filter((_, index) => results[index]?.result.length === 0);
  };
  await expect.poll(unseen, withinTwoMinutes).toEqual([]);
});

test(
  'every query of every dashboard answers with data of the right shape',
  { timeout: testMs },
  async () => {
    const dashboards = await askedDashboards();
    const queries = dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));
    const answers = await askUntilAnswered(observed.api, queries, {
      timeoutMs: withinTwoMinutes.timeout,
      mayBeSilent: (query) => reasonForSilence(query) !== undefined,
    });
    console.table(
      dashboards.map(({ title, panels }) => {
        const own = answers.filter(({ query }) => query.of.startsWith(`${title}:`));
        return {
          dashboard: title,
          panels: panels.length,
          queries: own.length,
          'non-empty': own.filter(({ series }) => series > 0).length,
          'silent in health': own.filter(isExcused).length,
        };
      }),
    );
    expect(answers.filter(isWrong)).toEqual([]);
  },
);

test(
  'every rule measures what it judges, with the labels that its texts name',
  { timeout: testMs },
  async () => {
    const queries = (await observed.api.rules()).map(askedRule);
    const answers = await askUntilAnswered(observed.api, queries, {
      timeoutMs: withinTwoMinutes.timeout,
      mayBeSilent: (query) => reasonForSilence(query) !== undefined,
    });
    expect(answers.filter(isWrong)).toEqual([]);
  },
);

test('every metric that a rule or a dashboard asks for is emitted by something', async () => {
  const rules = (await observed.api.rules()).map(askedRule);
  const panels = (await askedDashboards()).flatMap((dashboard) => dashboard.panels);
  const queries = [...rules, ...panels.flatMap((panel) => panel.queries)];
  const emitted = new Set([...(await observed.api.labelValues('__name__')), ...newerMetrics]);
  const unknown = metricsOf(queries).filter((metric) => !emitted.has(metric));
  expect(unknown).toEqual([]);
  // An exception for a query that is gone would hide the next one of its name.
  const names = new Set(queries.map((query) => query.of));
  expect(silentNames.filter((name) => !names.has(name))).toEqual([]);
});

test(
  'whatever is called, a process exposes no more series than its budget, and a scrape is short',
  { timeout: testMs },
  async () => {
    await sendStrangeCalls(observed.trpcUrl, 100);
    const text = await (await fetch(observed.metricsUrl)).text();
    const { byMetric, total } = countSeries(text);
    console.table(byMetric.filter(({ most }) => most >= 100));
    const most = byMetric.reduce((sum, count) => sum + count.most, 0);
    console.log(
      `Series of one process: ${String(total)}; of its own metrics at most ${String(most)}; budget ${String(seriesBudget)}.`,
    );
    expect(strangeLabels(text)).toEqual([]);
    expect(byMetric.filter((count) => count.seen > count.most)).toEqual([]);
    expect(text).not.toContain('stranger');
    expect(total).toBeLessThan(seriesBudget);
    const scrape = await observed.api.query(
      'quantile_over_time(0.5, scrape_duration_seconds{job="throughline"}[30s])',
    );
    const seconds = scrape.resultType === 'vector' ? Number(scrape.result[0]?.value[1]) : Infinity;
    console.log(
      `A scrape takes ${String(seconds)} s in the median; budget ${String(scrapeBudgetSeconds)} s.`,
    );
    expect(seconds).toBeLessThan(scrapeBudgetSeconds);
  },
);

test('Ctrl-C ends it, and nothing of it stays', { timeout: testMs }, async () => {
  expect(await processesOf(observed.directory)).not.toEqual([]);
  process.kill(-observed.program.pid, 'SIGINT');
  expect(await observed.program.exit).toEqual({ code: 0, signal: null });
  expect(observed.program.stderr).toEqual([]);
  expect(await processesOf(observed.directory)).toEqual([]);
});

test('the end of its terminal ends it too, also while it starts', { timeout: testMs }, async () => {
  await using starting = await startObserve(durationScale);
  const { program, directory } = starting;
  await expect.poll(() => processesOf(directory), withinTwoMinutes).not.toEqual([]);
  process.kill(-program.pid, 'SIGHUP');
  expect(await program.exit).toEqual({ code: 0, signal: null });
  expect(program.stdout.at(-1)).toBe('Stopped.');
  expect(await processesOf(directory)).toEqual([]);
});

function isExcused({ query, series }: LiveAnswer): boolean {
  return series === 0 && reasonForSilence(query) !== undefined;
}

function isWrong(answer: LiveAnswer): boolean {
  return answer.missingLabels.length > 0 || (answer.series === 0 && !isExcused(answer));
}

/** Command lines in which the directory stands: those of all that it has started. */
async function processesOf(directory: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'args=']);
  const itself = `--directory ${directory}`;
  return stdout.split('\n').filter((line) => line.includes(directory) && !line.includes(itself));
}
