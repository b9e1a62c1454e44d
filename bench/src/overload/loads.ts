import { anyPrice, byId, type Call, page, query, updatePrice } from '../workloads/calls.ts';
import { zipf } from '../workloads/zipf.ts';

/** What is offered. */
export interface Load {
  readonly name: string;
  /** Names its parts of the page. */
  readonly key: string;
  readonly call: () => Call;
  /** Of the capacity, beyond which one crowd can offer no more. */
  readonly factorMax: number;
}

const pageSize = 50;
const idsAtOnce = 20;
const single = 4;

/** The pages of a shop, each a batch of what it shows; the same with writes; and the cheapest call that there is. */
export function loadsOf(products: number): readonly Load[] {
  const draw = zipf(products);
  const shopPage = () => {
    const ids = Array.from({ length: idsAtOnce }, draw);
    const basket = Array.from({ length: single }, () => byId(draw()));
    return batch([page(1, pageSize), query('product.byIds', { ids }), ...basket]);
  };
  const write = () => updatePrice(draw(), anyPrice());
  return [
    { key: 'pages', name: 'pages of a shop', call: shopPage, factorMax: 5 },
    {
      key: 'writes',
      name: 'pages, and 5 % writes',
      call: () => (Math.random() < 0.05 ? write() : shopPage()),
      factorMax: 5,
    },
    { key: 'single', name: 'single products', call: () => byId(draw()), factorMax: 2 },
  ];
}

/** Queries in one request, as a client sends those of one moment. */
function batch(queries: readonly Call[]): Call {
  const paths: string[] = [];
  const inputs = queries.map(({ path }, index) => {
    const [procedure = '', input = ''] = path.split('?input=');
    paths.push(procedure);
    return `"${index}":${decodeURIComponent(input)}`;
  });
  const input = encodeURIComponent(`{${inputs.join(',')}}`);
  return { path: `${paths.join(',')}?batch=1&input=${input}` };
}
