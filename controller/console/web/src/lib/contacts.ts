// Whom messages go to, and how sending went, in plain words.
import type { Contact, TestResult } from '../api/types';
import { t } from '../texts';

/** The address of a contact. */
export function addressOf(contact: Contact): string {
  return contact.email || contact.webhook || '';
}

/** Why a message did not go. */
export function whyNot(error: string): string {
  if (error.includes('--smtp')) return t.settings.told.noMail;
  if (error.includes('--webhook-secret-file')) return t.settings.told.noSecret;
  return t.settings.told.said(error);
}

/** How a test message ended. */
export function outcome(result: TestResult): string {
  const to = addressOf(result.contact);
  return result.error ? t.settings.told.refused(to, whyNot(result.error)) : t.settings.told.taken(to);
}
