import { openAsyncCacheDedupe } from '../peers/async-cache-dedupe-peer.ts';
import { servePeer } from './serve-peer.ts';

await servePeer(openAsyncCacheDedupe);
