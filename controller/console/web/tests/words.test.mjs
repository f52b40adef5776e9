// What the console works out by itself: rules, sentences, shares, local times. No browser, no controller.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withModules } from './modules.mjs';

const named = ['site', 'department', 'screen', 'item', 'playlist', 'layout', 'closure'];
const at = '2026-11-23T12:30:00.123456789Z';
const slide = { template: 'notice', language: 'en', title: 'Flu', text: 'Wash your hands', points: ['Now'], note: 'Today' };
const picture = { digest: 'ab12', medium: 'image', media_type: 'image/jpeg', bytes: 12345, width: 1280, height: 720 };

/** Something of every kind that the audit log shows, with every field that it may have. */
const kept = {
  organisation: { name: 'Lakeside', brand: { name: 'Lakeside', background: '#0b3d4c', ink: '#ffffff', accent: '#f2b84b' }, websites: ['https://www.lakeside.example'] },
  site: { id: 'main', name: 'Main' },
  department: {
    id: 'cardiology', name: 'Cardiology', site: 'main', zone: 'Europe/Madrid', hours: [{ days: [1, 2], from: '08:00', to: '17:00' }], closures: ['holidays'],
    contacts: [{ name: 'Desk', email: 'desk@example.org' }], languages: [{ language: 'en', twelfths: 12 }], fallback: 'en', filler: 'notices', closed: 'notices',
    floors: [{ item: 'flu', plays: 2 }, { phase: 'recovery', plays: 1 }, { topic: 'heart', plays: 20 }],
  },
  screen: { id: 'door', name: 'Door', department: 'cardiology', tags: ['lobby'], rotation: 90, volume: 40 },
  item: { id: 'flu', title: 'Flu', version: 1, phase: 'prevention', topics: ['flu'], millis: 9000, from: at, until: at, review_by: '2026-12-01', sponsor: 'A', campaign: 'B', renditions: [{ language: 'en', variants: [picture], alt: 'Hands' }] },
  playlist: { id: 'notices', name: 'Notices', entries: [{ item: 'flu', weight: 2, transition: 'fade', fit: 'fill', whole_only: true }] },
  layout: { id: 'two', name: 'Two', regions: [{ name: 'main', x: 0, y: 0, w: 1, h: 1 }] },
  closure: { id: 'holidays', name: 'Holidays', dates: ['2026-12-25'], names: { '2026-12-25': 'Christmas' } },
  user: { name: 'maria', full_name: 'Maria Lopez', account: 'maria@example', role: 'marketer', everywhere: true, departments: ['cardiology'], disabled: true },
  token: { id: 'a1', owner: 'maria', name: 'nightly', scope: { read_only: true, rights: [{ action: 'edit', kind: 'upload' }] }, made: at, expires: at },
  publication: { number: 3, at, by: 'maria', note: 'Flu', departments: ['cardiology'], undo_of: 2, back_to: 1, from: at, waited: 1, screens: 4, problems: [], pins: {} },
  waiting_publication: { number: 3, at, by: 'maria', ordered: at, note: 'Flu', departments: ['cardiology'], ending: 'went_out', publication: 4, after: 2, pins: {} },
  takeover: { id: 'a1', severity: 'warning', from: at, until: at, targets: [{ department: 'cardiology' }], except: [{ screen: 'door' }], drill: true, slides: [{ language: 'en', slide, picture: [picture] }], template: 'fire', version: 2 },
  player: {
    id: 'a1', key: 'AAAA', screen: 'door', paired_at: at, paired_by: 'maria', revoked_at: at, revoked_by: 'maria', software: 'v1',
    abilities: { width: 1920, height: 1080, software_gl: true, decoders: ['h264'] },
  },
};

