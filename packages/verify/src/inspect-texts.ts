/**
 * Objects that are text: checkpoints and presentations.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { encodeBase64url, parseCheckpoint, parseNote, parsePresentation } from '@amana/core'
import { type InspectMember, jwsMembers, memberOf } from './inspect-members.ts'

/**
 * Members of a checkpoint.
 *
 * @throws AUDIT_NOTE, AUDIT_CHECKPOINT when it is malformed
 */
export function checkpointMembers(text: string): readonly InspectMember[] {
  const note = parseNote(text)
  const { origin, size, root } = parseCheckpoint(note.text)
  return [
    memberOf({ kind: 'checkpoint', name: 'origin', value: origin }),
    memberOf({ kind: 'checkpoint', name: 'size', value: size }),
    memberOf({ kind: 'checkpoint', name: 'root', value: encodeBase64url(root) }),
    ...note.signatures.map(({ name, keyId, signature }, index) =>
      memberOf({
        kind: 'checkpoint',
        name: 'signature',
        path: `signatures.${String(index)}`,
        value: `${name} ${keyId} (${String(signature.length)})`,
        visibility: 'signature',
      }),
    ),
  ]
}

/**
 * Members of a presentation: the statement, and of every group what was disclosed.
 *
 * @throws WIRE_* as `parsePresentation`
 */
export function presentationMembers(text: string): readonly InspectMember[] {
  const { groups, hidden, statement } = parsePresentation(text)
  const { jws, payload, signatures } = statement.signed
  const headers = signatures.map(({ keyId, algorithm, act = '' }) => ({
    act,
    alg: algorithm,
    kid: keyId,
  }))
  return [
    ...jwsMembers({ kind: 'statement', jws, payload, headers }, ''),
    ...Object.entries(groups).map(([group, { value, extent }]) =>
      memberOf({ kind: 'presentation', name: extent, path: `groups.${group}`, value }),
    ),
    ...hidden.map((group) =>
      memberOf({
        kind: 'presentation',
        name: 'hidden',
        path: `groups.${group}`,
        value: '',
        visibility: 'sealed',
      }),
    ),
  ]
}
