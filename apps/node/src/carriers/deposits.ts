/**
 * Frames that a carrier takes: sealed to the peer's node, and opened when they come from it.
 *
 * @module
 * @spec docs/spec/09-carriers.md#reading-one
 */
import {
  AmanaError,
  depositKeyIn,
  lastDepositKeyIn,
  openDeposit,
  parseDeposit,
  sealDeposit,
} from '@amana/core'
import { decodeFrame, encodeFrame, type FrameType } from '../exchange/frames.ts'
import { type NodeParts } from '../node-parts.ts'
import { CARRIED_TYPES, type CarriedType } from '../ports.ts'

/** A frame that is carried. */
export interface CarriedFrame {
  readonly type: CarriedType
  readonly body: Uint8Array
}

type SealingParts = Pick<NodeParts, 'agency' | 'clock' | 'random' | 'trust'>
type OpeningParts = Pick<NodeParts, 'agency' | 'ring' | 'trust'>

/**
 * Seals a frame for the peer's node.
 *
 * @throws TRUST_NO_CHARTER, TRUST_EXPIRED, TRUST_DEPOSIT
 */
export async function sealFrame(parts: SealingParts, frame: CarriedFrame): Promise<Uint8Array> {
  const { agency, clock, random, trust } = parts
  const to = trust.peer()
  const roster = trust.view().rosterOf(to)
  const keyIn = frame.type === 'trust' ? lastDepositKeyIn : depositKeyIn
  const key = keyIn(roster, clock.now())
  return sealDeposit({ from: agency, to, frame: encodeFrame(frame), key, random })
}

/**
 * Opens a deposit for this node. Whoever made it is not known yet: each frame says that itself.
 *
 * @throws WIRE_NOT_FOR_ME, WIRE_ISS, WIRE_DEPOSIT_KEY, NET_FRAME; as `parseDeposit` and `openDeposit`
 */
export async function openFrame(parts: OpeningParts, bytes: Uint8Array): Promise<CarriedFrame> {
  const deposit = parseDeposit(bytes)
  const { from, keyId, to } = deposit
  if (to !== parts.agency) throw new AmanaError('WIRE_NOT_FOR_ME', { agency: to })
  if (from !== parts.trust.peer()) throw new AmanaError('WIRE_ISS', { issuer: from })
  const key = parts.ring.depositKey(keyId)
  if (key === undefined) throw new AmanaError('WIRE_DEPOSIT_KEY', { keyId })
  const { body, type } = decodeFrame(await openDeposit(deposit, key))
  if (!isCarried(type)) throw new AmanaError('NET_FRAME', { reason: 'type' })
  return { body, type }
}

function isCarried(type: FrameType): type is CarriedType {
  return CARRIED_TYPES.some((carried) => carried === type)
}
