import { openBentocache } from '../peers/bentocache-peer.ts';
import { servePeer } from './serve-peer.ts';

await servePeer(openBentocache);
