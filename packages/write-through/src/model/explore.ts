import { type StateBytes, StateSet } from './state-set.ts';

/** A system of which every state that can be reached is to be visited. */
export interface Model<State> {
  readonly initial: State;
  steps(state: State): readonly Step<State>[];
  /** The same state without what can have no effect any more. */
  tidied(state: State): State;
  /** States that are written alike are taken for one, so all that matters has to be written. */
  write(state: State, bytes: StateBytes): void;
}

/** One step of the system, and where it leads; `violation` ends a path. */
export interface Step<State> {
  readonly label: string;
  readonly state: State | 'violation';
}

export type Exploration =
  | { readonly outcome: 'violated'; readonly states: number; readonly trace: readonly string[] }
  | { readonly outcome: 'holds'; readonly states: number };

/** Visits every state that can be reached, breadth first, so that a violation found is a shortest one. */
export function explore<State>(model: Model<State>): Exploration {
  const visited = new StateSet();
  visited.add((bytes) => model.write(model.initial, bytes), { from: -1, label: '' });
  let frontier = [{ state: model.initial, place: 0 }];
  let states = 0;
  while (frontier.length > 0) {
    const next: { state: State; place: number }[] = [];
    for (const { state, place: from } of frontier) {
      states += 1;
      for (const { label, state: to } of model.steps(state)) {
        if (to === 'violation') {
          return { outcome: 'violated', states, trace: [...visited.traceTo(from), label] };
        }
        const tidied = model.tidied(to);
        const place = visited.add((bytes) => model.write(tidied, bytes), { from, label });
        if (place !== undefined) next.push({ state: tidied, place });
      }
    }
    frontier = next;
  }
  return { outcome: 'holds', states };
}
