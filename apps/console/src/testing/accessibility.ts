import axe, { type AxeResults, type ImpactValue } from 'axe-core';
import type { Page } from 'playwright-core';
import { format } from 'prettier';

export interface AxeRow {
  readonly view: string;
  readonly look: string;
  readonly rulesPassed: number;
  readonly findings: readonly AxeFinding[];
}

export interface AxeFinding {
  readonly rule: string;
  readonly impact: ImpactValue;
  readonly elements: readonly string[];
}

/** What axe finds in the page as it is once nothing moves any more. Its script is run by the browser itself, which the page's policy does not concern. */
export async function runAxe(page: Page): Promise<Pick<AxeRow, 'rulesPassed' | 'findings'>> {
  await page.evaluate(untilStill);
  await page.evaluate(axe.source);
  const { passes, violations } = await page.evaluate(async (): Promise<AxeResults> =>
    Reflect.get(globalThis, 'axe').run(),
  );
  const findings = violations.map(({ id, impact = null, nodes }) => ({
    rule: id,
    impact,
    elements: nodes.map(({ html, failureSummary = '' }) => `${html} ${failureSummary}`),
  }));
  return { rulesPassed: passes.length, findings };
}

/** What fades in has less contrast than it will have. A movement begins a frame after what it moves has come. */
async function untilStill(): Promise<void> {
  for (let still = 0; still < 2;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const moving = document.getAnimations().filter(({ effect, playState }) => {
      const endless = effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY;
      return playState === 'running' && !endless;
    });
    still = moving.length === 0 ? still + 1 : 0;
  }
}

/** The findings that nobody may be stopped by. */
export function seriousFindings({ findings }: Pick<AxeRow, 'findings'>): AxeFinding[] {
  return findings.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}

/** All of it as a page of the docs. */
export async function axeReport(rows: readonly AxeRow[]): Promise<string> {
  const lines = rows.map(({ view, look, rulesPassed, findings }) => {
    const others = findings.map(({ rule, impact }) => `${rule} (${impact})`).join(', ');
    return `| ${view} | ${look} | ${rulesPassed} | ${seriousFindings({ findings }).length} | ${others || 'none'} |`;
  });
  const text = [
    '# What axe finds in the console',
    `Written by \`npm run screenshots\`, with axe-core ${axe.version} in Debian’s Chromium. A rule that passed found`,
    'elements to look at, and nothing wrong with them. axe finds a part of what can be wrong: it does not tell whether',
    'a page makes sense to somebody who hears it.\n',
    '| view | look | rules passed | serious or critical | all findings |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
  return format(text, { parser: 'markdown', printWidth: 100, singleQuote: true });
}
