/** Calls that a stranger may send: names, ids, tokens and bodies that no label may ever hold. */
export async function sendStrangeCalls(trpcUrl: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const name = `stranger.call${String(index)}`;
    const input = encodeURIComponent(JSON.stringify({ id: 1_000_000 + index }));
    const answers = await Promise.all([
      fetch(`${trpcUrl}/${name}?input=${input}`),
      fetch(`${trpcUrl}/${name}`, { method: 'POST', body: '{}', headers: json }),
      fetch(`${trpcUrl}/product.byId?input=${input}`),
      fetch(`${trpcUrl}/product.byId?input=${name}`),
      fetch(`${trpcUrl}/product.byId,${name}?batch=1`),
      fetch(`${trpcUrl}/product.delete`, { method: 'POST', body: name, headers: json }),
      fetch(`${trpcUrl}/product.byId`, { headers: { authorization: `Bearer ${name}` } }),
      fetch(`${trpcUrl}/${'x'.repeat(20_000)}${name}`),
    ]);
    await Promise.all(answers.map(async (answer) => answer.text()));
  }
}

const json = { 'content-type': 'application/json' };
