/** What the generator needs to know of one category; prices in whole units, lowest and highest. */
export interface CategoryTheme {
  readonly name: string;
  readonly family: Family;
  readonly nouns: readonly string[];
  readonly price: readonly [number, number];
}

/** Categories of one family share materials and selling points. */
export type Family = 'furniture' | 'kitchen' | 'textile' | 'electronics' | 'outdoor' | 'paper';

export const categoryThemes: readonly CategoryTheme[] = [
  theme('Desk Lamps', 'electronics', 'Desk Lamp|Reading Lamp|Clamp Lamp', 19, 249),
  theme('Floor Lamps', 'electronics', 'Floor Lamp|Arc Lamp|Tripod Lamp', 49, 599),
  theme('Pendant Lights', 'electronics', 'Pendant Light|Globe Pendant|Cluster Pendant', 39, 799),
  theme('Office Chairs', 'furniture', 'Office Chair|Task Chair|Drafting Chair', 89, 1199),
  theme('Dining Chairs', 'furniture', 'Dining Chair|Side Chair|Stacking Chair', 49, 449),
  theme('Armchairs', 'furniture', 'Armchair|Lounge Chair|Wing Chair', 149, 1899),
  theme('Sofas', 'furniture', 'Two Seat Sofa|Three Seat Sofa|Corner Sofa', 399, 4499),
  theme('Coffee Tables', 'furniture', 'Coffee Table|Nesting Table|Tray Table', 59, 899),
  theme('Dining Tables', 'furniture', 'Dining Table|Extending Table|Round Table', 199, 2999),
  theme('Desks', 'furniture', 'Writing Desk|Standing Desk|Corner Desk', 129, 1599),
  theme('Bookcases', 'furniture', 'Bookcase|Ladder Shelf|Display Cabinet', 69, 1299),
  theme('Wardrobes', 'furniture', 'Wardrobe|Clothes Rail|Linen Cupboard', 99, 1999),
  theme('Beds', 'furniture', 'Bed Frame|Day Bed|Storage Bed', 179, 2499),
  theme('Mattresses', 'textile', 'Spring Mattress|Foam Mattress|Mattress Topper', 79, 1799),
  theme('Bed Linen', 'textile', 'Duvet Cover|Fitted Sheet|Pillowcase', 12, 189),
  theme('Blankets', 'textile', 'Blanket|Throw|Quilt', 19, 299),
  theme('Cushions', 'textile', 'Cushion|Seat Pad|Bolster', 9, 99),
  theme('Curtains', 'textile', 'Curtain|Blackout Curtain|Roller Blind', 24, 279),
  theme('Rugs', 'textile', 'Rug|Runner|Doormat', 19, 1499),
  theme('Towels', 'textile', 'Bath Towel|Hand Towel|Beach Towel', 6, 79),
  theme('Cookware', 'kitchen', 'Saucepan|Frying Pan|Casserole', 19, 349),
  theme('Bakeware', 'kitchen', 'Loaf Tin|Cake Tin|Baking Tray', 7, 89),
  theme('Kitchen Knives', 'kitchen', 'Chef Knife|Paring Knife|Bread Knife', 9, 399),
  theme('Cutlery', 'kitchen', 'Cutlery Set|Serving Spoon|Steak Knife Set', 8, 299),
  theme('Plates', 'kitchen', 'Dinner Plate|Side Plate|Serving Platter', 5, 119),
  theme('Bowls', 'kitchen', 'Cereal Bowl|Salad Bowl|Mixing Bowl', 4, 99),
  theme('Mugs', 'kitchen', 'Mug|Espresso Cup|Travel Mug', 5, 49),
  theme('Glasses', 'kitchen', 'Wine Glass|Tumbler|Carafe', 4, 149),
  theme('Teapots', 'kitchen', 'Teapot|Kettle|Tea Infuser', 9, 179),
  theme('Coffee Makers', 'kitchen', 'Moka Pot|French Press|Pour Over Set', 19, 499),
  theme('Food Storage', 'kitchen', 'Storage Jar|Lunch Box|Bread Bin', 5, 89),
  theme('Toasters', 'electronics', 'Toaster|Long Slot Toaster|Sandwich Press', 24, 229),
  theme('Blenders', 'electronics', 'Blender|Hand Blender|Smoothie Maker', 29, 599),
  theme('Headphones', 'electronics', 'Headphones|Earbuds|Studio Headphones', 19, 549),
  theme('Speakers', 'electronics', 'Bookshelf Speaker|Travel Speaker|Soundbar', 29, 1299),
  theme('Keyboards', 'electronics', 'Keyboard|Compact Keyboard|Number Pad', 24, 299),
  theme('Chargers', 'electronics', 'Wall Charger|Charging Stand|Power Bank', 12, 129),
  theme('Clocks', 'electronics', 'Wall Clock|Alarm Clock|Mantel Clock', 14, 249),
  theme('Tents', 'outdoor', 'Two Person Tent|Family Tent|Tarp', 59, 1499),
  theme('Sleeping Bags', 'outdoor', 'Sleeping Bag|Sleeping Mat|Camping Pillow', 19, 599),
  theme('Backpacks', 'outdoor', 'Day Pack|Trekking Pack|Roll Top Backpack', 29, 399),
  theme('Camp Stoves', 'outdoor', 'Camp Stove|Cook Set|Fire Steel', 9, 249),
  theme('Garden Tools', 'outdoor', 'Hand Trowel|Pruning Saw|Garden Fork', 8, 119),
  theme('Planters', 'outdoor', 'Planter|Window Box|Hanging Pot', 6, 199),
  theme('Watering Cans', 'outdoor', 'Watering Can|Mist Sprayer|Garden Hose', 7, 99),
  theme('Bicycle Parts', 'outdoor', 'Saddle|Handlebar|Bicycle Bell', 9, 299),
  theme('Notebooks', 'paper', 'Notebook|Sketchbook|Pocket Diary', 4, 59),
  theme('Pens', 'paper', 'Fountain Pen|Ballpoint Pen|Pencil Set', 2, 249),
  theme('Wall Art', 'paper', 'Art Print|Poster|Picture Frame', 9, 399),
  theme('Wrapping', 'paper', 'Gift Wrap|Gift Box|Card Set', 2, 29),
];

