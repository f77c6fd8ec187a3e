import { join } from 'node:path'
import { type Draft } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asJson } from '../../../../test/support/json.ts'
import {
  AGENCIES,
  jsonOf,
  type MetAgencies,
  metAgencies,
  passphraseOf,
} from '../../../../test/support/met-agencies.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { MEETING_MS } from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import { type OpenNode, openNode } from '../node.ts'
import { createOfficerSecrets } from '../vault/agency-secrets.ts'
import { keystorePath, officerKeystorePath, writeKeystore } from '../vault/keystore-file.ts'
import { loadRootPair, loadSigningKey } from '../vault/load-keys.ts'
import { ROOTS_FOLDER } from './create-agency.ts'
import { confirmHeard, makeInvite, readRootPair } from './pairing.ts'
import { addOfficers, adoptNextRoster, loadRosterKey } from './rosters.ts'
import { sendDraft, signDraft, unlockOfficer } from './signing.ts'

/** NAPTIP's node before it met anybody, opened as a command opens it. */
let met: MetAgencies
let alone: OpenNode
beforeAll(async () => {
  met = await metAgencies()
  alone = await openNode({
    folder: met.alone.naptip.folder,
    passphrase: passphraseOf('node'),
  })
}, MEETING_MS)
afterAll(async () => {
  await alone[Symbol.asyncDispose]()
  await met[Symbol.asyncDispose]()
})

const MINUTES: Draft = {
  kind: 'jtwg.minutes/1',
  to: { agency: AGENCIES.anltp },
  handling: { caveats: ['test:data'], tlp: 'AMBER' },
  groups: { body: asJson(BODIES['jtwg.minutes/1']['body']) },
}

describe('the keys of an agency', { timeout: MEETING_MS }, () => {
  it('are opened by their own passphrase, one keystore each', async () => {
    const { folder, secrets } = met.alone.naptip
    const roster = await loadRosterKey(folder, passphraseOf('roster'))
    expect(roster.keyId).toBe((await loadSigningKey(secrets.roster.seed)).keyId)
    const path = keystorePath(join(folder, ROOTS_FOLDER), 'root-2')
    const root = await readRootPair(path, passphraseOf('root-2'))
    const [, second] = secrets.roots
    if (second === undefined) throw new Error('no second root')
    const expected = await loadRootPair(second)
    expect([root.ed.keyId, root.pq.keyId]).toEqual([expected.ed.keyId, expected.pq.keyId])
    expect(await codeOf(() => readRootPair(path, passphraseOf('root-1')))).toBe('STORE_PASSPHRASE')
    expect(await codeOf(() => loadRosterKey(join(folder, 'none'), 'x'))).toBe('STORE_FILE')
  })

  it('of an officer lie in a keystore of the officer’s own', async () => {
    const { folder } = met.alone.naptip
    const path = officerKeystorePath(folder, 'amina')
    const secrets = createOfficerSecrets(AGENCIES.naptip, 'amina', random)
    await writeKeystore({ path, secrets, passphrase: 'amina’s own words' }, random)
    const amina = await unlockOfficer(folder, 'amina', 'amina’s own words')
    expect(amina).toMatchObject({ id: 'amina' })
    expect(amina.key.keyId).toBe((await loadSigningKey(secrets.seed)).keyId)
    expect(await codeOf(() => unlockOfficer(folder, 'amina', 'another'))).toBe('STORE_PASSPHRASE')
    expect(await codeOf(() => unlockOfficer(folder, 'bello', 'x'))).toBe('STORE_FILE')
  })
})

describe('the next roster', { timeout: MEETING_MS }, () => {
  it('has one officer more, and one of the same id has the new key', async () => {
    const { services } = alone
    const { secrets } = met.alone.naptip
    const rosterKey = await loadSigningKey(secrets.roster.seed)
    const first = await loadSigningKey(createOfficerSecrets('ng.naptip', 'amina', random).seed)
    const second = await loadSigningKey(createOfficerSecrets('ng.naptip', 'amina', random).seed)
    const amina = { id: 'amina', organisation: 'ng.nis', roles: ['author:jtwg'], days: 30 }
    const before = (await services.status({})).rosterVersion
    await adoptNextRoster(services, rosterKey, addOfficers([{ ...amina, key: first }]))
    const { version } = await adoptNextRoster(
      services,
      rosterKey,
      addOfficers([{ ...amina, key: second }]),
    )
    expect(version).toBe(before + 2)
    const [, added, newest] = (await services.rosters({})).slice(-3)
    for (const view of [added, newest]) {
      expect(view?.officers.map(({ id }) => id)).toEqual(['amina', 'approver', 'author', 'reader'])
      expect(view?.officers[0]).toMatchObject({ organisation: 'ng.nis', roles: ['author:jtwg'] })
    }
    const { roster } = await services.ownEntry({})
    const payload = Buffer.from(roster.payload, 'base64url').toString()
    expect(payload).toContain(second.publicJwk.x)
    expect(payload).not.toContain(first.publicJwk.x)
  })

  it('signed by another key is not adopted', async () => {
    const { services } = alone
    const before = (await services.status({})).rosterVersion
    const officer = await loadSigningKey(met.alone.naptip.secrets.officers.author)
    expect(await codeOf(() => adoptNextRoster(services, officer, () => ({})))).toBe('WIRE_SIG')
    expect((await services.status({})).rosterVersion).toBe(before)
  })
})

