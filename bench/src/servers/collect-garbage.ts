import v8 from 'node:v8';
import vm from 'node:vm';

/** Imported by a service that is watched: collects garbage every `?everyMs=`, so that its heap shows what it holds. */
v8.setFlagsFromString('--expose-gc');
const collect: unknown = vm.runInNewContext('gc');
const everyMs = Number(new URL(import.meta.url).searchParams.get('everyMs'));
if (typeof collect !== 'function' || !(everyMs > 0))
  throw new Error('Garbage cannot be collected.');
setInterval(() => void Reflect.apply(collect, undefined, []), everyMs).unref();
