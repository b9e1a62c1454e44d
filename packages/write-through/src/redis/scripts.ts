import { type CommandParser, defineScript, type RedisArgument } from 'redis';
import type { Place } from './key-space.ts';

/** What a script answers: a code, or the frame of an entry. */
export type ScriptReply = number | Buffer;

/** What the index of a bucket holds, the oldest first. */
export interface PendingList {
  readonly size: number;
  readonly oldest: readonly { readonly name: string; readonly ageMs: number }[];
  /** The age of the one that comes after those, if there is one. */
  readonly nextMs: readonly number[];
}

/** The codes of scripts that change an entry. */
export const replyCode = { untrusted: 0, applied: 1, superseded: 2 } as const;

/**
 * Shared by all scripts. KEYS[1] is the entry, KEYS[2] the mark of its bucket, KEYS[3] the bucket's index of
 * pending entries, by the time of their last INTEND; ARGV[1] the mark expected.
 * The layout of a frame is told in entry-frame.ts; Lua counts from 1.
 */
const prelude = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local entry = redis.call('GET', KEYS[1])
local isPending = entry and string.byte(entry, 1) == 1 and string.byte(entry, 2) == 0x50
local nonce, attempts, best = '', '', ''
if isPending then
  nonce = string.sub(entry, 3, 10)
  local last = 12 + 16 * (string.byte(entry, 11) * 256 + string.byte(entry, 12))
  attempts = string.sub(entry, 13, last)
  best = string.sub(entry, last + 1)
end

local function without(attempt)
  for first = 1, #attempts, 16 do
    if string.sub(attempts, first, first + 15) == attempt then
      attempts = string.sub(attempts, 1, first - 1) .. string.sub(attempts, first + 16)
      return true
    end
  end
  return false
end

local function versionOf(frame)
  local version = 0
  for index = 5, 12 do version = version * 256 + string.byte(frame, index) end
  return version
end

local function offer(frame)
  if frame ~= '' and (best == '' or versionOf(frame) > versionOf(best)) then best = frame end
end

local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function storeFinal(frame)
  local a, b, c, d = string.byte(frame, 21, 24)
  redis.call('SET', KEYS[1], frame, 'PX', ((a * 256 + b) * 256 + c) * 256 + d)
end

local function store()
  local count = #attempts / 16
  if count > 0 then
    local size = string.char(math.floor(count / 256), count % 256)
    redis.call('SET', KEYS[1], '\\1\\80' .. nonce .. size .. attempts .. best)
  else
    redis.call('ZREM', KEYS[3], KEYS[1])
    if best ~= '' then storeFinal(best) else redis.call('DEL', KEYS[1]) end
  end
end
`;

/** ARGV: mark, lease frame, life in ms. Answers the entry as it stands afterwards. */
const lease = script(`
if entry then return entry end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]
`);

/** ARGV: mark, lease frame, frame. */
const fill = script(`
if entry ~= ARGV[2] then return 2 end
storeFinal(ARGV[3])
return 1
`);

/**
 * KEYS: the mark of a bucket, entries of it. ARGV: mark, life in ms, a lease frame for each. Answers for each the header of
 * what is there, or nothing where the lease was taken.
 */
const leaseMany = batch(`
local found = {}
for index = 2, #KEYS do
  local entry = redis.call('GET', KEYS[index])
  if entry then
    found[index - 1] = string.sub(entry, 1, 24)
  else
    redis.call('SET', KEYS[index], ARGV[index + 1], 'PX', ARGV[2])
    found[index - 1] = ''
  end
end
return found
`);

/** KEYS: the mark of a bucket, entries of it. ARGV: mark, a lease frame and a frame for each. Answers a code for each. */
const fillMany = batch(`
local codes = {}
for index = 2, #KEYS do
  local frame = ARGV[2 * index - 1]
  if redis.call('GET', KEYS[index]) == ARGV[2 * index - 2] then
    local a, b, c, d = string.byte(frame, 21, 24)
    redis.call('SET', KEYS[index], frame, 'PX', ((a * 256 + b) * 256 + c) * 256 + d)
    codes[index - 1] = 1
  else
    codes[index - 1] = 2
  end
end
return codes
`);

/** ARGV: mark, attempt, nonce. An entry of a newer release might be pending: it is not for us to replace. */
const intend = script(`
if entry and string.byte(entry, 1) ~= 1 then
  return redis.error_reply('UNREADABLE the entry was written by a newer release')
