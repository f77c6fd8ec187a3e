/**
 * What goes wrong at the receiver itself refuses nothing: it goes up, and the envelope takes no place.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { craft } from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  outcomeOf,
  receiverOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { type Receiver } from './open.ts'

vi.setConfig({ testTimeout: 30_000 })

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

const fault = async (): Promise<never> => Promise.reject(new Error('disk full'))
const storeDamaged = (): AmanaError => new AmanaError('STORE_DAMAGED', { space: 'identity' })
const damaged = async (): Promise<never> => Promise.reject(storeDamaged())

describe('a fault of the receiving node', () => {
  it.each<[string, Partial<Receiver>]>([
    ['before the place', { headOf: fault }],
    ['in the whole dispatch', { ownDispatchAt: fault }],
    ['in one statement', { statementOf: fault }],
  ])('%s goes up and refuses nothing', async (_name, changes) => {
    const { bytes } = await craft(world, {
      acknowledges: { digest: digest('own'), sequence: 1 },
    })
    const receiver = receiverOf(world, { ownDispatchAt: async () => digest('own'), ...changes })
    await expect(outcomeOf(bytes, receiver)).rejects.toThrow('disk full')
  })

  it.each<[string, Partial<Receiver>]>([
    ['in the whole dispatch', { ownDispatchAt: damaged }],
    ['in one statement', { statementOf: damaged }],
    [
      'at the seal',
      {
        deskKey: () => {
          throw storeDamaged()
        },
      },
    ],
  ])('%s whose code has no class goes up too, and refuses nothing', async (_name, changes) => {
    const { bytes } = await craft(world, {
      acknowledges: { digest: digest('own'), sequence: 1 },
    })
    const receiver = receiverOf(world, { ownDispatchAt: async () => digest('own') })
    expect(await outcomeOf(bytes, receiver)).toEqual({
      place: 'taken',
      results: ['opened'],
    })
    expect(await outcomeOf(bytes, { ...receiver, ...changes })).toEqual({
      place: 'none',
      results: ['STORE_DAMAGED'],
    })
  })
})
