import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';

interface SearchBox {
  readonly text: string;
  readonly type: (text: string) => void;
  /** Empties the box, and what was typed last is not searched for. */
  readonly leave: () => void;
}

/**
 * What stands in the search box: what is typed, and what the address says once somebody has changed that without the box, by
 * going back or by a link. The address follows the box a moment later, so what has been sent is no news when it gets there.
 */
export function useSearchBox(query: string, onSearch: (query: string) => void): SearchBox {
  const [box, setBox] = useState<BoxState>({ text: query, query, sent: [] });
  if (box.query !== query) {
    const at = box.sent.indexOf(query);
    const isOwn = at !== -1;
    setBox({ text: isOwn ? box.text : query, query, sent: isOwn ? box.sent.slice(at + 1) : [] });
  }
  const search = useDebouncedCallback(() => {
    const text = box.text.trim();
    if (text === (box.sent.at(-1) ?? query)) return;
    setBox((now) => ({ ...now, sent: [...now.sent, text] }));
    onSearch(text);
  }, typingPauseMs);
  return {
    text: box.text,
    type: (text) => {
      setBox((now) => ({ ...now, text }));
      search();
    },
    leave: () => {
      search.cancel();
      setBox({ text: '', query, sent: [] });
    },
  };
}

interface BoxState {
  readonly text: string;
  /** What the address said last. */
  readonly query: string;
  /** What was searched for and does not stand in the address yet. */
  readonly sent: readonly string[];
}

/** Between two letters of one word hardly anybody waits for so long. */
const typingPauseMs = 250;
