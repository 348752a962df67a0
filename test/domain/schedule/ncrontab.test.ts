import { describe, expect, it } from 'vitest';
import { dueness } from '../../../shared/domain/schedule/due.ts';
import { parseNcrontab, type Schedule } from '../../../shared/domain/schedule/ncrontab.ts';

const FROM = '2026-11-20T12:00:00Z'; // a Friday

function read(text: string): Schedule {
  const schedule = parseNcrontab(text);
  if (schedule === undefined) throw new Error(`${text} was refused`);
  return schedule;
}
const next = (text: string, after = FROM) => read(text).next(new Date(after))?.toISOString().replace('.000', '');

describe('a schedule', () => {
  // Observed with the Functions host 4.1037: each is refused, "was not recognized as a valid cron expression", and the timer never runs.
  it.each(['0 0 0 L * *', '0 0 6 * * 7', '0 0 6 ? * MON', '0 0 6 * * MON#2', '0 0 6 15W * *', '0 0 6 * * MONL'])(
    '%s is refused, as the host does',
    (text) => {
      expect(parseNcrontab(text)).toBeUndefined();
    },
  );

  it.each(['', '* * * * *', '* * * * * * *', '00:30:00', '60 * * * * *', '0 60 * * * *', '0 0 24 * * *', '0 0 0 0 * *', '0 0 0 32 * *'])(
    '%j is refused',
    (text) => {
      expect(parseNcrontab(text)).toBeUndefined();
    },
  );

  it.each([
    '0 0 0 * 0 *',
    '0 0 0 * 13 *',
    '0 0 0 * * x',
    '0 0 0 * * 1-',
    '0 0 0 * * -1',
    '0 0 0 * * 1-2-3',
    '0 0 0/ * * *',
    '0 0 */x * * *',
    '0 0 1,,2 * * *',
    '0\t0 0 * * *',
    '0 0 */2/2 * * *',
    '@daily',
    '0 0 0 * * mondayx',
    '0 0 0 * Mon *',
    '0 0 0 -1 * *',
    '0 0 0 1/-1 * *',
    '0 0 0 1/1x * *',
    '0 x1 0 * * *',
    '0 1x 0 * * *',
    '0 1.5 0 * * *',
    '0 .5 0 * * *',
    '0 5. 0 * * *',
    '0 1e1 0 * * *',
    '0 0 0 * *  ',
  ])('%j is refused too', (text) => {
    expect(parseNcrontab(text)).toBeUndefined();
  });

  it.each([
    ['0 0 */6 * * *', FROM, '2026-11-20T18:00:00Z'],
    ['0 0 */6 * * *', '2026-11-20T17:59:59.999Z', '2026-11-20T18:00:00Z'],
    ['0 0 */6 * * *', '2026-11-20T18:00:00Z', '2026-11-21T00:00:00Z'],
    ['  0  0 6 * * MON ', FROM, '2026-11-23T06:00:00Z'],
    ['0 0 6 * * m', FROM, '2026-11-23T06:00:00Z'],
    ['0 0 6 * * Monday', FROM, '2026-11-23T06:00:00Z'],
    ['0 0 6 * ma *', FROM, '2027-03-01T06:00:00Z'],
    ['0 0 6 * * FRI-MON', FROM, '2026-11-23T06:00:00Z'],
    ['0 0 6 13 * 5', FROM, '2027-08-13T06:00:00Z'],
    ['0 0 0 29 2 *', FROM, '2028-02-29T00:00:00Z'],
    ['0 0 0 29 2 0', FROM, '2032-02-29T00:00:00Z'],
    ['0 50/5 * * * *', FROM, '2026-11-20T12:50:00Z'],
    ['0 5,1-3 * * * *', FROM, '2026-11-20T12:01:00Z'],
    ['9,3 7,2 14,13 * * *', FROM, '2026-11-20T13:02:03Z'],
    ['0 50/5 * * * *', '2026-11-20T12:50:00Z', '2026-11-20T12:55:00Z'],
    ['0 5,1-3 * * * *', '2026-11-20T12:03:00Z', '2026-11-20T12:05:00Z'],
    ['*/20 59 23 31 12 *', '2026-12-31T23:59:20Z', '2026-12-31T23:59:40Z'],
    ['*/0 * * * * *', FROM, '2026-11-20T12:00:01Z'],
    ['0 10-20/5 * * * *', '2026-11-20T12:10:00Z', '2026-11-20T12:15:00Z'],
    ['0 20-10/5 * * * *', '2026-11-20T12:20:00Z', '2026-11-20T13:10:00Z'],
    ['59 59 23 * * *', '2026-11-20T23:59:58.001Z', '2026-11-20T23:59:59Z'],
    ['0 0 0 * * *', '2026-11-20T23:59:59.999Z', '2026-11-21T00:00:00Z'],
    ['0 0 0 1 1 *', '2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['0 0 0 31 12 *', FROM, '2026-12-31T00:00:00Z'],
    ['0 0 0 29 2 *', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00Z'],
    ['0 0 23 * * sun,SAT', FROM, '2026-11-21T23:00:00Z'],
    ['30 15 12 * * *', '2026-11-20T12:15:30Z', '2026-11-21T12:15:30Z'],
    ['30 15 12,13 * * *', '2026-11-20T12:15:30Z', '2026-11-20T13:15:30Z'],
  ])('%s after %s is due at %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it('that is never due is reported', () => {
    expect(next('0 0 0 30 2 *')).toBeUndefined();
  });
});

describe('an audit', () => {
  const schedule = read('0 0 */6 * * *');
  const at = (time: string) => new Date(`2026-11-20T${time}Z`);

  it.each([
    ['12:00:05', '18:00:00', 'on-time'],
    ['12:00:05', '18:15:00', 'on-time'],
    ['12:00:05', '18:15:01', 'overdue'],
    ['18:00:01', '18:15:01', 'on-time'],
  ])('that began at %s has this state at %s: %s', (began, now, state) => {
    expect(dueness(schedule, at(began), at('00:00:00'), at(now)).state).toBe(state);
  });

  it('that never began is due by the schedule since the app started', () => {
    expect(dueness(schedule, undefined, at('11:00:00'), at('12:10:00'))).toEqual({ state: 'on-time', due: at('12:00:00') });
    expect(dueness(schedule, undefined, at('11:00:00'), at('12:16:00'))).toEqual({ state: 'overdue', due: at('12:00:00') });
  });

  it('is overdue when the schedule is never due', () => {
    expect(dueness(read('0 0 0 30 2 *'), at('12:00:00'), at('12:00:00'), at('12:00:00'))).toEqual({ state: 'overdue' });
  });
});
