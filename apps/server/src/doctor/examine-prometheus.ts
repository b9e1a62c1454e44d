import { z } from 'zod';
import { fault, fine, type Finding } from './finding.ts';

const targets = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ scrapeUrl: z.string(), health: z.string(), lastError: z.string() }),
    ),
  }),
});
const rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) }),
    ),
  }),
});
const alertmanagers = z.object({
  data: z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) }),
});

/** Whether a Prometheus scrapes the service, can work out its rules, and knows whom to tell. */
export async function examinePrometheus(
  prometheusUrl: string,
  metricsUrl: string,
): Promise<Finding[]> {
  try {
    const ask = async (what: string): Promise<unknown> => {
      const signal = AbortSignal.timeout(5_000);
      return (await fetch(`${prometheusUrl}/api/v1/${what}`, { signal })).json();
    };
    return [
      scraped(targets.parse(await ask('targets')), new URL(metricsUrl).port),
      ruled(rules.parse(await ask('rules'))),
      told(alertmanagers.parse(await ask('alertmanagers'))),
    ];
  } catch {
    const found = `no Prometheus answers at ${prometheusUrl}`;
    return [fault('prometheus', found, 'start it, or give its address with --prometheus')];
  }
}

/** By the port: Prometheus may know the machine by another name. */
function scraped({ data }: z.infer<typeof targets>, port: string): Finding {
  const found = data.activeTargets.find(({ scrapeUrl }) => new URL(scrapeUrl).port === port);
  if (found === undefined) {
    const toDo = 'add the service to scrape_configs, see packages/monitoring/README.md';
    return fault('prometheus', `no target has the port ${port}`, toDo);
  }
  if (found.health === 'up') return fine('prometheus', 'the service is scraped');
  const toDo = found.lastError === '' ? 'wait for the first scrape' : found.lastError;
  return fault('prometheus', `the service is ${found.health}`, toDo);
}

function ruled({ data }: z.infer<typeof rules>): Finding {
  const all = data.groups.flatMap((group) => group.rules);
  const failing = all.filter(({ health }) => health === 'err').map(({ name }) => name);
  if (all.length === 0) {
    return fault('rules', 'there are none', 'add prometheus/rules to rule_files');
  }
  if (failing.length > 0) {
    return fault(
      'rules',
      `failing: ${failing.join(', ')}`,
      'see the runbook RuleEvaluationFailing',
    );
  }
  return fine('rules', `none of ${String(all.length)} fails`);
}

function told({ data }: z.infer<typeof alertmanagers>): Finding {
  const count = data.activeAlertmanagers.length;
  return count > 0
    ? fine('alertmanager', 'Prometheus knows whom to tell')
    : fault('alertmanager', 'Prometheus knows none', 'add it to alerting in prometheus.yml');
}
