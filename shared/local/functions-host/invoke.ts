import { randomBytes, randomUUID } from 'node:crypto';
import { type Binding, invocationModel, type RegisteredFunction, type RpcTypedData } from './core-module.ts';

/** Receives a function's own log lines. */
export type FunctionLog = (line: string) => void;

/** The binding that triggers a function, with its name. */
export function triggerOf({ name, bindings }: RegisteredFunction): Binding & { readonly bindingName: string } {
  const found = Object.entries(bindings).find(([, { type }]) => /trigger$/i.test(type));
  if (found === undefined) throw new Error(`The function ${name} has no trigger.`);
  const [bindingName, binding] = found;
  return { ...binding, bindingName };
}

/** Runs a function once through the real programming model; rejects with the function's error. */
export async function invoke(
  called: RegisteredFunction,
  data: RpcTypedData,
  triggerMetadata: Readonly<Record<string, RpcTypedData>>,
  log: FunctionLog,
  invocationId: string = randomUUID(),
): Promise<unknown> {
  const { name, bindings, callback } = called;
  const model = invocationModel({
    invocationId,
    request: {
      invocationId,
      functionId: name,
      inputData: [{ name: triggerOf(called).bindingName, data }],
      triggerMetadata,
      traceContext: { traceParent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01` },
    },
    metadata: { name, bindings },
    log: (level, _category, message) => log(`${level} ${name}: ${message}`),
  });
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, callback);
  return model.getResponse(context, result);
}