test('what the console works out by itself', async (t) => {
  await withModules(async (load) => {
    const { fromCron, toCron } = await load('lib/cron.ts');
    const { sentence } = await load('lib/sentence.ts');
    const { meetings, weekOf } = await load('lib/week.ts');
    const { restsOf } = await load('lib/closed.ts');
    const { startsOf, turnAt, turnOf } = await load('lib/loop.ts');
    const { beginnings, percent, within } = await load('lib/layouts.ts');
    const { usesOf } = await load('lib/uses.ts');
    const { addDays, clock, instant, wholeDate } = await load('lib/zone.ts');
    const { age, ago, duration, list, newID, slug, zoneWords } = await load('lib/words.ts');
    const { Skew } = await load('lib/skew.ts');
    const { reached } = await load('lib/reach.ts');
    const { rows } = await load('lib/before.ts');

    for (const [rule, from, days] of [
      ['0 8 * * 1-5', '08:00', [1, 2, 3, 4, 5]],
      ['30 22 * * *', '22:30', [0, 1, 2, 3, 4, 5, 6]],
      ['5 0 * * 0,6', '00:05', [0, 6]],
      ['0 7 * * 1,3', '07:00', [1, 3]],
      ['0 7 * * 2', '07:00', [2]],
    ]) {
      await t.test(`the rule ${rule} is read and written`, () => {
        assert.deepEqual(fromCron(rule), { from, days });
        assert.equal(toCron({ from, days }), rule);
      });
    }
    await t.test('names of days are read', () => assert.deepEqual(fromCron('0 9 * * mon-wed')?.days, [1, 2, 3]));
    for (const rule of ['*/30 8 * * 1', '0 8-17 * * *', '0 8 1 * *', '0 8 * 12 *', '0 8 * * 5-1', '@daily', '0 24 * * *', '60 1 * * *', '']) {
      await t.test(`the rule “${rule}” is left to scripts`, () => assert.equal(fromCron(rule), undefined));
    }

    for (const [kind, document] of Object.entries(kept)) {
      await t.test(`the audit log says each field of a ${kind} in words`, () => {
        const said = rows(kind, undefined, document, Object.fromEntries(named.map((k) => [k, (id) => `“${id}”`])), () => undefined);
        assert.deepEqual(said.map((row) => row.field).filter((field) => !/^\p{Lu}[^_]*$/u.test(field)), []);
        assert.deepEqual(said.map((row) => row.after).filter((after) => /_|\d\dT\d\d|\b(true|false)\b|\[object/.test(after)), []);
        assert.equal(new Set(said.map((row) => row.field)).size, said.length, 'no two fields are called the same');
        assert.ok(said.length > 0);
      });
    }

    const name = (id) => ({ paediatrics: 'Paediatrics', cardiology: 'Cardiology', holidays: 'Public holidays', chapel: 'Chapel' })[id] ?? id;
    const names = { playlist: name, department: name, site: name, screen: name, closure: name, rests: () => [] };
    const summer = new Date('2026-07-01T12:00:00Z');
    for (const [want, window] of [
      ['Every weekday 8:00 to 17:00 until 24 December in Paediatrics and Cardiology, not on Public holidays',
        { start: '0 8 * * 1-5', end: { clock: '17:00' }, last: '2026-12-24', targets: [{ department: 'paediatrics' }, { department: 'cardiology' }], closures: ['holidays'] }],
      ['Every day 22:00 to 6:00 the next day on all screens, but not “Chapel”',
        { start: '0 22 * * *', end: { days: 1, clock: '06:00' }, targets: [{ all: true }], except: [{ screen: 'chapel' }] }],
      ['Every day all day on 6 July in screens tagged “lobby”', { start: '0 0 * * *', end: { clock: '24:00' }, first: '2026-07-06', last: '2026-07-06', targets: [{ tag: 'lobby' }] }],
      ['Every day 19:00 to midnight on all screens', { start: '0 19 * * *', end: { days: 1, clock: '00:00' }, targets: [{ all: true }] }],
      ['Every Monday and Sunday 9:30 to midnight from 1 January 2027 on no screens yet', { start: '30 9 * * 0,1', end: { clock: '24:00' }, first: '2027-01-01', targets: [] }],
    ]) {
      await t.test(want, () => assert.equal(sentence(window, names, summer), want));
    }

    const ground = {
      departments: [{ id: 'cardiology', site: 'main', closures: ['holidays'] }, { id: 'paediatrics', site: 'main' }, { id: 'chapel', site: 'west', closures: ['holidays'] }],
      screens: [{ id: 'a', department: 'cardiology' }, { id: 'b', department: 'paediatrics', tags: ['lobby'] }],
    };
    for (const [want, targets, closures, except = []] of [
      ['in Cardiology, not on Public holidays', [{ department: 'cardiology' }]],
      ['in Paediatrics', [{ department: 'paediatrics' }]],
      ['in Paediatrics, not on Public holidays', [{ department: 'paediatrics' }], ['holidays']],
      ['in Cardiology and Paediatrics, in Cardiology not on Public holidays', [{ department: 'cardiology' }, { department: 'paediatrics' }]],
      ['in Cardiology and Paediatrics, not on Public holidays', [{ department: 'cardiology' }, { department: 'paediatrics' }], ['holidays']],
      ['in Chapel, not on Public holidays', [{ department: 'chapel' }]],
      ['in “a”, not on Public holidays', [{ screen: 'a' }]],
      ['in screens tagged “lobby”', [{ tag: 'lobby' }]],
      ['on all screens, but not Paediatrics, not on Public holidays', [{ all: true }], undefined, [{ department: 'paediatrics' }]],
    ]) {
      await t.test(`every day ${want}`, () => {
        const window = { start: '0 8 * * *', end: { clock: '17:00' }, targets, closures, except };
        const said = sentence(window, { ...names, rests: (w) => restsOf(w.targets, w.except, ground) }, summer);
        assert.equal(said, `Every day 8:00 to 17:00 ${want}`);
      });
    }

    const place = { id: 'desk', department: 'cardiology', site: 'main', tags: ['lobby'] };
    const day = { id: 'day', name: 'Day', start: '0 7 * * *', end: { clock: '19:00' }, targets: [{ department: 'cardiology' }], priority: 10 };
    const evening = { id: 'evening', name: 'Evening', start: '0 19 * * *', end: { days: 1, clock: '00:00' }, targets: [{ all: true }], priority: 5 };
    const flu = { id: 'flu', name: 'Flu', start: '0 8 * * 1-5', end: { clock: '17:00' }, targets: [{ department: 'cardiology' }] };
    const night = { id: 'night', name: 'Night', start: '0 22 * * *', end: { days: 1, clock: '06:00' }, targets: [{ all: true }], priority: 20 };
    for (const [name, window, hides, hiddenBy] of [
      ['below the everyday programme it is never seen', { ...flu, priority: 0 }, [], ['Day, every weekday 8:00 to 17:00']],
      ['beside it, it begins later and is on', { ...flu, priority: 10 }, ['Day, every weekday 8:00 to 17:00'], []],
      ['the narrower target is on', { ...flu, start: '0 6 * * 1-5', targets: [{ screen: 'desk' }], priority: 10 }, ['Day, every weekday 7:00 to 17:00'], []],
      ['the wider one is not', { ...flu, start: '0 6 * * 1-5', targets: [{ site: 'main' }], priority: 10 }, [], ['Day, every weekday 7:00 to 17:00']],
      ['over midnight, and from Sunday into Monday', { ...night }, ['Evening, every day 22:00 to midnight'], []],
      ['part of it', { ...flu, start: '0 17 * * 6', end: { clock: '21:00' }, priority: 7 }, ['Evening, every Saturday 19:00 to 21:00'], ['Day, every Saturday 17:00 to 19:00']],
      ['another season', { ...flu, last: '2026-03-01', priority: 0 }, [], []],
      ['somewhere else', { ...flu, targets: [{ department: 'chapel' }] }, [], []],
    ]) {
      await t.test(`the week: ${name}`, () => {
        const others = name === 'another season' ? [{ ...day, first: '2026-04-01' }] : [day, evening];
        const met = meetings(window, others, [place]);
        const said = (all) => all.map((m) => `${m.window.name}, ${m.times}`);
        assert.deepEqual([said(met.hides), said(met.hiddenBy)], [hides, hiddenBy]);
      });
    }
    await t.test('the week: screens that meet it otherwise are named', () => {
      const met = meetings({ ...flu, targets: [{ all: true }] }, [day], [place, { id: 'far', department: 'chapel' }, { ...place, id: 'door' }]);
      assert.deepEqual(met.hiddenBy.map((m) => m.screens), [['desk', 'door']]);
    });
    await t.test('the week: a piece for each change, the one that is on first', () => {
      const pieces = weekOf([day, evening, night], place);
      assert.deepEqual(pieces.slice(0, 4).map((p) => [p.from, p.to, p.windows.map((w) => w.id).join()]),
        [[0, 360, 'night'], [420, 1140, 'day'], [1140, 1320, 'evening'], [1320, 1440, 'night,evening']]);
    });

    await t.test('what a layout begins with keeps to the screen and covers it', () => {
      for (const [name, begin] of Object.entries(beginnings)) {
        const regions = begin();
        assert.ok(regions.every(within), name);
        assert.equal(percent(regions.reduce((sum, r) => sum + r.w * r.h, 0)), 100, name);
      }
    });
    await t.test('thirds make a whole, a little more reaches beyond', () => {
      assert.ok(within({ x: 2 / 3, y: 0, w: 1 / 3, h: 1 }));
      assert.ok(!within({ x: 0.8, y: 0, w: 0.25, h: 1 }));
      assert.ok(!within({ x: 0, y: 0, w: 0, h: 1 }));
      assert.equal(percent(1 / 3), 33.3);
    });

    await t.test('whose turn it is: two of 10 seconds, one of 20 between', () => {
      const starts = startsOf({ order: [0, 1, 0], showings: [{ millis: 10_000 }, { millis: 20_000 }] });
      assert.deepEqual(starts, [0, 10_000, 30_000]);
      assert.deepEqual([0, 9_999, 10_000, 29_999, 30_000, 39_999].map((at) => turnAt(starts, at)), [0, 0, 1, 1, 2, 2]);
    });

    for (const [name, item, entry, want] of [
      ['a turn is as long as the entry says', { millis: 12_000 }, { millis: 3000 }, 3000],
      ['or as long as the item says', { millis: 12_000 }, {}, 12_000],
      ['or ten seconds, where the item is gone', undefined, undefined, 10_000],
    ]) {
      await t.test(name, () => assert.equal(turnOf(item, entry), want));
    }

    await t.test('a playlist is on in windows, through layouts, as filler and on closed days', () => {
      const all = {
        windows: [{ id: 'w', playlist: 'day' }, { id: 'x', layout: 'split' }, { id: 'y', playlist: 'other' }],
        layouts: [{ id: 'split', name: 'Split', regions: [{ playlist: 'day' }] }, { id: 'idle', name: 'Idle', regions: [{ playlist: 'night' }] }],
        departments: [{ name: 'Cardiology', filler: 'lake', closed: 'shut' }, { name: 'Oncology', filler: 'lake' }],
      };
      assert.deepEqual(usesOf('day', all).windows.map((w) => w.id), ['w', 'x']);
      assert.deepEqual(usesOf('night', all), { windows: [], others: ['In the layout “Idle”, which no window uses'] });
      assert.deepEqual(usesOf('lake', all).others, ['Filler of Cardiology and Oncology']);
      assert.deepEqual(usesOf('shut', all).others, ['Closed programme of Cardiology']);
      assert.deepEqual(usesOf('new', all), { windows: [], others: [] });
    });

    for (const [date, time, zone, want] of [
      ['2026-11-22', '10:32', 'America/New_York', '2026-11-22T15:32:00.000Z'],
      ['2026-07-04', '00:00', 'America/Chicago', '2026-07-04T05:00:00.000Z'],
      ['2026-03-08', '02:30', 'America/New_York', '2026-03-08T07:00:00.000Z'], // skipped: the first instant after the gap
      ['2026-11-01', '01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'], // comes twice: the first
      ['2026-11-22', '14:05:09', 'Asia/Kolkata', '2026-11-22T08:35:09.000Z'],
      ['2026-04-24', '00:00', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'], // midnight does not exist that day
    ]) {
      await t.test(`${date} ${time} in ${zone} is ${want}`, () => assert.equal(instant(date, time, zone).toISOString(), want));
    }
    await t.test('a date that is being typed is none yet', () => {
      assert.deepEqual(['', '0002-11-22', '0202-11-22', '2026-11-22', '2026-11', null].map(wholeDate), [undefined, undefined, undefined, '2026-11-22', undefined, undefined]);
    });
    await t.test('a day has 23, 24 or 25 hours', () => {
      const hours = (date) => (instant(addDays(date, 1), '00:00', 'America/New_York') - instant(date, '00:00', 'America/New_York')) / 3_600_000;
      assert.deepEqual(['2026-03-08', '2026-06-01', '2026-11-01'].map(hours), [23, 24, 25]);
    });
    await t.test('what a clock shows, the instant has', () => assert.equal(clock(instant('2026-11-22', '23:59', 'Asia/Tokyo'), 'Asia/Tokyo'), '23:59'));

    await t.test('words', () => {
      assert.equal(list(['a', 'b', 'c']), 'a, b and c');
      assert.equal(duration(130_000), '2\u00a0min 10\u00a0s');
      assert.equal(ago('2026-01-01T00:00:09Z', Date.parse('2026-01-01T00:00:00Z')), 'in 9 seconds');
      assert.deepEqual([1, 7, 59, 61].map((s) => age('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + s * 1000)),
        ['1 second ago', '7 seconds ago', '59 seconds ago', '1 minute ago']);
      assert.equal(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:05Z')), 'just now');
      assert.deepEqual(['America/Argentina/Buenos_Aires', 'America/New_York', 'UTC'].map(zoneWords), ['Buenos Aires time', 'New York time', 'UTC']);
      assert.equal(slug('Pädiatrie, beim Fenster!'), 'padiatrie-beim-fenster');
      assert.equal(newID('Lobby', ['lobby', 'lobby-2']), 'lobby-3');
      assert.equal(newID('new', []), 'new-2', 'the address of the form is taken');
      assert.equal(newID('مرحبا', []), 'unnamed');
    });

    await t.test('the clock of the controller, by the dates of its answers', () => {
      const known = new Skew();
      assert.equal(known.millis, 0);
      const at = Date.parse('2026-11-22T12:00:00Z'); // by the controller; this clock is 90 s behind
      const ask = (after) => known.note(new Date(Math.floor((at + after) / 1000) * 1000).toUTCString(), at + after - 90_000 - 20, at + after - 90_000 + 20);
      ask(500);
      assert.ok(Math.abs(known.millis - 90_000) < 600, `${known.millis} after one answer`);
      for (const after of [1010, 2990, 4005, 5995]) ask(after);
      assert.ok(Math.abs(known.millis - 90_000) < 50, `${known.millis} after five`);
      known.note(new Date(at).toUTCString(), at, at);
      assert.ok(Math.abs(known.millis) <= 500, 'a clock that was put right is believed');
      known.note(null, at, at);
    });

    await t.test('targets reach what they name, less the exceptions', () => {
      const screens = [
        { id: 'a', department: 'cardiology', site: 'main' },
        { id: 'b', department: 'cardiology', site: 'main', tags: ['chapel'] },
        { id: 'c', department: 'oncology', site: 'west' },
      ];
      const ids = (targets, except = []) => reached(targets, except, screens).map((s) => s.id).join('');
      assert.equal(ids([{ all: true }]), 'abc');
      assert.equal(ids([{ all: true }], [{ tag: 'chapel' }]), 'ac');
      assert.equal(ids([{ site: 'main' }]), 'ab');
      assert.equal(ids([{ department: 'oncology' }, { screen: 'a' }]), 'ac');
      assert.equal(ids([]), '');
    });
  });
});
