/**
 * The filled referral as the commands of one agency send it: for tests that go on from a message which lies with the
 * other one.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { answerOf, type DiskAgency } from './agency-on-disk.ts'
import { FILLED_REFERRAL } from './filled-referral.ts'

/** What `message send` answers. */
export const SentSchema = z.looseObject({ digest: z.string() })

/** Words that send the draft, which is written into `root`; two officers of Niamey sign it. */
export async function sendingReferral(root: string): Promise<readonly string[]> {
  const file = join(root, 'referral.json')
  const routing = { ...FILLED_REFERRAL['routing'], caseOwner: 'case-niamey' }
  const draft = {
    kind: 'victim.referral/1',
    to: { agency: 'ng.naptip' },
    handling: { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] },
    groups: { ...FILLED_REFERRAL, routing },
  }
  await writeFile(file, JSON.stringify(draft))
  const signers = ['--officer', 'case-niamey', '--approve', 'supervisor-niamey']
  return ['message', 'send', file, ...signers]
}

/** Sends it; the digest of the statement. */
export async function sendReferral(root: string, niamey: DiskAgency): Promise<string> {
  return SentSchema.parse(await answerOf(niamey, await sendingReferral(root))).digest
}
