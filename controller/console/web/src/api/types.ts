// Short names for what the controller says. The shapes are generated from its OpenAPI document.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Amiss = Schemas['ItemNote'];
export type Asset = Schemas['Asset'];
export type AuditChange = Schemas['AuditChange'];
export type AuditEntry = Schemas['AuditEntry'];
export type Brand = Schemas['Brand'];
export type CalendarRead = Schemas['CalendarRead'];
export type CalendarState = Schemas['CalendarState'];
export type Change = Schemas['Change'];
export type Changeover = Schemas['Changeover'];
export type Closure = Schemas['Closure'];
export type Department = Schemas['Department'];
export type Difference = Schemas['Difference'];
export type DueItem = Schemas['DueItem'];
export type Entry = Schemas['Entry'];
export type Contact = Schemas['Contact'];
export type Dealt = Schemas['Dealt'];
export type FleetBrief = Schemas['FleetBrief'];
export type FleetEvent = Schemas['FleetEvent'];
export type FleetOutline = Schemas['FleetOutline'];
export type FleetScreen = Schemas['FleetScreen'];
export type HospitalProblem = Schemas['Problem'];
export type Hours = Schemas['Hours'];
export type Idle = Schemas['Idle'];
export type Item = Schemas['Item'];
export type ItemUses = Schemas['ItemUses'];
export type LanguageShare = Schemas['LanguageShare'];
export type LibraryItem = Schemas['LibraryItem'];
export type Me = Schemas['Me'];
export type NewToken = Schemas['NewToken'];
export type OneTimeLink = Schemas['OneTimeLink'];
export type Organisation = Schemas['Organisation'];
export type Owner = Schemas['Owner'];
export type Playlist = Schemas['Playlist'];
export type Publication = Schemas['Publication'];
export type RecordedPlay = Schemas['WhyPlay'];
export type Rendition = Schemas['Rendition'];
export type Report = Schemas['ImpressionReport'];
export type ReportRow = Schemas['ReportRow'];
export type Replacement = Schemas['Replacement'];
export type Review = Schemas['Review'];
export type ReviewCounts = Schemas['ReviewCounts'];
export type Reviews = Schemas['Reviews'];
export type Schedule = Schemas['Schedule'];
export type ScheduleGroup = Schemas['ScheduleGroup'];
export type ScheduleLayer = Schemas['ScheduleLayer'];
export type Screen = Schemas['Screen'];
export type ScreenState = FleetScreen['state'];
export type Session = Schemas['Session'];
export type Site = Schemas['Site'];
export type Slide = Schemas['Slide'];
export type Takeover = Schemas['Takeover'];
export type TakeoverEvent = Schemas['TakeoverEvent'];
export type TakeoverOrder = Schemas['TakeoverOrder'];
export type TakeoverWords = Schemas['TakeoverWords'];
export type TakeoverWording = Schemas['TakeoverWording'];
export type TagUse = Schemas['TagUse'];
export type TestResult = Schemas['Result'];
export type Target = Schemas['Target'];
export type Timeline = Schemas['Timeline'];
export type Token = Schemas['Token'];
export type TokenDraft = Schemas['TokenDraft'];
export type Unsent = Schemas['Unsent'];
export type Upload = Schemas['Upload'];
export type User = Schemas['User'];
export type UserDraft = Schemas['UserDraft'];
export type Waiting = Schemas['Waiting'];
export type WatchedEvent = Schemas['WatchedEvent'];
export type Why = Schemas['Why'];
export type WhyCandidate = Schemas['Candidate'];
export type Window = Schemas['Window'];

/** The kinds of documents, by the name of their route, and what each holds. */
export interface Kinds {
  sites: Site;
  departments: Department;
  screens: Screen;
  items: Item;
  playlists: Playlist;
  layouts: Schemas['Layout'];
  windows: Window;
  closures: Closure;
}

export type Kind = keyof Kinds;
