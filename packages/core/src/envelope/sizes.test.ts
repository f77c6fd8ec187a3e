import { beforeAll, describe, expect, it } from 'vitest'
import {
  measureStages,
  RATIO_LIMIT,
  type StageBytes,
  wireCost,
  wireRatio,
} from '../../../../test/bench/byte-stages.ts'

const ML_KEM_CIPHERTEXT_BYTES = 1088

let stages: StageBytes

beforeAll(async () => {
  stages = await measureStages()
})

describe('a whole referral on the wire', () => {
  it('is at most 2.2 times its plain JSON, without its post-quantum part', () => {
    expect(RATIO_LIMIT).toBe(2.2)
    expect(wireRatio(stages)).toBeLessThanOrEqual(RATIO_LIMIT)
  })

  it('pays for its post-quantum part what ML-KEM puts into a ciphertext, and nothing more', () => {
    const { frame, frameWithoutPostQuantum } = stages
    const paid = frame - frameWithoutPostQuantum
    expect(paid).toBeGreaterThan(ML_KEM_CIPHERTEXT_BYTES - 32)
    expect(paid).toBeLessThan(ML_KEM_CIPHERTEXT_BYTES + 64)
  })

  it('costs with its receipt at most 2.2 times its plain JSON, and 1.35 times among 64', () => {
    const cost = wireCost(stages)
    expect(cost.aloneWithoutPostQuantum).toBeLessThanOrEqual(2.2)
    expect(cost.of64WithoutPostQuantum).toBeLessThanOrEqual(1.35)
    expect(cost.alone - cost.aloneWithoutPostQuantum).toBeGreaterThan(0.15)
  })

  it('costs each of 64 in one dispatch less than one alone', () => {
    expect(stages.frameOf64).toBeLessThan(stages.frame)
  })
})
