import { app } from '@azure/functions';
import { followAnswers } from '../shared/compose/functions/answer-flow.ts';

// Answers are streamed: neither the app nor the host ever holds a whole export in memory.
app.setup({ enableHttpStream: true });
followAnswers();
