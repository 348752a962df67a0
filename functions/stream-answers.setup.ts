import { app } from '@azure/functions';
import { followAnswers } from '../shared/compose/functions/answer-flow.ts';

// Answers flow while they are made: an export is never held whole, neither here nor in the host.
app.setup({ enableHttpStream: true });
followAnswers();
