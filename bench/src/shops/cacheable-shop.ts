import { openCacheable } from '../peers/cacheable-peer.ts';
import { servePeer } from './serve-peer.ts';

await servePeer(openCacheable);
