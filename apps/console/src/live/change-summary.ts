import type { Product } from '../service/trpc.ts';

/**
 * Sums up what others change, for those who hear it: the first change after a while is told at once, those that follow in one
 * sentence every few seconds. Whoever is told ten times a second hears nothing else.
 */
export class ChangeSummary implements Disposable {
  readonly #tell: (sentence: string) => void;
  readonly #isShown: (product: Product) => boolean;
  readonly #changed = new Map<number, Product>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #quietUntilMs = 0;

  constructor(tell: (sentence: string) => void, isShown: (product: Product) => boolean) {
    this.#tell = tell;
    this.#isShown = isShown;
  }

  note(product: Product): void {
    this.#changed.set(product.id, product);
    const waitMs = Math.max(gatherMs, this.#quietUntilMs - performance.now());
    this.#timer ??= setTimeout(() => this.#sumUp(), waitMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #sumUp(): void {
    this.#timer = undefined;
    // What has left the screen meanwhile is nobody's concern any more.
    const shown = [...this.#changed.values()].filter(this.#isShown);
    this.#changed.clear();
    if (shown.length === 0) return;
    this.#quietUntilMs = performance.now() + pauseMs;
    this.#tell(sentenceOf(shown));
  }
}

/** What one answer brings is told in one sentence. */
const gatherMs = 100;

/** About as long as the longest sentence takes to be read out. */
const pauseMs = 5_000;

function sentenceOf(products: readonly Product[]): string {
  const [product] = products;
  if (product === undefined || products.length > 1) return `${products.length} products changed.`;
  const { name, price, stock, version } = product;
  return `${name} changed: price ${price}, stock ${stock}, version ${version}.`;
}
