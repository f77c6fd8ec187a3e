/**
 * One input of each method of a node’s services, as a client may send it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { type ServiceName } from '../../apps/node/src/service-inputs.ts'

const STATEMENT = 'A'.repeat(43)
const WRAP = {
  encapsulated: 'A'.repeat(1494),
  key: 'A'.repeat(64),
  kid: 'A'.repeat(43),
  officer: 'off-0417',
}

/** An input of each method that its schema takes. */
export const SERVICE_SAMPLES: { readonly [N in ServiceName]: Readonly<Record<string, unknown>> } = {
  status: {},
  context: { agency: 'ne.anltp-tim' },
  submit: { statement: { a: [1, 'é'] }, opening: null, dryRun: true },
  withdraw: { digest: 'abcdef', reason: 'consent', dryRun: true },
  messages: { limit: 10_000 },
  message: { digest: 'abcdef', purpose: 'referral', breakGlass: true, by: {}, reason: 'why' },
  challenge: {},
  presentation: { digest: 'abcdef', disclose: ['/identity/age'], purpose: 'audit' },
  exportMessage: { digest: 'abcdef', disclosure: null, purpose: 'audit', to: '/tmp/m' },
  exportEnvelope: { digest: 'abcdefgh', desk: 'shelter-x', purpose: 'protection', to: '/x' },
  attachments: { digest: 'abcdef' },
  saveAttachment: { digest: 'abcdef', attachment: '1', purpose: 'referral', to: '/x' },
  grantable: { to: 'off-0417', by: {} },
  grant: { to: 'off-0417', by: {}, wraps: [{ group: 'needs', statement: STATEMENT, wrap: WRAP }] },
  referrals: { limit: 1 },
  referral: { reference: 'NE-2026-000001', purpose: 'referral' },
  referralNext: { reference: 'NE-2026-000001', purpose: 'referral' },
  referralPlace: { reference: 'NE-ANLTP-21-7K3QX9M4-I' },
  knownReferrals: { references: ['NE-ANLTP-21-7K3QX9M4-I'] },
  handOver: { reference: 'NE-2026-000001' },
  rosters: {},
  rosterChain: { agency: 'ne.anltp-tim' },
  keys: {},
  makeKeys: { use: 'protection' },
  makeNodeKeys: {},
  signedBy: { keyId: 'abc' },
  adoptRoster: { roster: {} },
  ownEntry: {},
  importInvite: { invite: {} },
  keepInvite: { invite: {} },
  comparison: { agency: 'ne.anltp-tim' },
  charter: {},
  confirmCharter: { charter: {} },
  rejectInvite: { agency: 'ne.anltp-tim' },
  countQueue: { agency: 'ne.anltp-tim' },
  exportQueue: { agency: 'ne.anltp-tim', after: { after: 3, type: 'envelope' }, to: '/media/usb' },
  inspectDeposits: { files: ['/media/usb/a'] },
  importDeposits: { files: ['/media/usb/a'] },
  exportBundle: { to: '/tmp/bundle' },
  exportTiles: { to: '/tmp/tiles' },
  exportPolicy: { to: '/tmp/policy' },
  auditVerify: {},
  cosignedHead: {},
  checkEpoch: { agreement: {} },
  acceptEpoch: { agreement: {} },
  exportConflict: { to: '/tmp/e', log: 'ng.naptip/amana/audit/1' },
  anchor: {},
  confirmAnchor: { text: 'amana anchor 1' },
  auditAccess: { purpose: 'audit', from: '2026-11-01', message: 'abcdef', until: '2026-11-30' },
  auditList: { purpose: 'audit', classes: ['a'], disclose: true, event: 'a.open', limit: 9 },
  auditProve: { index: 7, purpose: 'prosecution', to: '/tmp/proof' },
  auditReview: { by: {}, index: 7, result: 'justified' },
  witness: { timeoutMs: 1 },
  waitDelivered: { timeoutMs: 600_000 },
}
