// What the controller says, as the console reads it. Field names are those of the API.

export type Language = string;
export type Phase = 'symptoms' | 'diagnosis' | 'treatment' | 'recovery' | 'prevention';
export type Medium = 'image' | 'video' | 'slide' | 'font';

/** Every document carries the revision that was read, which a later write names. */
export interface Revised {
  id: string;
  revision: number;
}

export interface Brand {
  name: string;
  background: string;
  ink: string;
  accent: string;
}

export interface Organisation {
  revision?: number;
  name: string;
  brand: Brand;
}

export interface Site extends Revised {
  name: string;
}

export interface LanguageShare {
  language: Language;
  twelfths: number;
}

export interface Hours {
  days: number[];
  from: string;
  to: string;
}

export interface Department extends Revised {
  site: string;
  name: string;
  zone: string;
  hours?: Hours[];
  closures?: string[];
  languages: LanguageShare[];
  fallback: Language;
  filler?: string;
  closed?: string;
}

export interface Screen extends Revised {
  department: string;
  name: string;
  tags?: string[];
  rotation?: number;
  volume?: number;
}

export interface Asset {
  digest: string;
  medium: Medium;
  media_type: string;
  bytes: number;
  width?: number;
  height?: number;
  millis?: number;
}

export interface Rendition {
  language: Language;
  variants: Asset[];
  alt?: string;
}

export interface Item extends Revised {
  title: string;
  version: number;
  renditions: Rendition[];
  phase?: Phase | '';
  topics?: string[];
  millis?: number;
  from?: string;
  until?: string;
  review_by?: string;
  sponsor?: string;
  campaign?: string;
  approval?: { version: number; by: string; at: string };
}

export interface Entry {
  item: string;
  millis?: number;
  weight: number;
  whole_only?: boolean;
  transition?: '' | 'fade';
  fit?: '' | 'fill';
}

export interface Playlist extends Revised {
  name: string;
  entries: Entry[];
}

export interface Layout extends Revised {
  name: string;
}

/** Exactly one field is set. */
export interface Target {
  screen?: string;
  tag?: string;
  department?: string;
  site?: string;
  all?: boolean;
}

export interface Window extends Revised {
  name: string;
  playlist?: string;
  layout?: string;
  start: string;
  end: { days?: number; clock: string };
  first?: string;
  last?: string;
  closures?: string[];
  targets: Target[];
  except?: Target[];
  priority?: number;
}

export interface Closure extends Revised {
  name: string;
  dates: string[];
}

/** The kinds of documents, by the name of their route, and what each holds. */
export interface Kinds {
  sites: Site;
  departments: Department;
  screens: Screen;
  items: Item;
  playlists: Playlist;
  layouts: Layout;
  windows: Window;
  closures: Closure;
}

export interface Me {
  name: string;
  role: string;
  version: string;
}

export type ScreenState = 'playing' | 'alone' | 'no-picture' | 'never-seen' | 'unpaired' | 'revoked';
export type Source = 'takeover' | 'window' | 'closed' | 'filler' | 'slate';

export interface NowShowing {
  region: string;
  item?: string;
  title: string;
  language?: Language;
  until?: string;
}

export interface FleetScreen {
  id: string;
  name: string;
  department: string;
  department_name: string;
  site: string;
  state: ScreenState;
  state_text: string;
  linked: boolean;
  since?: string;
  last_heard?: string;
  showing?: NowShowing[];
  source?: Source | '';
  window?: string;
  next_change?: string;
  plays_today: number;
  clock?: string;
  disk_free?: number;
  cache?: number;
  unsent?: number;
  generation?: number;
  offered?: number;
  software?: string;
  notes?: string[];
  rotation?: number;
  width?: number;
  height?: number;
  snapshot_at?: string;
}

export interface PairingLookup {
  player: string;
  words: string[];
  width?: number;
  height?: number;
  software?: string;
  expires: string;
}

export type UploadState = 'receiving' | 'checking' | 'converting' | 'ready' | 'refused';

export interface Upload {
  id: string;
  name: string;
  state: UploadState;
  percent?: number;
  stage?: string;
  problem?: string;
  rendition?: { variants: Asset[] };
  medium?: Medium;
  millis?: number;
}

export type SlideTemplate = 'notice' | 'steps' | 'questions' | 'urgent';

export interface Slide {
  template: SlideTemplate;
  language: Language;
  title: string;
  text?: string;
  points?: string[];
  note?: string;
  brand: Brand;
}

export interface Change {
  kind: string;
  id: string;
  title: string;
  from?: number;
  to?: number;
  by?: string;
  at?: string;
}

export interface HospitalProblem {
  kind: string;
  id: string;
  field?: string;
  message: string;
}

export interface PublicationPreview {
  changes: Change[];
  problems: HospitalProblem[];
  screens: number;
}

export interface Publication {
  number: number;
  at: string;
  by: string;
  note?: string;
  departments: string[];
  undo_of?: number;
  screens?: number;
  problems?: HospitalProblem[];
}

export type Severity = 1 | 2 | 3;

export interface TakeoverWords {
  language: Language;
  title: string;
  text?: string;
}

export interface TakeoverOrder {
  severity: Severity;
  minutes: number;
  targets: Target[];
  except?: Target[];
  drill: boolean;
  slides: TakeoverWords[];
}

export interface Reached {
  screen: string;
  name: string;
  drawn_at?: string | null;
  linked: boolean;
}

export interface Takeover {
  id: string;
  severity: Severity;
  from: string;
  until: string;
  drill?: boolean;
  by?: string;
  targets: Target[];
  slides: TakeoverWords[];
  reach: Reached[];
}

export interface Span {
  start: string;
  end: string;
  source: Source;
  window?: string;
  window_name?: string;
  takeover?: string;
  layout?: string;
  items?: string[];
}

export interface Timeline {
  zone: string;
  date: string;
  spans: Span[];
  plays?: RecordedPlay[];
}

export interface RecordedPlay {
  item?: string;
  title?: string;
  window?: string;
  takeover?: string;
  language?: Language;
  region?: string;
  start: string;
  shown: number;
  planned: number;
  outcome: string;
}

export interface WhyCandidate {
  source: Source;
  window?: string;
  name?: string;
  takeover?: string;
  priority?: number;
  start?: string;
  end?: string;
  text?: string;
  by?: string;
}

export interface WhyLoser extends WhyCandidate {
  reason?: string;
}

export interface WhySlot {
  region: string;
  title?: string;
  item?: string;
  language?: Language;
  start: string;
  end: string;
}

export interface Why {
  at: string;
  winner: WhyCandidate;
  losers: WhyLoser[];
  slots: WhySlot[];
  generation?: number;
  plays: RecordedPlay[];
}

export interface ReportRow {
  key: string;
  name: string;
  plays: number;
  complete: number;
  seconds: number;
}

export interface Report {
  rows: ReportRow[];
  totals: { plays: number; complete: number; seconds: number };
  complete_until?: string;
  definitions: string[] | Record<string, string>;
}
