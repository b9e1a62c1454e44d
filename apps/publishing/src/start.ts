import path from 'node:path';
import { problemsOf } from './check-package.ts';
import { packPackages } from './pack-package.ts';
import { root } from './published-package.ts';

const directory = path.join(root, '.packages');
const packages = await packPackages(directory);
for (const packed of packages) {
  const { manifest } = packed.published;
  const [packedKb, unpackedKb] = [packed.packedBytes, packed.unpackedBytes].map((bytes) =>
    (bytes / 1_000).toFixed(1),
  );
  console.log(`${manifest.name} ${manifest.version}`);
  console.log(`  ${packedKb} kB packed, ${unpackedKb} kB unpacked, ${packed.files.length} files`);
  console.log(`  exports ${Object.keys(manifest.exports).join('  ')}`);
  const problems = await problemsOf(packed);
  for (const problem of problems) console.error(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
console.log(`The tarballs are in ${path.relative(process.cwd(), directory)}.`);
