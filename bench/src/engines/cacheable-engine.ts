import { openCacheable } from '../peers/cacheable-peer.ts';
import { servePeerEngine } from './serve-peer-engine.ts';

await servePeerEngine(openCacheable);
