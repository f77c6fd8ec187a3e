/**
 * The file of a girl of 15 to 17 for whom everything is there; invented.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#gates
 */
import { overlay, WOMAN } from './referral-fixture.ts'

/** A child with best interests, authorisation and a parent’s consent. */
export const CHILD = overlay(WOMAN, {
  routing: { caseOwner: 'naptip-01' },
  person: { ageMin: 15, ageMax: 17 },
  child: {
    guardianSuspected: 'no',
    bestInterests: {
      outcome: 'return',
      childViews: 'She wants to go home',
      assessedAt: '2026-11-20T00:00:00Z',
    },
    authorisation: {
      authority: 'ne.juge-mineurs',
      reference: 'TEST-1',
      at: '2026-11-20T00:00:00Z',
    },
  },
  consent: {
    consents: [
      {
        scope: 'share_receiving_agency',
        status: 'given',
        givenBy: 'parent',
        recorded: '2026-11-15T00:00:00Z',
      },
    ],
  },
})
