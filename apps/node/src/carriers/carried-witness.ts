/**
 * The mutual witness over carriers: one request at a time goes again until its answer has come, and an answer that cosigns
 * is kept until the next one does.
 *
 * @module
 * @spec docs/spec/09-carriers.md#checkpoints-and-their-answers
 */
import {
  AmanaError,
  decodeBase64url,
  encodeBase64url,
  parseNote,
  parseWitnessAnswer,
  type WitnessAnswer,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { deleteRecord, getRecord, listRecords, putRecord, RECORDS } from '../records.ts'
import { type StoreWrite } from '../ports.ts'

/** An answer that cosigns gives way to one that does not after so long: the peer's store may be another by then. */
const ANSWER_SECONDS = 7 * 86_400
/** Heads that an answer may have been for already. */
const LAST_HEADS = 64

type Parts = Pick<NodeParts, 'audit' | 'clock' | 'store' | 'trust' | 'witness'>

/**
 * The request to cosign for the peer: the one that waits for its answer, else one for the newest head. One after the other:
 * of two requests at once the peer could cosign the one that is not kept here.
 */
export async function carriedRequest(parts: Parts): Promise<Uint8Array> {
  return parts.witness.inTurn(() => requestFor(parts))
}

async function requestFor(parts: Parts): Promise<Uint8Array> {
  const { clock, store, trust, witness } = parts
  const known = await getRecord(store, RECORDS.carriedRequest, trust.peer())
  const newest = Math.max((await witness.newest()).size, 1)
  const isWaiting = known !== undefined && 'request' in known
  if (isWaiting && newest <= known.oldSize) return decodeBase64url(known.request)
  const from = known !== undefined && 'from' in known ? known.from : newest
  const asked = await witness.carriedRequest(Math.max(from, newest))
  const { note, oldSize, request, size } = asked
  const kept = { at: clock.now(), note, oldSize, request: encodeBase64url(request), size }
  await write(parts, [putRecord(RECORDS.carriedRequest, trust.peer(), kept)])
  return request
}

/** The answer to the peer's last request that a carrier brought. */
export async function carriedAnswer({
  store,
  trust,
}: Pick<Parts, 'store' | 'trust'>): Promise<Uint8Array | undefined> {
  const known = await getRecord(store, RECORDS.carriedAnswer, trust.peer())
  return known === undefined ? undefined : decodeBase64url(known.answer)
}

/** Answers a request that a carrier brought; true where the answer is another than before. */
export async function answerCarried(parts: Parts, request: Uint8Array): Promise<boolean> {
  const { clock, store, trust, witness } = parts
  const peer = trust.peer()
  const answer = await witness.answer(request, peer)
  const { status } = parseWitnessAnswer(answer)
  const isCosigned = status === 200
  const before = await getRecord(store, RECORDS.carriedAnswer, peer)
  const now = clock.now()
  const isKept = before?.isCosigned === true && Math.abs(now - before.at) < ANSWER_SECONDS
  if (isKept && !isCosigned) return false
  const record = { answer: encodeBase64url(answer), at: now, isCosigned }
  await write(parts, [putRecord(RECORDS.carriedAnswer, peer, record)])
  return record.answer !== before?.answer
}

/**
 * Takes an answer that a carrier brought; false where nothing waits for it, or it was taken before.
 *
 * @throws AUDIT_WITNESS_ANSWER, AUDIT_CHECKPOINT_SIGNATURE; AUDIT_NOT_WITNESSED when the peer does not cosign
 */
export async function takeAnswer(parts: Parts, bytes: Uint8Array): Promise<boolean> {
  const { store, trust, witness } = parts
  const peer = trust.peer()
  const answer = parseWitnessAnswer(bytes)
  const asked = await getRecord(store, RECORDS.carriedRequest, peer)
  if (asked === undefined || !('request' in asked) || (await wasTaken(parts, answer))) return false
  if (answer.status === 200) {
    await witness.takeCarried(asked.note, answer.cosignatures, peer)
    await write(parts, [deleteRecord(RECORDS.carriedRequest, peer)])
    return true
  }
  return takeNo(parts, asked, answer.size ?? 0)
}

/** The peer continues from another size, or does not cosign. @throws AUDIT_NOT_WITNESSED */
async function takeNo(
  parts: Parts,
  asked: { readonly oldSize: number; readonly size: number },
  from: number,
): Promise<boolean> {
  // the size that was asked from, or one before it: the answer to an earlier request, which must not displace this one
  if (from > 0 && from <= asked.oldSize) return false
  const peer = parts.trust.peer()
  const isOther = from > 0 && from <= asked.size
  await write(parts, [
    isOther
      ? putRecord(RECORDS.carriedRequest, peer, { from })
      : deleteRecord(RECORDS.carriedRequest, peer),
  ])
  if (isOther) return true
  throw new AmanaError('AUDIT_NOT_WITNESSED', { size: asked.size, witnesses: 0, quorum: 1 })
}

/** Whether each signature stands under a head that was cosigned already: last month's stick. */
async function wasTaken({ store }: Parts, { cosignatures }: WitnessAnswer): Promise<boolean> {
  if (cosignatures.length === 0) return false
  const heads = await listRecords(store, RECORDS.note, { limit: LAST_HEADS, reverse: true })
  const own = cosignatures.map(({ signature }) => encodeBase64url(signature))
  return heads.some(({ value }) => {
    const under = parseNote(value.note).signatures.map((one) => encodeBase64url(one.signature))
    return own.every((signature) => under.includes(signature))
  })
}

async function write({ audit }: Parts, writes: readonly StoreWrite[]): Promise<void> {
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}
