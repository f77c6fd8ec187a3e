import { expect, it } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { parseConflictEvidence } from './conflict-evidence.ts'

it.each(['', '{}\n', '{"record":"conflict"}\n', 'null\n'])(
  'evidence of two histories is not %j',
  (text) => {
    expect(() => parseConflictEvidence(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'AUDIT_CONFLICT_FORM' }),
    )
  },
)
