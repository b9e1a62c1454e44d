import { expect, it } from 'vitest';
import { askClusterView, type ClusterView, findOwner } from './cluster-view.ts';

const [first, second] = ['1'.repeat(40), '2'.repeat(40)];

it('reads who serves a slot, at the address that is for clients', async () => {
  const view = await viewOf([
    [0, 100, ['cache-1.example', 7001, first, ['ip', '10.0.0.1']], ['10.0.0.9', 7009, 'replica']],
    [101, 200, ['10.0.0.2', 7002, second, []]],
  ]);
  expect(view.isOk).toBe(true);
  expect(findOwner([view], 100)).toEqual({ host: 'cache-1.example', port: 7001 });
  expect(findOwner([view], 101)).toEqual({ host: '10.0.0.2', port: 7002 });
  expect(findOwner([view], 201)).toBeUndefined();
});

it.each([null, '', '?'])('a node that calls itself %j is where it was asked', async (name) => {
  const view = await viewOf([[0, 16_383, [name, 7001, first, []]]]);
  expect(findOwner([view], 5)).toEqual({ host: 'asked.example', port: 7001 });
});

it('believes of two claims the one of the higher configuration epoch, whoever tells it', async () => {
  const old = await viewOf([[0, 16_383, ['old', 7001, first, []]]], [7, 3]);
  const now = await viewOf([[0, 16_383, ['now', 7002, second, []]]], [7, 8]);
  expect(findOwner([old, now], 5)).toMatchObject({ host: 'now' });
  expect(findOwner([now, old], 5)).toMatchObject({ host: 'now' });
});

it('reads whether the node finds the cluster to be down', async () => {
  expect((await viewOf([], [1, 2], 'fail')).isOk).toBe(false);
});

it('throws where the server is no node', async () => {
  const refused = new Error('ERR This instance has cluster support disabled');
  const ask = async () => Promise.reject(refused);
  await expect(askClusterView(ask, 'asked.example')).rejects.toBe(refused);
});

async function viewOf(
  slots: readonly unknown[],
  [one, other]: readonly [number, number] = [1, 2],
  state = 'ok',
): Promise<ClusterView> {
  const answers: Readonly<Record<string, unknown>> = {
    INFO: `cluster_enabled:1\r\ncluster_state:${state}\r\n`,
    NODES:
      `${first} 10.0.0.1:7001@17001 myself,master - 0 0 ${one} connected 0-100\n` +
      `${second} 10.0.0.2:7002@17002,cache-2.example master - 0 1 ${other} connected 101-200\n`,
    SLOTS: slots,
  };
  return askClusterView(async (_, question = '') => answers[question], 'asked.example');
}
