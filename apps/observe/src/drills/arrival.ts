import { z } from 'zod';
import type { Notification } from '../notification-receiver.ts';
import type { AlertName } from './drill.ts';

/** One alert of one notification, as it arrived at the webhook. */
export interface Arrival {
  readonly atMs: number;
  /** the receiver of Alertmanager that sent it */
  readonly receiver: string;
  readonly alert: AlertName;
  /** Tells alerts of one name apart: of two windows, for example. */
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
}

/** Fires all the time, so that its absence tells of a way that is broken. */
export const watchdog: AlertName = 'Watchdog info';

/** Where alerts of each severity go. */
export const receiverOf = { critical: 'urgent', warning: 'ticket', info: 'info' } as const;

const severitySchema = z.enum(['critical', 'warning', 'info']);

/** Throws for what has no severity: every rule of ours gives one. */
export function nameOf(labels: Readonly<Record<string, string>>): AlertName {
  return `${labels['alertname'] ?? ''} ${severitySchema.parse(labels['severity'])}`;
}

/** Each alert of a notification. */
export function arrivalsOf({ receiver, atMs, alerts }: Notification): Arrival[] {
  return alerts.map(({ labels, status }) => ({
    atMs,
    receiver,
    status,
    alert: nameOf(labels),
    fingerprint: JSON.stringify(labels),
  }));
}
