import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openText } from './utf8-text.ts';

const text = 'sku,näme 漢😀\r\nend';

function utf16be(value: string): Buffer {
  return Buffer.from(value, 'utf16le').swap16();
}

async function read(bytes: Buffer, encoding?: string, offset = 0) {
  const directory = await mkdtemp(path.join(tmpdir(), 'throughline-text-'));
  try {
    const file = path.join(directory, 'file');
    await writeFile(file, bytes);
    const source = await openText(file, encoding);
    const chunks = await Array.fromAsync(source.read(offset));
    expect(source.bytesRead).toBe(bytes.length);
    return { encoding: source.encoding, text: Buffer.concat(chunks) };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test.for([
  ['utf-8', Buffer.from(text), undefined],
  ['utf-8', Buffer.from(`\u{feff}${text}`), 'latin1'],
  ['utf-16le', Buffer.from(`\u{feff}${text}`, 'utf16le'), undefined],
  ['utf-16be', utf16be(`\u{feff}${text}`), 'utf-8'],
  ['utf-16le', Buffer.from(text, 'utf16le'), 'utf-16le'],
] as const)(
  '%s is read as UTF-8, from its beginning and from anywhere',
  async ([encoding, bytes, asked]) => {
    expect(await read(bytes, asked)).toEqual({ encoding, text: Buffer.from(text) });
    const offset = Buffer.byteLength('sku,näme ');
    expect((await read(bytes, asked, offset)).text.toString()).toBe('漢😀\r\nend');
  },
);

test('a legacy encoding is read by its name', async () => {
  expect((await read(Buffer.from('caf\xe9', 'latin1'), 'latin1')).text.toString()).toBe('café');
});

test('what cannot be decoded is no UTF-8 afterwards, and never a sign that passes for text', async () => {
  const lone = Buffer.concat([
    Buffer.from('a', 'utf16le'),
    Buffer.from([0x00, 0xd8]),
    Buffer.from('b', 'utf16le'),
  ]);
  expect((await read(lone, 'utf-16le')).text).toEqual(Buffer.from([0x61, 0xff, 0x62]));
  const { text: passed } = await read(Buffer.from([0x61, 0xc3, 0x28]));
  expect(passed).toEqual(Buffer.from([0x61, 0xc3, 0x28]));
});

test('an encoding that there is not is refused in words', async () => {
  await expect(read(Buffer.from('a'), 'klingon')).rejects.toThrow('There is no encoding "klingon"');
});
