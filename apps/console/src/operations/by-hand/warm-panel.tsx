import { Button, Progress, Text } from '@mantine/core';
import { Refusal } from '../../service/refusal.tsx';
import classes from '../operations.module.css';
import { Panel } from '../panel.tsx';
import { countText, rateText, timeText } from '../texts.ts';
import type { ByHandProps } from './by-hand-section.tsx';
import { NumberForm } from './number-form.tsx';
import { type RunProgress, useWarm, type WarmRun } from './use-warm.ts';

/** Fills the cache with what is viewed most. */
export function WarmPanel({ isAllowed }: ByHandProps) {
  const { run, warm, stop } = useWarm();
  const isRunning = run.state === 'running';
  return (
    <Panel
      title="Warm the cache"
      description="Loads those of the most viewed products that are absent, five hundred at a time: after a reset, or before a rush."
    >
      <NumberForm
        label="Products"
        first={1_000}
        max={100_000}
        button="Warm"
        isAllowed={isAllowed}
        isBusy={isRunning}
        onSubmit={(count) => void warm(count)}
      >
        {isRunning && (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        )}
      </NumberForm>
      {run.state !== 'none' && <WarmProgressView run={run} />}
      {run.state === 'failed' && <Refusal error={run.error} />}
    </Panel>
  );
}

function WarmProgressView({ run }: { readonly run: Exclude<WarmRun, { state: 'none' }> }) {
  const { progress, state } = run;
  const { loaded, total } = progress;
  const percent = total === 0 ? 100 : (loaded / total) * 100;
  return (
    <div className={classes['progress']}>
      <Progress
        value={percent}
        size="lg"
        aria-label="Products in the cache"
        color={state === 'failed' ? 'red' : 'brand'}
        transitionDuration={200}
      />
      {/* Each step would be read out; how it goes on, the progress bar tells whoever asks. */}
      <Text size="sm" mt={6} role="status" aria-live={state === 'running' ? 'off' : 'polite'}>
        {countText(loaded)} of {countText(total)} are in the cache{endings[state](progress)}
      </Text>
    </div>
  );
}

const endings: Record<Exclude<WarmRun['state'], 'none'>, (progress: RunProgress) => string> = {
  running: ({ loaded, total, seconds }) => {
    if (loaded === 0 || seconds === 0) return '.';
    const perSecond = loaded / seconds;
    return `, ${rateText(perSecond)}; ${timeText(((total - loaded) / perSecond) * 1000)} left.`;
  },
  done: ({ loaded, total, seconds }) =>
    `, after ${timeText(seconds * 1000)}.${loaded < total ? ' The others were being written, or the cache could not be used: their readers fill them.' : ''}`,
  stopped: () => '. The warm-up was stopped.',
  failed: () => '. The warm-up ended early.',
};
