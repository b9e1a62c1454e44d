import { useEffect, useState } from 'react';
import { useService } from '../service/service-context.ts';
import type { Product } from '../service/trpc.ts';

/** Tells screen readers, when they have time, what others have changed on the screen. */
export function Announcer() {
  const { newest } = useService();
  const [text, setText] = useState('');
  useEffect(() => {
    let changed: Product[] = [];
    const tell = () => {
      setText(sentenceOf(changed));
      changed = [];
    };
    return newest.subscribe(({ after }) => {
      if (changed.push(after) === 1) setTimeout(tell, gatherMs);
    });
  }, [newest]);
  return (
    <div className="visually-hidden" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}

/** What one answer brings is told in one sentence. */
const gatherMs = 100;

function sentenceOf(products: readonly Product[]): string {
  const [product] = products;
  if (product === undefined || products.length > 1) return `${products.length} products changed.`;
  const { name, price, stock, version } = product;
  return `${name} changed: price ${price}, stock ${stock}, version ${version}.`;
}
