/** The token of this tab. It is kept until the tab is closed, and sent to nobody but the service. */
class TokenStore {
  readonly #listeners = new Set<() => void>();

  /** Undefined where none was given. */
  readonly read = (): string | undefined => sessionStorage.getItem(storageKey) ?? undefined;

  write(token: string | undefined): void {
    if (token === undefined) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, token);
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after each change, until what it returns is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const tokenStore = new TokenStore();

/**
 * Takes the token out of the address, where `npm start` puts it: behind the `#`, which no browser sends. It stays neither in
 * the address nor in the history.
 */
export function takeTokenFromAddress(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  tokenStore.write(token === '' ? undefined : token);
}

const storageKey = 'throughline.token';
