import {
  categoryThemes,
  makers,
  materials,
  sellingPoints,
  type CategoryTheme,
} from './catalogue-categories.ts';

export interface Catalogue {
  readonly categories: readonly DemoCategory[];
  readonly products: readonly DemoProduct[];
}

export interface DemoCategory {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
}

export interface DemoProduct {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price: string;
  readonly stock: number;
  readonly categoryId: number;
  readonly viewCount: number;
  readonly createdAt: Date;
  readonly images: readonly { readonly url: string; readonly alt: string }[];
}

export interface CatalogueOptions {
  readonly seed?: number;
  readonly productCount?: number;
}

/**
 * A shop to try things on: the same one for the same options, on every machine. Its names are plain words
 * with a capital, so that they sort alike under every collation.
 */
export function makeCatalogue(options: CatalogueOptions = {}): Catalogue {
  const { seed = 1, productCount = 10_000 } = options;
  const random = mulberry32(seed);
  const categories = categoryThemes.map((theme, index) => ({
    id: index + 1,
    name: theme.name,
    slug: slugOf(theme.name),
  }));
  // Product 1 is the most viewed, so that the first example anyone tries meets a warm cache.
  const ranks = [0, ...shuffled(productCount - 1, random).map((rank) => rank + 1)];
  const products = ranks.map((rank, index) => makeProduct({ index, rank, random }));
  return { categories, products };
}

interface ProductSeed {
  readonly index: number;
  /** Its place in the order of popularity, from 0. */
  readonly rank: number;
  readonly random: Random;
}

function makeProduct({ index, rank, random }: ProductSeed): DemoProduct {
  const categoryIndex = index % categoryThemes.length;
  const theme = pick(categoryThemes, categoryIndex);
  const id = index + 1;
  const name = nameOf(theme, Math.floor(index / categoryThemes.length));
  const hue = Math.floor(random() * 360);
  return {
    id,
    sku: `${slugOf(theme.name).slice(0, 3).toUpperCase()}-${String(id).padStart(5, '0')}`,
    name,
    description: describe(theme, name, random),
    price: priceOf(theme, random),
    // Some are sold out, as in every shop.
    stock: random() < 0.05 ? 0 : Math.floor(random() * 400) + 1,
    categoryId: categoryIndex + 1,
    viewCount: zipfViews(rank),
    createdAt: new Date(Date.UTC(2025, 0, 1) + Math.floor(random() * 365 * 24 * 60) * 60_000),
    images: Array.from({ length: 1 + Math.floor(random() * 3) }, (_, position) => ({
      url: pictureOf(hue + position * 40),
      alt: position === 0 ? name : `${name}, view ${position + 1}`,
    })),
  };
}

/** Walks through all makers, materials and nouns before it numbers a series, so no name comes twice. */
function nameOf(theme: CategoryTheme, index: number): string {
  const list = materials[theme.family];
  const maker = pick(makers, index);
  const material = pick(list, Math.floor(index / makers.length) + index);
  const noun = pick(theme.nouns, Math.floor(index / (makers.length * list.length)) + index);
  const series = Math.floor(index / (makers.length * list.length * theme.nouns.length));
  return [maker, material, noun, ...(series === 0 ? [] : [String(series + 1)])].join(' ');
}

function describe(theme: CategoryTheme, name: string, random: Random): string {
  const points = sellingPoints[theme.family];
  const first = Math.floor(random() * points.length);
  const second = first + 1 + Math.floor(random() * (points.length - 1));
  return `The ${name} belongs to our ${theme.name.toLowerCase()}. ${pick(points, first)} ${pick(points, second)}`;
}

/** Cheap things are more common than dear ones; a price ends as prices do. */
function priceOf({ price: [low, high] }: CategoryTheme, random: Random): string {
  const units = Math.floor(low * (high / low) ** (random() ** 1.5));
  return `${units}.${pick(['00', '50', '90', '95', '99'], Math.floor(random() * 5))}`;
}

/** Views fall with popularity as in Zipf's law, with an exponent seen in shops. */
function zipfViews(rank: number): number {
  return Math.floor(250_000 / (rank + 1) ** 0.9);
}

/** Drawn in the address itself: the demo shows pictures without a network. */
function pictureOf(hue: number): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'><path fill='hsl(${hue % 360} 45% 70%)' d='M0 0h4v3H0z'/><circle cx='2' cy='1.5' r='.9' fill='hsl(${hue % 360} 45% 45%)'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}

/** The element at the index, counted on from the start after the end. */
function pick<Element>(list: readonly Element[], index: number): Element {
  const element = list[index % list.length];
  if (element === undefined) throw new RangeError('Nothing can be picked from an empty list.');
  return element;
}

/** The numbers from 0 to `count` - 1 in random order: Fisher and Yates, as Durstenfeld wrote it down. */
function shuffled(count: number, random: Random): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [numbers[last], numbers[other]] = [pick(numbers, other), pick(numbers, last)];
  }
  return numbers;
}

/** Uniform in [0, 1). */
type Random = () => number;

/** Tommy Ettinger's generator: 32 bits of state, the same numbers wherever it runs. */
function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
