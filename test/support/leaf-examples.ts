/**
 * One example of `data` for every event of the specification; the required member first.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { digest, type EventName, type Json } from '@amana/core'
import { LOG } from './built-log.ts'

const [env, std, rcpt] = [digest('env'), digest('std'), digest('rcpt')]
const to = 'ne.anltp-tim'
const officer = 'u_8Jx2kq0ZbYw3tQmN'
const approvers = [officer, 'u_AAAAAAAAAAAAAAAA']
const session = 'c2Vzc2lvbi0xMjM0'

/** By event. */
export const LEAF_EXAMPLES: Readonly<Record<EventName, Readonly<Record<string, Json>>>> = {
  'a.audit-export': {
    bundle: digest('bundle'),
    classes: ['w', 'x'],
    format: 'bundle',
    purpose: 'audit',
    range: [0, 7],
  },
  'a.copy': { digest: digest('text'), env, purpose: 'referral', std },
  'a.denied': { act: 'open', code: 'CLI_NO_MESSAGE', std },
  'a.export': { digest: digest('file'), format: 'presentation', purpose: 'prosecution', std },
  'a.grant': { count: 100, key: digest('encryption key') },
  'a.list': { count: 100, purpose: 'referral', what: 'messages' },
  'a.login': { method: 'passkey', session },
  'a.login-failed': { method: 'passphrase' },
  'a.logout': { session },
  'a.open': { bg: false, env, purpose: 'referral', std },
  'a.print': { digest: digest('page'), purpose: 'supervision', session },
  'a.release': { count: 1, std },
  'a.review': { ref: 3, result: 'justified' },
  'a.search': { count: 0, purpose: 'investigation', session, what: 'referrals' },
  'g.actor': { officer, op: 'enroll', year: 2026 },
  'g.admin': { action: 'backup', approvers, target: 'store' },
  'g.closed': { next: 'ng.naptip/amana/audit/2', reason: 'keys' },
  'g.config': { new: digest('config 2'), old: digest('config 1') },
  'g.decision': { policy: digest('policy'), rule: 'receiver-desk', std, verdict: 'deny' },
  'g.erased': { done: 'all', ref: 5 },
  'g.erasure': { approvers, basis: 'consent', digests: [std], keys: [] },
  'g.genesis': { agency: 'ng.naptip', keys: [`${LOG}+d829c033+AQAA`] },
  'g.hold': { approvers, basis: 'court-order', std },
  'g.key': { done: 'destroyed', key: digest('key'), use: 'desk' },
  'g.policy': { new: digest('charter'), version: 1 },
  'g.recovery': { agency: to, new: digest('charter 2'), time: 1, version: 2 },
  'g.recovery-refused': { by: digest('another charter 2'), new: digest('charter 2'), version: 2 },
  'g.roster': { agency: to, new: digest('roster 2'), old: digest('roster 1'), version: 2 },
  'g.unhold': { approvers: [], basis: 'prosecution', std },
  'w.anchor': { digest: digest('heads'), kind: 'minutes' },
  'w.clock': { offset: -30, source: 'peer' },
  'w.conflict': { evidence: digest('notes'), kind: 'fork', log: LOG },
  'w.cosigned': { by: `${to}/amana/witness/1`, note: digest('note'), size: 7, time: 1 },
  'w.pad': {},
  'w.refused': { code: 'AUDIT_CHECKPOINT_SIGNATURE' },
  'w.scrub': { from: 0, ok: true, to: 7 },
  'w.seal': { heads: { a: [-1, -1], g: [0, 0], w: [-1, -1], x: [2, 5] } },
  'w.witness': { log: LOG, note: digest('note'), root: digest('root'), size: 7, time: 1 },
  'x.attached': { att: digest('attachment'), env, std },
  'x.delivered': {
    env,
    outcome: 'opened',
    peerHash: digest('leaf'),
    peerSequence: 0,
    rcpt,
    std,
    to,
  },
  'x.excess': { env, groups: ['health', 'investigation'], std },
  'x.expired': { env, std, to },
  'x.fetched': { att: digest('attachment'), std, to },
  'x.receipt': { env, outcome: 'refused', rcpt, std },
  'x.received': { env, from: to, osig: digest('osig'), std },
  'x.refused': { code: 'WIRE_SCHEMA', env, std },
  'x.rejected': { code: 'WIRE_SIG', count: 3 },
  'x.sealed': { env, kind: 'task.travel-document/1', std, to },
  'x.sent': { env, to, try: 1 },
  'x.unfit': { att: digest('attachment'), code: 'WIRE_ATTACHMENT_CHUNK', env, std },
}
