import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { CacheStatus } from './cache-answers.ts';
import classes from './operations.module.css';
import { Panel } from './panel.tsx';
import { shareText } from './texts.ts';

/** Which keys are read most. */
export function HotKeysPanel({ hotKeys }: Pick<CacheStatus, 'hotKeys'>) {
  return (
    <Panel
      title="Share of the most read keys"
      isWide
      description="Of all reads of the last minutes, from a sample of them."
    >
      {hotKeys.length === 0 ? (
        <Text size="sm" c="dimmed" className={classes['empty'] ?? ''}>
          Nothing was read in the last minutes.
        </Text>
      ) : (
        <ol className={classes['hotKeys']}>
          {hotKeys.map(({ key, share }) => (
            <li key={key}>
              <div className={classes['hotKeyLine']}>
                <Text span ff="monospace" size="sm" className={classes['hotKey'] ?? ''}>
                  {key}
                </Text>
                <HotKeyLinks name={key} />
                <Text span size="sm" className={classes['share'] ?? ''}>
                  {shareText(share)}
                </Text>
              </div>
              <div className={classes['bar']} aria-hidden>
                <div style={{ inlineSize: `${share * 100}%` }} />
              </div>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}

/** Pages of lists have no entry that can be named. */
function HotKeyLinks({ name }: { readonly name: string }) {
  const product = /^product:(\d+)$/.exec(name)?.[1];
  if (product === undefined && !/^category:\d+$|^categories:all$/.test(name)) return null;
  return (
    <Text span size="sm" className={classes['hotKeyLinks'] ?? ''}>
      <Anchor
        component={Link}
        to={{ search: `?key=${encodeURIComponent(name)}`, hash: '#by-hand' }}
        underline="always"
        aria-label={`Inspect ${name}`}
      >
        Inspect
      </Anchor>
      {product !== undefined && (
        <Anchor
          component={Link}
          to={`/products/${product}`}
          underline="always"
          aria-label={`Open product ${product}`}
        >
          Open
        </Anchor>
      )}
    </Text>
  );
}
