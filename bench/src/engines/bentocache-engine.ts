import { openBentocache } from '../peers/bentocache-peer.ts';
import { servePeerEngine } from './serve-peer-engine.ts';

await servePeerEngine(openBentocache);
