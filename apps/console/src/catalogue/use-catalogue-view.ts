import { useLocation, useNavigate, useSearchParams } from 'react-router';

/** Which products are shown: what was searched for, those of a category, or the most viewed. */
export type CatalogueView =
  | { readonly kind: 'search'; readonly query: string; readonly cursor: string | undefined }
  | { readonly kind: 'category'; readonly categoryId: number; readonly cursor: string | undefined }
  | { readonly kind: 'popular' };

export interface CatalogueNavigation {
  readonly view: CatalogueView;
  /** Takes the place of what was searched for before; nothing shows the most viewed. */
  readonly search: (query: string) => void;
  /** Shows all of a category; none shows the most viewed. */
  readonly showCategory: (categoryId: number | undefined) => void;
  readonly showNext: (cursor: string) => void;
  /** Undefined on the first page. */
  readonly showPrevious: (() => void) | undefined;
}

/** The view stands in the address, so that it can be sent to somebody; the way to it stands in the history. */
export function useCatalogueView(): CatalogueNavigation {
  const [params] = useSearchParams();
  const { state } = useLocation();
  const navigate = useNavigate();
  const trail = isTrail(state) ? state : [];
  const cursor = params.get('cursor') ?? undefined;
  const query = params.get('q') ?? '';
  const category = params.get('category') ?? '';

  const go = (wanted: Record<string, string | undefined>, cursors: Trail = [], replace = false) => {
    const given = Object.entries(wanted).filter((entry): entry is [string, string] => !!entry[1]);
    const search = new URLSearchParams(given).toString();
    void navigate({ pathname: '/', search }, { state: cursors, replace, preventScrollReset: true });
  };
  return {
    view: viewOf({ query, category, cursor }),
    search: (text) => go({ q: text.trim() }, [], true),
    showCategory: (categoryId) => go({ category: categoryId?.toString() }),
    showNext: (next) => go({ q: query, category, cursor: next }, [...trail, cursor ?? '']),
    showPrevious:
      cursor === undefined
        ? undefined
        : () => go({ q: query, category, cursor: trail.at(-1) }, trail.slice(0, -1)),
  };
}

/** The cursors of the pages before, first page first, which has none. */
type Trail = readonly string[];

function isTrail(state: unknown): state is Trail {
  return Array.isArray(state) && state.every((cursor) => typeof cursor === 'string');
}

interface Parameters {
  readonly query: string;
  readonly category: string;
  readonly cursor: string | undefined;
}

function viewOf({ query, category, cursor }: Parameters): CatalogueView {
  if (query !== '') return { kind: 'search', query, cursor };
  if (/^[1-9]\d{0,9}$/.test(category)) {
    return { kind: 'category', categoryId: Number(category), cursor };
  }
  return { kind: 'popular' };
}
