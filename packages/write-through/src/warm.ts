export interface WarmOptions {
  readonly pageSize?: number;
  /** Ends the warm-up after the page under way. */
  readonly signal?: AbortSignal;
  /** Called after each page. */
  readonly onProgress?: (progress: WarmProgress) => void;
}

export interface WarmProgress {
  readonly loaded: number;
  readonly total: number;
}

/**
 * Runs `load` over the ids page by page, until the end or the signal. `load` tells how many of its page are in
 * the cache afterwards; the sum is returned.
 */
export async function warm<Id>(
  load: (page: readonly Id[]) => Promise<number>,
  ids: readonly Id[],
  options: WarmOptions & { readonly pageSize: number },
): Promise<number> {
  let loaded = 0;
  for (let start = 0; start < ids.length; start += options.pageSize) {
    if (options.signal?.aborted === true) break;
    loaded += await load(ids.slice(start, start + options.pageSize));
    options.onProgress?.({ loaded, total: ids.length });
  }
  return loaded;
}
