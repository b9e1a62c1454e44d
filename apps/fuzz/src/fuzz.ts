import fc from 'fast-check';
import { exchange, type Exchange } from './exchange.ts';
import { Judge, type Judgement } from './judge.ts';
import { documentedErrors } from './documented-errors.ts';
import { Tally } from './tally.ts';
import type { Target } from './target.ts';

export interface FuzzOptions {
  readonly target: Target;
  readonly exchanges: fc.Arbitrary<Exchange>;
  readonly seed: number;
  readonly inputs: number;
  /** To the input of a finding, to see it alone. */
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each part of the inputs. */
  readonly onPart?: () => Promise<void>;
}

/** An input after which something was wrong, and the smallest like it. */
export interface Finding {
  readonly fault: string;
  readonly seed: number;
  readonly path: string;
  readonly input: Exchange | undefined;
}

export interface FuzzResult {
  readonly tally: Tally;
  readonly findings: readonly Finding[];
}

/** Inputs of one seed. The next part has the next seed, so that a finding need not end the run. */
export const partInputs = 500;
const findingsMax = 8;
/** Smaller inputs are tried so often. */
const shrinksMax = 400;
/** What a service refuses for a moment, as on a machine that does much else, it is asked again as often. */
const againMax = 4;

/** Sends one input after the other, and looks at each answer and at the process before the next. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { target, seed, inputs, path, signal, onPart } = options;
  const judge = new Judge({ documented: await documentedErrors(), secrets: target.secrets });
  const tally = new Tally();
  const findings: Finding[] = [];
  for (let part = 0; tally.inputs < inputs && findings.length < findingsMax; part += 1) {
    if (signal?.aborted === true) break;
    const numRuns = Math.min(partInputs, inputs - tally.inputs);
    const found = await fuzzPart(options, { judge, tally, seed: (seed + part) >>> 0, numRuns });
    if (found !== undefined) findings.push(found);
    if (path !== undefined) break;
    await onPart?.();
  }
  return { tally, findings };
}

interface Part {
  readonly judge: Judge;
  readonly tally: Tally;
  readonly seed: number;
  readonly numRuns: number;
}

async function fuzzPart(
  { target, exchanges, path }: FuzzOptions,
  part: Part,
): Promise<Finding | undefined> {
  let shrinksLeft = Number.POSITIVE_INFINITY;
  const property = fc.asyncProperty(exchanges, async (sent) => {
    shrinksLeft -= 1;
    if (shrinksLeft < 0) return;
    const { answers, fault } = await tryOnce(target, part.judge, sent);
    if (shrinksLeft === Number.POSITIVE_INFINITY) {
      part.tally.count(sent.kind, answers);
      if (sent.calls !== undefined) part.tally.countCalls(sent.calls.procedures, answers);
    }
    if (fault === undefined) return;
    if (shrinksLeft === Number.POSITIVE_INFINITY) shrinksLeft = shrinksMax;
    await target.ensureRunning();
    throw new FaultFoundError(fault);
  });
  const { seed, numRuns } = part;
  const details = await fc.check(property, { seed, numRuns, ...(path !== undefined && { path }) });
  if (!details.failed) return undefined;
  const { errorInstance: err } = details;
  if (!(err instanceof FaultFoundError)) throw err;
  return {
    fault: err.message,
    seed,
    path: details.counterexamplePath ?? '',
    input: details.counterexample?.[0],
  };
}

class FaultFoundError extends Error {
  override readonly name = 'FaultFoundError';
}

async function tryOnce(target: Target, judge: Judge, sent: Exchange): Promise<Judgement> {
  const port = target.ports[sent.port];
  const signed = withTokens(sent, target.tokens);
  let judgement = judge.judge(sent, await exchange(port, signed));
  for (let again = 0; judgement.isRetryable === true && again < againMax; again += 1) {
    judgement = judge.judge(sent, await exchange(port, signed));
  }
  return { ...judgement, fault: target.complaint() ?? judgement.fault };
}

function withTokens(sent: Exchange, tokens: Target['tokens']): Exchange {
  const signed = <Sent extends { readonly bytes: string }>(one: Sent): Sent => ({
    ...one,
    bytes: one.bytes.replaceAll(/<<(\w+)>>/g, (whole, name: string) => tokens.get(name) ?? whole),
  });
  return { ...signed(sent), before: sent.before?.map(signed) };
}
