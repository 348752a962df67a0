import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { everyContract } from './every-contract.ts';

everyContract('memory', async () => createMemoryStorage());
