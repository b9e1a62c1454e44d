import { openCacheManager } from '../peers/cache-manager-peer.ts';
import { servePeerEngine } from './serve-peer-engine.ts';

await servePeerEngine(openCacheManager);