export const materials: Readonly<Record<Family, readonly string[]>> = {
  furniture: words('Oak|Walnut|Ash|Birch|Beech|Teak|Bamboo|Rattan|Leather|Velvet|Linen|Steel'),
  kitchen: words(
    'Steel|Copper|Stoneware|Porcelain|Glass|Enamel|Cast Iron|Bamboo|Olive Wood|Ceramic',
  ),
  textile: words('Cotton|Linen|Wool|Merino|Bamboo|Velvet|Jute|Flannel|Cashmere|Percale'),
  electronics: words(
    'Brass|Aluminium|Chrome|Walnut|Matt Black|Copper|Glass|Recycled|Cordless|Slim',
  ),
  outdoor: words('Canvas|Ripstop|Aluminium|Titanium|Cedar|Terracotta|Zinc|Waxed|Steel|Cork'),
  paper: words('Recycled|Linen|Kraft|Dotted|Ruled|Cotton|Leather|Brass|Letterpress|Marbled'),
};

export const sellingPoints: Readonly<Record<Family, readonly string[]>> = {
  furniture: [
    'Joints are cut by hand and glued, so nothing wobbles after the second move.',
    'Arrives flat and stands within twenty minutes, with the one tool it needs.',
    'The surface is oiled rather than lacquered and can be sanded back to new.',
    'Rated for daily use and tested with 120 kg over 50,000 cycles.',
  ],
  kitchen: [
    'Safe in the oven up to 240 degrees and in the dishwasher ever after.',
    'The base is thick enough to spread the heat of gas and induction evenly.',
    'Stacks with every other size of the series.',
    'Balanced in the hand and light enough for every day.',
  ],
  textile: [
    'Washes at 60 degrees without shrinking and needs no iron.',
    'Woven from long fibres, so it softens with every wash.',
    'Certified free of harmful substances and dyed in small batches.',
    'Breathes in summer and keeps warm in winter.',
  ],
  electronics: [
    'Every part that can wear out is sold as a spare for ten years.',
    'Draws less than half a watt when idle.',
    'The cable is covered in fabric and two metres long.',
    'Remembers its last setting after a power cut.',
  ],
  outdoor: [
    'Keeps out a night of rain and packs smaller than a loaf of bread.',
    'Works with gloves on and at 15 degrees below zero.',
    'Weathers to a silver grey if it is left alone, which we recommend.',
    'Repairable with the kit that comes in the box.',
  ],
  paper: [
    'The paper takes a fountain pen without feathering or bleeding.',
    'Bound with thread, so that it lies flat on every page.',
    'Printed with inks on a vegetable base.',
    'Made from offcuts that would have been thrown away.',
  ],
};

export const makers = words(
  'Nordvik|Alder|Halden|Marlow|Ostra|Kestrel|Brannock|Solveig|Tarn|Wexford|Lumo|Fjell|Harrow|Calder|Mistral|Juniper|Rowan|Saltmarsh|Tivoli|Vesper',
);

function theme(
  ...[name, family, nouns, low, high]: [string, Family, string, number, number]
): CategoryTheme {
  return { name, family, nouns: words(nouns), price: [low, high] };
}

function words(list: string): readonly string[] {
  return list.split('|');
}
