// Which phases of care reach people in which language.
import type { Coverage, CoverageCell, DepartmentCoverage } from '../api/types';
import { t } from '../texts';
import { languageTitle, named } from './words';

export type Layer = 'ready' | 'scheduled' | 'shown';

export const layers: readonly Layer[] = ['ready', 'scheduled', 'shown'];

/** What a layer has of a cell. */
export function has(cell: CoverageCell, layer: Layer): boolean {
  return { ready: cell.ready > 0, scheduled: cell.per_hour > 0, shown: cell.plays > 0 }[layer];
}

/** The phases of care that any of the departments has cells of, in their order; '' for items of none. */
export function phasesOf(coverage: Coverage): string[] {
  const found = new Set(coverage.departments.flatMap((d) => d.cells.map((c) => c.phase ?? '')));
  return [...Object.keys(t.words.phases), ''].filter((phase) => found.has(phase));
}

export function phaseName(phase: string): string {
  return phase ? named(t.words.phases, phase) : t.coverage.noPhase;
}

/** The cells of a phase, by language. */
export function ofPhase(department: DepartmentCoverage, phase: string): CoverageCell[] {
  return department.cells.filter((c) => (c.phase ?? '') === phase);
}

/** Where a gap is closed, and what to do there. */
export function closes(cell: CoverageCell, department: string, title: (item: string) => string): { to: string; what: string } | undefined {
  const of = (path: string, more: Record<string, string>) => `${path}?${new URLSearchParams(more)}`;
  const { phase = '', language } = cell;
  const [first] = cell.lacking ?? [];
  switch (cell.gap) {
    case 'no-item': return { to: of('/slides/new', { phase, language }), what: t.coverage.close['no-item'] };
    case 'no-language':
      return first
        ? { to: of('/slides/new', { item: first, language }), what: t.coverage.close['no-language'](languageTitle(language), title(first)) }
        : { to: of('/library', { phase: phase || 'none' }), what: t.coverage.close['not-scheduled'] };
    case 'not-ready': return { to: of('/library', { phase: phase || 'none', language }), what: t.coverage.close['not-ready'] };
    case 'not-scheduled': return { to: of('/library', { phase: phase || 'none', language }), what: t.coverage.close['not-scheduled'] };
    case 'not-shown': return { to: of('/', { department }), what: t.coverage.close['not-shown'] };
    default: return undefined;
  }
}
