import { openCacheManager } from '../peers/cache-manager-peer.ts';
import { servePeer } from './serve-peer.ts';

await servePeer(openCacheManager);
