import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseBody } from '../../../shared/azure/client/body.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { ClusterRow, toListedCluster } from '../../../shared/azure/estate/cluster-row.ts';
import { toMaintenanceConfiguration } from '../../../shared/azure/estate/maintenance-row.ts';
import { nextWindow } from '../../../shared/domain/maintenance/maintenance-window.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach, sleepingClock } from '../support/reach.ts';
import { aPoolRow, aRow, idOf } from '../support/rows.ts';

const NAME = 'aksManagedNodeOSUpgradeSchedule';

let server: ArmServer;
let before = 0;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());
beforeEach(() => {
  before = server.asked.length;
});

const CLUSTER = toListedCluster(parseBody(ClusterRow, JSON.stringify(aRow('one', { agentPoolProfiles: [aPoolRow()] })), 'read'));
const read = () => createAzureEstate(reach(server)).maintenanceConfigurations(CLUSTER, new AbortController().signal);
const row = (properties: unknown, name = NAME) => ({ id: `${idOf('one')}/maintenanceConfigurations/${name}`, name, properties });
/** The example window of the documentation, with one part replaced. */
const windowOf = (over: object = {}) => ({
  maintenanceWindow: {
    durationHours: 4,
    notAllowedDates: [{ start: '2023-12-23', end: '2024-01-05' }],
    schedule: { absoluteMonthly: { dayOfMonth: 1, intervalMonths: 3 }, daily: null, relativeMonthly: null, weekly: null },
    startDate: '2023-01-20',
    startTime: '09:00',
    utcOffset: '-08:00',
    ...over,
  },
  notAllowedTime: null,
  timeInWeek: null,
});
async function schedule(properties: unknown) {
  server.reply({ body: { value: [row(properties)] } });
  const [found] = await read();
  return found?.schedule;
}

