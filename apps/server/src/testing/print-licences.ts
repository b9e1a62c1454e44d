import { lockedPackages } from './locked-packages.ts';

/** `npm run licences`: what is installed for production, by licence. */
const byLicence = Map.groupBy(await lockedPackages(), ({ license }) => license);
for (const [licence, packages] of [...byLicence].sort(([a], [b]) => a.localeCompare(b, 'en'))) {
  const names = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  process.stdout.write(`${licence} (${names.size})\n  ${[...names].sort().join('\n  ')}\n`);
}
