/** A cache that people would pick instead: get-or-set for reads, delete on write, as its documentation has it. */
export interface Peer<Value> {
  /** The kept value, or else what `load` gives, which is kept from then on. */
  read(id: number): Promise<Value>;
  /** Called after a committed write. */
  forget(id: number): Promise<void>;
}

export interface PeerOptions<Value> {
  readonly redisUrl: string;
  readonly lifeMs: number;
  readonly load: (id: number) => Promise<Value>;
}
