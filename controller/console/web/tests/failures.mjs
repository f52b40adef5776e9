// Tells of a run of tests what somebody must know: which failed and why, and how many there were. For the whole there are
// other reporters.
import { relative } from 'node:path';

/** What an error says, and where in the tests it was. */
function told(error) {
  const text = typeof error === 'object' ? error.stack ?? String(error) : String(error);
  return text.split('\n').filter((line) => !/\(?node:/.test(line)).join('\n    ');
}

export default async function* failures(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const complaints = new Map(); // of files, some of which do not even begin
  for await (const { type, data } of events) {
    if (type === 'test:stderr') complaints.set(data.file, (complaints.get(data.file) ?? '') + data.message);
    if (type === 'test:pass') counts[data.skip === undefined ? 'passed' : 'skipped']++;
    if (type !== 'test:fail') continue;
    counts.failed++;
    const { error } = data.details;
    if (error.failureType === 'subtestsFailed') continue; // they have told why
    yield `${relative('', data.file ?? '')}: ${data.name}\n    ${told(error.cause ?? error)}\n`;
    if (error.exitCode !== undefined) yield complaints.get(data.file) ?? '';
  }
  yield `${Object.entries(counts).map(([what, n]) => `${what} ${n}`).join(', ')}\n`;
}
