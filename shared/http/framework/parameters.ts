import { z } from 'zod';
import { isSubscriptionId } from '../../domain/snapshot/resource-id.ts';

const MAX_VALUES = 100;

/** A query parameter with values separated by commas, of which one must fit. */
export const anyOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(MAX_VALUES).optional();

/** The same of texts up to a length. */
export const anyText = (most: number) => anyOf(z.string().min(1).max(most));

/** The same of subscription ids. */
export const anySubscription = () => anyOf(z.string().refine(isSubscriptionId, 'expected a subscription id (GUID)'));

/** A query parameter that is a time with its offset from UTC. */
export const moment = z.iso.datetime({ offset: true, error: 'expected a time such as 2026-11-23T00:00:00Z' }).optional();

/** A query parameter that is a text to search for. */
export const searched = z.string().min(1).max(200).optional();
