/**
 * The select list that makes a row a `Product`, to be read with `productSchema`, which also drops what else
 * the row holds. `product` and `category` are the aliases of the two tables in the statement.
 *
 * Prices travel as text, because a driver's number could not hold them, and times are formatted here, so
 * that neither the session's time zone nor a driver's type parser can change them.
 */
export function productColumns(product: string, category: string): string {
  return columns(product, categoryJson(category));
}

/** The same for the RETURNING of a change: the category is the one that the product then has. */
export function returnedColumns(product: string): string {
  return columns(
    product,
    `(SELECT ${categoryJson('category')} FROM categories AS category
      WHERE category.id = ${product}.category_id)`,
  );
}

function columns(product: string, category: string): string {
  return `
    ${product}.id,
    ${product}.sku,
    ${product}.name,
    ${product}.description,
    ${product}.price::text AS price,
    ${product}.stock,
    ${product}.category_id AS "categoryId",
    ${category} AS category,
    (SELECT ${imagesJson('image')} FROM product_images AS image
      WHERE image.product_id = ${product}.id) AS images,
    ${product}.version,
    ${isoTime(`${product}.created_at`)} AS "createdAt",
    ${isoTime(`${product}.updated_at`)} AS "updatedAt"`;
}

/** The columns of `products` that {@link productColumns} reads, for the RETURNING of what they are joined to. */
export function storedColumns(product: string): string {
  return [
    'id',
    'sku',
    'name',
    'description',
    'price',
    'stock',
    'category_id',
    'version',
    'created_at',
    'updated_at',
  ]
    .map((column) => `${product}.${column}`)
    .join(', ');
}

function categoryJson(category: string): string {
  return `json_build_object(
      'id', ${category}.id, 'name', ${category}.name, 'slug', ${category}.slug
    )`;
}

/** An aggregate: all images of the group, in order. */
export function imagesJson(image: string): string {
  return `coalesce(json_agg(json_build_object(
      'id', ${image}.id, 'url', ${image}.url, 'alt', ${image}.alt, 'position', ${image}.position
    ) ORDER BY ${image}.position, ${image}.id), '[]'::json)`;
}

/** A time as answers show it. */
export function isoTime(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
