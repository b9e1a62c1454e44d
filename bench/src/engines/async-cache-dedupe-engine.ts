import { openAsyncCacheDedupe } from '../peers/async-cache-dedupe-peer.ts';
import { servePeerEngine } from './serve-peer-engine.ts';

await servePeerEngine(openAsyncCacheDedupe);
