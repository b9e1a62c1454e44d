import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ObservedService } from '../observed-service.ts';
import { type Arrival, arrivalsOf, nameOf, watchdog } from './arrival.ts';
import type { AlertName, Drill } from './drill.ts';

const lookEveryMs = 100;
const alertsSchema = z.array(z.object({ labels: z.record(z.string(), z.string()) }));

/** Looks at what is told, and at what Alertmanager keeps quiet. */
export class AlertWatch {
  readonly #observed: ObservedService;
  /** what was kept quiet whenever it looked */
  readonly inhibited = new Set<AlertName>();

  constructor(observed: ObservedService) {
    this.#observed = observed;
  }

  /** Everything so far, the oldest first. */
  get arrivals(): readonly Arrival[] {
    return this.#observed.notifications.received.flatMap(arrivalsOf);
  }

  /** Some alert that the drill expects was told, and not yet that it is over. */
  isAnyFiring(drill: Drill): boolean {
    const expected = new Set(drill.alerts.map(({ alert }) => alert));
    const own = this.arrivals.filter(({ alert }) => expected.has(alert));
    const last = new Map(own.map((arrival) => [arrival.fingerprint, arrival]));
    return [...last.values()].some(({ status }) => status === 'firing');
  }

  async lookWhile(isOn: () => boolean): Promise<void> {
    while (isOn()) {
      for (const alert of await this.#inhibitedNow()) this.inhibited.add(alert);
      await delay(lookEveryMs);
    }
  }

  /** Every target is up, so what is measured from now on is whole; nothing fires, and the way of alerts works. */
  async healthy(withinMs: number): Promise<void> {
    const { notifications } = this.#observed;
    const endMs = performance.now() + withinMs;
    for (;;) {
      const targets = await this.#observed.targets();
      const firing = (await this.#observed.alerts()).map(({ labels }) => nameOf(labels));
      const isUp = targets.length > 0 && targets.every(({ health }) => health === 'up');
      const isQuiet = firing.every((alert) => alert === watchdog);
      const isHeard = notifications.received.some(({ receiver }) => receiver === 'watchdog');
      if (isUp && isQuiet && isHeard) return;
      if (performance.now() > endMs) {
        const found = JSON.stringify({ targets, firing, isHeard });
        throw new Error(`The service does not become healthy: ${found}`);
      }
      await delay(lookEveryMs);
    }
  }

  async #inhibitedNow(): Promise<AlertName[]> {
    const asked = 'active=false&silenced=false&inhibited=true&unprocessed=false';
    const response = await fetch(`${this.#observed.urls.alertmanager}/api/v2/alerts?${asked}`);
    return alertsSchema.parse(await response.json()).map(({ labels }) => nameOf(labels));
  }
}