end
nonce = ARGV[3]
redis.call('ZADD', KEYS[3], nowMs(), KEYS[1])
without(ARGV[2])
attempts = attempts .. ARGV[2]
store()
return 1
`);

/** ARGV: mark, attempt, frame or ''. Publishes with a frame; abandons, or drops a list, without. */
const publish = script(`
if not without(ARGV[2]) then return 2 end
offer(ARGV[3])
store()
return 1
`);

/** ARGV: mark, nonce, frame or ''. */
const resolveWhole = script(`
if not isPending or nonce ~= ARGV[2] then return 2 end
attempts, best = '', ARGV[3]
store()
return 1
`);

/** ARGV: mark, nonce, frame or '', attempts. */
const resolvePart = script(`
if not isPending or nonce ~= ARGV[2] then return 2 end
for index = 4, #ARGV do without(ARGV[index]) end
offer(ARGV[3])
store()
return 1
`);

/**
 * ARGV: mark, the first bytes of a final frame up to the end of its life. State, schema and version must match, so it is
 * no other entry; its checksum, which does not cover the life, stays with its payload.
 */
const extend = script(`
if not entry or string.sub(entry, 1, 12) ~= string.sub(ARGV[2], 1, 12) then return 2 end
local frame = ARGV[2] .. string.sub(entry, 25)
storeFinal(frame)
return 1
`);

/**
 * ARGV: mark, the mark in the entry's name. Takes an entry out of the index, and deletes it if it is of another
 * epoch. Refuses where it is pending in this one.
 */
const forget = script(`
if ARGV[2] ~= ARGV[1] then redis.call('DEL', KEYS[1]) elseif isPending then return 2 end
redis.call('ZREM', KEYS[3], KEYS[1])
return 1
`);

/**
 * KEYS: mark, index. ARGV: mark, age in ms, how many. Answers the size of the index, its oldest names, their ages in ms,
 * and that of the oldest which is not among them.
 */
const listPending = defineScript({
  SCRIPT: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local function oldest(untilMs, skip, limit)
  local names, agesMs = {}, {}
  local found = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', untilMs, 'WITHSCORES', 'LIMIT', skip, limit)
  for index = 1, #found, 2 do
    names[#names + 1] = found[index]
    agesMs[#agesMs + 1] = nowMs - found[index + 1]
  end
  return names, agesMs
end
local names, agesMs = oldest(nowMs - ARGV[2], 0, ARGV[3])
local _, nextMs = oldest('+inf', #names, 1)
return { redis.call('ZCARD', KEYS[2]), names, agesMs, nextMs }
`,
  NUMBER_OF_KEYS: 2,
  parseCommand(
    parser: CommandParser,
    at: { mark: string; pending: string },
    mark: string,
    { ageMs, limit }: { ageMs: number; limit: number },
  ) {
    parser.pushKey(at.mark);
    parser.pushKey(at.pending);
    parser.push(mark, String(ageMs), String(limit));
  },
  transformReply: (reply: unknown): PendingList | number => {
    if (typeof reply === 'number') return reply;
    const [size, names, agesMs, nextMs]: unknown[] = Array.isArray(reply) ? reply : [];
    if (!Array.isArray(names) || !Array.isArray(agesMs) || !Array.isArray(nextMs)) {
      throw new TypeError('A cache script answered with what no script answers.');
    }
    return {
      size: Number(size),
      oldest: names.map((name, index) => ({ name: String(name), ageMs: Number(agesMs[index]) })),
      nextMs: nextMs.map(Number),
    };
  },
});

/** KEYS: mark. ARGV: mark, its number. Never goes back to a lower number, whoever sends this how late. */
const install = defineScript({
  SCRIPT: `
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] and tonumber(string.match(found, '^%d+')) >= tonumber(ARGV[2]) then
  return 2
end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser: CommandParser, mark: string, value: string, number: number) {
    parser.pushKey(mark);
    parser.push(value, String(number));
  },
  transformReply: (reply: unknown): ScriptReply => scriptReply(reply),
});

export const scripts = {
  lease,
  fill,
  leaseMany,
  fillMany,
  intend,
  publish,
  resolveWhole,
  resolvePart,
  extend,
  forget,
  listPending,
  install,
};

function script(body: string) {
  return defineScript({
    SCRIPT: prelude + body,
    NUMBER_OF_KEYS: 3,
    parseCommand(parser: CommandParser, at: Place, ...args: RedisArgument[]) {
      parser.pushKey(at.entry);
      parser.pushKey(at.mark);
      parser.pushKey(at.pending);
      parser.push(...args);
    },
    transformReply: (reply: unknown): ScriptReply => scriptReply(reply),
  });
}

/** One step for several entries of a bucket. */
function batch(body: string) {
  return defineScript({
    SCRIPT: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end${body}`,
    parseCommand(
      parser: CommandParser,
      mark: string,
      entries: readonly string[],
      args: readonly RedisArgument[],
    ) {
      parser.push(String(1 + entries.length));
      parser.pushKey(mark);
      for (const entry of entries) parser.pushKey(entry);
      parser.push(...args);
    },
    transformReply: (reply: unknown): ScriptReply[] | number => {
      if (typeof reply === 'number') return reply;
      if (Array.isArray(reply)) return reply.map(scriptReply);
      throw new TypeError(`A cache script answered with ${typeof reply}.`);
    },
  });
}

function scriptReply(reply: unknown): ScriptReply {
  if (typeof reply === 'number' || Buffer.isBuffer(reply)) return reply;
  throw new TypeError(`A cache script answered with ${typeof reply}.`);
}