describe('what was heard over the telephone', { timeout: MEETING_MS }, () => {
  it('signs the charter when it is its number, in any spelling, and nothing when one digit differs', async () => {
    const { naptip, anltp } = met.alone
    await using other = await openNode({
      folder: anltp.folder,
      passphrase: passphraseOf('node'),
    })
    const own = await makeInvite(alone.services, await loadSigningKey(naptip.secrets.roster.seed))
    const theirs = await makeInvite(other.services, await loadSigningKey(anltp.secrets.roster.seed))
    await alone.services.importInvite({ invite: jsonOf(theirs) })
    await other.services.importInvite({ invite: jsonOf(own) })
    const seen = await alone.services.comparison({ agency: anltp.id })
    const there = await other.services.comparison({ agency: naptip.id })
    expect(seen.safetyNumber).toBe(there.safetyNumber)
    expect(seen.invites.map(({ agency, digits }) => [agency, digits])).toEqual(
      there.invites.map(({ agency, digits }) => [agency, digits]).toReversed(),
    )
    const roots = await Promise.all(naptip.secrets.roots.map((root) => loadRootPair(root)))
    const wrong = oneDigitOff(seen.safetyNumber)
    for (const typed of [wrong, seen.safetyNumber.slice(6), '', seen.invites[0]?.digits ?? '']) {
      const heard = { ...seen, typed }
      expect(await codeOf(() => confirmHeard(alone.services, heard, roots))).toBe(
        'TRUST_SAFETY_NUMBER',
      )
    }
    expect((await alone.services.status({})).peers).toMatchObject([{ state: 'comparing' }])
    const typed = ` ${seen.safetyNumber.replaceAll(' ', '-')}\n`
    const confirmed = await confirmHeard(alone.services, { ...seen, typed }, roots)
    expect(confirmed.inForce).toBe(false)
    expect(confirmed.charter.signatures).toHaveLength(4)
    expect((await alone.services.status({})).peers).toMatchObject([
      { agency: anltp.id, link: 'offline', queued: 0, state: 'confirmed-here' },
    ])
  })
})

describe('an officer’s program', { timeout: MEETING_MS }, () => {
  it('signs for officers that the roster lists with their keys, and for nobody else', async () => {
    await using node = await openNode({
      folder: met.naptip.folder,
      passphrase: passphraseOf('node'),
    })
    const { services } = node
    const { officers } = met.naptip.secrets
    const author = { id: 'author', key: await loadSigningKey(officers.author) }
    const approver = { id: 'approver', key: await loadSigningKey(officers.approver) }
    const signing = await services.context({ agency: AGENCIES.anltp })
    expect(signing.officers.map(({ id }) => id)).toEqual(['approver', 'author', 'reader'])
    const swapped = { id: 'author', key: approver.key }
    const strangers = [
      { author: swapped, approvers: [] },
      { author, approvers: [{ id: 'nobody', key: approver.key }] },
      { author: { ...author, id: 'reader' }, approvers: [] },
    ]
    for (const signers of strangers) {
      expect(await codeOf(() => signDraft(MINUTES, signers, signing))).toBe('CLI_OFFICER')
    }
    const signed = await signDraft(MINUTES, { author, approvers: [approver] }, signing)
    expect(signed.statement.signatures).toHaveLength(2)
    const dry = await sendDraft(services, MINUTES, { author, approvers: [], dryRun: true })
    expect(dry.queued).toBe(false)
    expect(await services.messages({ limit: 9 })).toEqual([])
    const sent = await sendDraft(services, MINUTES, { author, approvers: [] })
    expect(sent.queued).toBe(true)
    expect(await services.messages({ limit: 9 })).toMatchObject([
      { digest: sent.digest, from: AGENCIES.naptip, state: 'queued', to: [AGENCIES.anltp] },
    ])
  })
})

function oneDigitOff(digits: string): string {
  const last = Number(digits.at(-1))
  return `${digits.slice(0, -1)}${String((last + 1) % 10)}`
}
