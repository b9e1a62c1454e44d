import { useEffect, useState } from 'react';
import { useService } from '../service/service-context.ts';
import { productsIn } from './change-batch.ts';
import { ChangeSummary } from './change-summary.ts';

/** Tells screen readers, when they have time, what others have changed on the screen. */
export function Announcer() {
  const { newest, queries } = useService();
  const [text, setText] = useState('');
  useEffect(() => {
    const summary = new ChangeSummary(setText, ({ id }) => {
      const shown = queries.getQueryCache().findAll({ type: 'active' });
      return shown.some(({ state }) => productsIn(state.data).some((product) => product.id === id));
    });
    const stop = newest.subscribe(({ after }) => summary.note(after));
    return () => {
      stop();
      summary[Symbol.dispose]();
    };
  }, [newest, queries]);
  return (
    <div className="visually-hidden" aria-live="polite" data-testid="announcer">
      {text}
    </div>
  );
}
