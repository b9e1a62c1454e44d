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

/** Runs `load` over the ids page by page; how many were loaded before the end or the signal. */
export async function warm<Id>(
  load: (page: readonly Id[]) => Promise<unknown>,
  ids: readonly Id[],
  options: WarmOptions & { readonly pageSize: number },
): Promise<number> {
  let loaded = 0;
  while (loaded < ids.length && options.signal?.aborted !== true) {
    const page = ids.slice(loaded, loaded + options.pageSize);
    await load(page);
    loaded += page.length;
    options.onProgress?.({ loaded, total: ids.length });
  }
  return loaded;
}