describe('the maintenance configurations of a cluster', () => {
  it('are read from that cluster, all pages', async () => {
    const next = `${server.endpoint}${idOf('one')}/maintenanceConfigurations?api-version=2026-06-01&$skiptoken=2`;
    server.reply({ body: { value: [row(windowOf(), 'd')], nextLink: next } }, { body: { value: [row(windowOf())] } });

    expect((await read()).map(({ name }) => name)).toEqual(['d', NAME]);
    expect(server.asked.slice(before).map(({ url }) => url)).toEqual([
      expect.stringMatching(new RegExp(`^${idOf('one')}/maintenanceConfigurations\\?api-version=`, 'i')),
      expect.stringContaining('skiptoken=2'),
    ]);
  });

  it('are never whole when nextLink leads back to a page that was read', async () => {
    server.reply({ body: { value: [], nextLink: `${server.endpoint}${idOf('one')}/again?api-version=x` } });

    await expect(read()).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('nextLink points to a page') });
    expect(server.asked.length - before).toBe(2);
  });

  it('are cached per cluster, also for clusters with the same name', async () => {
    const other = { ...CLUSTER, cluster: { ...CLUSTER.cluster, id: CLUSTER.cluster.id.replace('rg-one', 'rg-two') } };
    const azure = createAzureEstate(reach(server));
    const namesOf = async (one: typeof CLUSTER) =>
      (await azure.maintenanceConfigurations(one, new AbortController().signal)).map(({ name }) => name);
    server.reply({ body: { value: [row(windowOf())] } }, { body: { value: [] } });

    expect(await namesOf(CLUSTER)).toEqual([NAME]);
    expect(await namesOf(other)).toEqual([]);
    expect(await namesOf(CLUSTER)).toEqual([NAME]);
  });

  it.each([
    ['not read again', 15 * 60_000 - 1, 1],
    ['read again', 15 * 60_000, 2],
  ])('are %s %i ms later', async (_, later, calls) => {
    const { clock, sleep, advance } = sleepingClock();
    const azure = createAzureEstate(reach(server, { clock, sleep }));
    server.reply({ body: { value: [] } });
    await azure.maintenanceConfigurations(CLUSTER, new AbortController().signal);
    advance(later);
    await azure.maintenanceConfigurations(CLUSTER, new AbortController().signal);
    expect(server.asked.length - before).toBe(calls);
  });

  it('may be none', async () => {
    server.reply({ body: { value: [] } });

    await expect(read()).resolves.toEqual([]);
  });

  it('are read in the documented format', async () => {
    expect(await schedule(windowOf())).toEqual({
      form: 'recurring',
      recurrence: { kind: 'monthly-on-day', every: 3, day: 1 },
      startMinute: 540,
      durationHours: 4,
      offsetMinutes: -480,
      startsOn: '2023-01-20',
      notAllowed: [{ start: '2023-12-23', end: '2024-01-05' }],
    });
  });

  it.each<readonly [object, object]>([
    [{ daily: { intervalDays: 3 } }, { kind: 'daily', every: 3 }],
    [{ weekly: { intervalWeeks: 2, dayOfWeek: 'Friday' } }, { kind: 'weekly', every: 2, weekday: 5 }],
    [
      { relativeMonthly: { intervalMonths: 2, dayOfWeek: 'Monday', weekIndex: 'Last' } },
      { kind: 'monthly-on-weekday', every: 2, week: 'last', weekday: 1 },
    ],
    [
      { relativeMonthly: { intervalMonths: 1, dayOfWeek: 'sunday', weekIndex: 'First' } },
      { kind: 'monthly-on-weekday', every: 1, week: 1, weekday: 0 },
    ],
    ...[366, 1].map((every) => [{ daily: { intervalDays: every } }, { kind: 'daily', every }] as const),
    ...[31, 1].map(
      (day) => [{ absoluteMonthly: { intervalMonths: 1, dayOfMonth: day } }, { kind: 'monthly-on-day', every: 1, day }] as const,
    ),
    ...(['Second', 'Third', 'Fourth'] as const).map(
      (weekIndex, at) =>
        [
          { relativeMonthly: { intervalMonths: 1, dayOfWeek: 'Saturday', weekIndex } },
          { kind: 'monthly-on-weekday', every: 1, week: at + 2, weekday: 6 },
        ] as const,
    ),
  ])('support the schedule %o', async (given, recurrence) => {
    expect(await schedule(windowOf({ schedule: given }))).toMatchObject({ recurrence });
  });

  it('use the default of absent fields', async () => {
    const bare = { schedule: { daily: { intervalDays: 1 } }, durationHours: 24, startTime: '23:59' };

    expect(await schedule({ maintenanceWindow: bare })).toEqual({
      form: 'recurring',
      recurrence: { kind: 'daily', every: 1 },
      startMinute: 1439,
      durationHours: 24,
      offsetMinutes: 0,
      notAllowed: [],
    });
  });

  it.each([
    [{ durationHours: 1 }, { durationHours: 1 }],
    [{ startTime: '00:00' }, { startMinute: 0 }],
    [{ startTime: '10:05' }, { startMinute: 605 }],
    [{ utcOffset: '+14:00' }, { offsetMinutes: 840 }],
    [{ utcOffset: '+05:30' }, { offsetMinutes: 330 }],
    [{ notAllowedDates: [{ start: '2026-02-02', end: '2026-02-02' }] }, { notAllowed: [{ start: '2026-02-02', end: '2026-02-02' }] }],
    [{ notAllowedDates: null }, { notAllowed: [] }],
  ])('accept %j', async (over, expected) => {
    expect(await schedule(windowOf(over))).toMatchObject(expected);
  });

  it('accept the first and the last hour, and times without a time that is not allowed', async () => {
    expect(await schedule({ timeInWeek: [{ day: 'Sunday', hourSlots: [0, 23] }] })).toEqual({
      form: 'hour-slots',
      slots: [0, 23].map((hour) => ({ weekday: 0, hour })),
      notAllowed: [],
    });
  });

  it('accept a single hour, and times with an offset', async () => {
    const allDay = { start: '2026-12-24T00:00:00+01:00', end: '2026-12-24T23:59:59-08:00' };
    expect(await schedule({ timeInWeek: [{ day: 'Monday', hourSlots: [5] }], notAllowedTime: [allDay] })).toEqual({
      form: 'hour-slots',
      slots: [{ weekday: 1, hour: 5 }],
      notAllowed: [allDay],
    });
  });

  it('report three of their mistakes', () => {
    const wrong = { durationHours: 0, startTime: '', utcOffset: '', startDate: '', schedule: {} };
    const read = toMaintenanceConfiguration({ name: 'n', properties: { maintenanceWindow: wrong } });
    expect(read.schedule).toMatchObject({ problem: expect.stringMatching(/^[^;]+; [^;]+; [^;]+$/) });
  });

  it('accept a date with a time as a date', async () => {
    expect(await schedule(windowOf({ startDate: '2023-01-20T00:00:00Z' }))).toMatchObject({ startsOn: '2023-01-20' });
  });

  it('support hours of the week', async () => {
    const hours = {
      timeInWeek: [{ day: 'Saturday', hourSlots: [22, 23] }],
      notAllowedTime: [{ start: '2026-12-24T00:00:00Z', end: '2026-12-27T00:00:00Z' }],
    };

    expect(await schedule(hours)).toEqual({
      form: 'hour-slots',
      slots: [
        { weekday: 6, hour: 22 },
        { weekday: 6, hour: 23 },
      ],
      notAllowed: [{ start: '2026-12-24T00:00:00Z', end: '2026-12-27T00:00:00Z' }],
    });
  });

  it.each<readonly [string, unknown, RegExp]>([
    ['no properties', undefined, /properties: /],
    ['nothing in them', {}, /maintenanceWindow: expected a window/],
    ['no schedule', windowOf({ schedule: {} }), /schedule: expected one kind of schedule, got 0/],
    [
      'two schedules',
      windowOf({ schedule: { daily: { intervalDays: 1 }, weekly: { intervalWeeks: 1, dayOfWeek: 'Friday' } } }),
      /schedule: expected one kind of schedule, got 2/,
    ],
    [
      'an unknown weekday',
      windowOf({ schedule: { weekly: { intervalWeeks: 1, dayOfWeek: 'Freitag' } } }),
      /dayOfWeek: expected one of Sunday/,
    ],
    ['an interval of zero', windowOf({ schedule: { daily: { intervalDays: 0 } } }), /intervalDays: /],
    ['a 32nd day', windowOf({ schedule: { absoluteMonthly: { intervalMonths: 1, dayOfMonth: 32 } } }), /dayOfMonth: /],
    ['a window of zero hours', windowOf({ durationHours: 0 }), /durationHours: /],
    ['a window of more than a day', windowOf({ durationHours: 25 }), /durationHours: /],
    ['an interval of more than a year', windowOf({ schedule: { daily: { intervalDays: 367 } } }), /intervalDays: /],
    ['a day before the first', windowOf({ schedule: { absoluteMonthly: { intervalMonths: 1, dayOfMonth: 0 } } }), /dayOfMonth: /],
    ['an hour before the first', { timeInWeek: [{ day: 'Monday', hourSlots: [-1] }] }, /hourSlots/],
    ...['2:00', 'x02:00', '02:00x', '02:60'].map(
      (startTime) => [`the time ${startTime}`, windowOf({ startTime }), /startTime: expected a time such as 02:00/] as const,
    ),
    ...['x+05:30', '+05:30x', '+05:60', '05:30', '+5:30'].map(
      (utcOffset) => [`the offset ${utcOffset}`, windowOf({ utcOffset }), /utcOffset: expected an offset such as \+05:30/] as const,
    ),
    [
      'a time that is not allowed and ends before it starts',
      { timeInWeek: [{ day: 'Monday', hourSlots: [1] }], notAllowedTime: [{ start: '2026-12-27T00:00:00Z', end: '2026-12-24T00:00:00Z' }] },
      /it ends before it starts/,
    ],
    ['an invalid time', windowOf({ startTime: '24:00' }), /startTime: expected a time such as 02:00/],
    ['an invalid offset', windowOf({ utcOffset: '+15:00' }), /utcOffset: expected an offset such as \+05:30/],
    ['an invalid date', windowOf({ startDate: '2026-02-30' }), /startDate: /],
    [
      'an end date before its start date',
      windowOf({ notAllowedDates: [{ start: '2026-02-02', end: '2026-02-01' }] }),
      /it ends before it starts/,
    ],
    ['an empty list of hours', { timeInWeek: [{ day: 'Monday', hourSlots: [] }] }, /timeInWeek: expected an hour/],
    ['a 25th hour', { timeInWeek: [{ day: 'Monday', hourSlots: [24] }] }, /hourSlots/],
  ])('report what is wrong with one that has %s, and do not omit it', async (_, properties, problem) => {
    expect(await schedule(properties)).toMatchObject({ form: 'unreadable', problem: expect.stringMatching(problem) });
  });

  it('never throw, whatever their properties contain', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), fc.anything(), (name, inside, anything) => {
        const window = { schedule: inside, durationHours: inside, startTime: inside, utcOffset: inside, notAllowedDates: inside };
        for (const properties of [anything, inside, { maintenanceWindow: inside }, { maintenanceWindow: window }, { timeInWeek: inside }]) {
          const { schedule: read } = toMaintenanceConfiguration({ name, properties });
          if (read.form !== 'unreadable') expect(nextWindow(read, '2026-09-01T00:00:00Z').state).toMatch(/window|none|unknown/);
          else expect(read.problem).not.toBe('');
        }
      }),
    );
  });

  it('name the missing permission when access is denied', async () => {
    server.reply({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } });

    await expect(read()).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringMatching(
        /read the maintenance windows of .*Microsoft\.ContainerService\/managedClusters\/maintenanceConfigurations\/read/,
      ),
    });
  });

  it('are not requested for a cluster that Azure does not know', async () => {
    const alone = { ...CLUSTER, cluster: { ...CLUSTER.cluster, id: 'kubeconfig:alone' } };
    const asking = createAzureEstate(reach(server)).maintenanceConfigurations(alone, new AbortController().signal);

    await expect(asking).rejects.toThrow(Fault);
    await expect(asking).rejects.toMatchObject({ code: 'no-azure-access' });
    expect(server.asked.length).toBe(before);
  });
});
