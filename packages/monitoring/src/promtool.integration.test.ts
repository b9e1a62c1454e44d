import { promtool } from '@throughline/local-stack';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { writeFiles } from './committed-files.ts';
import { generatedFiles } from './generated-files.ts';
import { allRules, isAlert } from './rule-groups.ts';
import type { AlertingRule } from './rule.ts';
import { labelsOf } from './rules-yaml.ts';
import { defaultSettings } from './settings.ts';
import { sloWindows } from './slo-rules.ts';
import { slos } from './slos.ts';
import { cacheScenarios } from './testing/cache-scenarios.ts';
import { postgresScenarios, redisScenarios } from './testing/dependency-scenarios.ts';
import { hitRatioScenarios } from './testing/hit-ratio-scenarios.ts';
import { alertTest, expressionTest, ruleOf } from './testing/promtool-tests.ts';
import type { Scenario } from './testing/scenario.ts';
import { recordingExpectations, recordingSeries } from './testing/recording-expectations.ts';
import { processScenarios, telemetryScenarios } from './testing/service-scenarios.ts';
import { sloScenarios, sloStory, steadySeries, storyInterval } from './testing/slo-scenarios.ts';

/** What happens within minutes, by the rule files that it concerns. */
const short: readonly {
  readonly files: readonly string[];
  readonly scenarios: readonly Scenario[];
}[] = [
  { files: ['recordings', 'cache'], scenarios: cacheScenarios },
  { files: ['dependencies'], scenarios: [...redisScenarios, ...postgresScenarios] },
  { files: ['service'], scenarios: [...processScenarios, ...telemetryScenarios] },
  { files: ['slo'], scenarios: sloScenarios },
];
const scenarios = [...short.flatMap((group) => group.scenarios), ...hitRatioScenarios, ...sloStory];

/** promtool counts through days minute by minute; that takes seconds, and more on a machine that does other things. */
const slow = { timeout: 180_000 };

test('promtool finds nothing wrong with the configuration and the rules', async () => {
  const directory = await createDirectory();
  const checked = await promtool('check', 'config', path.join(directory, 'prometheus.yml'));
  expect(checked).not.toContain('FAILED');
  expect(checked).toContain('SUCCESS');
});

test('rules of a drill, with a sixtieth of every duration, are rules as well', async () => {
  const directory = await createDirectory(1 / 60);
  const checked = await promtool('check', 'config', path.join(directory, 'prometheus.yml'));
  expect(checked).not.toContain('FAILED');
});

test.for(short)(
  'alerts of $files fire when they should and stay quiet when they should',
  slow,
  async ({ files, scenarios: own }) => {
    const tests = own.map((scenario) => alertTest(scenario.series, [scenario]));
    expect(await runTests({ tests, evaluatedEvery: '1m', files })).toContain('SUCCESS');
  },
);

test('the hit ratio is compared with that of a week ago', slow, async () => {
  const tests = hitRatioScenarios.map((scenario) => alertTest(scenario.series, [scenario]));
  const files = ['recordings', 'cache'];
  expect(await runTests({ tests, evaluatedEvery: '30m', files })).toContain('SUCCESS');
});

test(
  'a budget that burns quickly is urgent, one that burns slowly opens a ticket, and both end',
  slow,
  async () => {
    const [first] = sloStory;
    const tests = [alertTest(first?.series ?? {}, sloStory, storyInterval)];
    expect(await runTests({ tests, evaluatedEvery: '20m', files: ['slo'] })).toContain('SUCCESS');
  },
);

test(
  'every window of every objective tells the share of bad events, its burn and the budget left',
  slow,
  async () => {
    const expectations = slos.flatMap(({ name, objective }) =>
      sloWindows.flatMap((window) => {
        const of = (record: string, value: number) => ({
          expr: `round(${record}{slo="${name}"}, 0.001)`,
          at: '9h',
          samples: { [`{job="throughline",slo="${name}"}`]: value },
        });
        const burn = Math.round((0.2 / (1 - objective)) * 1000) / 1000;
        return [
          of(`slo:error_ratio:rate${window}`, 0.2),
          of(`slo:burn:rate${window}`, burn),
          of(
            `slo:bad_events:rate${window} / slo:events:rate${window}`.replace(
              ' /',
              `{slo="${name}"} /`,
            ),
            0.2,
          ),
          of('slo:budget_left:ratio', 1 - burn),
        ];
      }),
    );
    const tests = [expressionTest(steadySeries, expectations)];
    expect(await runTests({ tests, evaluatedEvery: '5m', files: ['slo'] })).toContain('SUCCESS');
  },
);

test('every other recording rule records what its name says', async () => {
  const tests = [expressionTest(recordingSeries, recordingExpectations)];
  expect(await runTests({ tests, evaluatedEvery: '1m', files: ['recordings'] })).toContain(
    'SUCCESS',
  );
  const recorded = allRules().flatMap((rule) => (isAlert(rule) ? [] : [rule.record]));
  const tested = recordingExpectations.map(({ expr }) => expr);
  const other = recorded.filter((name) => !name.startsWith('slo:'));
  expect(other.filter((name) => !tested.some((expr) => expr.includes(name)))).toEqual([]);
});

test('for every rule there is a scenario in which it fires, and one for its name in which nothing does', () => {
  const rules = allRules().filter(isAlert);
  const fired = new Set(
    scenarios.flatMap(({ alert, fires }) => fires.map((one) => nameOf(ruleOf(alert, one)))),
  );
  expect(rules.map(nameOf).filter((name) => !fired.has(name))).toEqual([]);

  const quiet = new Set(
    scenarios.filter(({ fires }) => fires.length === 0).map(({ alert }) => alert),
  );
  const loud = new Set(rules.map(({ alert }) => alert).filter((alert) => !quiet.has(alert)));
  expect([...loud]).toEqual(['Watchdog']); // which fires always, as its name says
});

function nameOf(rule: AlertingRule): string {
  return `${rule.alert} ${JSON.stringify(labelsOf(rule))}`;
}

async function createDirectory(durationScale = 1): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'monitoring-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await writeFiles(directory, generatedFiles({ ...defaultSettings, durationScale }));
  return directory;
}

interface Run {
  readonly tests: readonly unknown[];
  readonly evaluatedEvery: string;
  /** the rule files to load */
  readonly files: readonly string[];
}

async function runTests({ tests, evaluatedEvery, files }: Run): Promise<string> {
  const directory = await createDirectory();
  const file = path.join(directory, 'rules.test.yml');
  const content = {
    rule_files: files.map((name) => path.join(directory, 'rules', `${name}.yml`)),
    evaluation_interval: evaluatedEvery,
    tests,
  };
  await writeFile(file, stringify(content, { aliasDuplicateObjects: false, lineWidth: 0 }));
  return promtool('test', 'rules', file);
}
