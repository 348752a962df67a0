import { app } from '@azure/functions';
import { flushTelemetry } from '../shared/compose/container/cloud.ts';

// Spans wait some seconds to be sent together: an instance that is stopped sends them before it ends.
app.hook.appTerminate(() => flushTelemetry());
