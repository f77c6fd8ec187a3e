/**
 * Labels of codes and of fields, and nothing where there is none.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import { describe, expect, it } from 'vitest'
import { codeLabel, fieldLabel } from './labels.ts'

describe('the label of a field', () => {
  it.each([
    ['custody.members.3.referral', 'Référence du référencement'],
    ['routing.dueAt', 'Échéance'],
    ['custody.members', 'Personnes'],
    ['identity.birthDate', 'Date de naissance'],
    ['operation.codename', 'Nom de code'],
  ])('at %s is that of the last name', (path, label) => {
    expect(fieldLabel(path, 'fr')).toBe(label)
  })

  it.each(['', '3', 'routing.constructor', 'toString', 'routing.nothing'])(
    'of %j is not there',
    (path) => {
      expect(fieldLabel(path, 'en')).toBeUndefined()
    },
  )
})

describe('the label of a code', () => {
  it('is that of its list', () => {
    expect(codeLabel('dsrType', 'access', 'fr')).toBe('Accès')
    expect(codeLabel('dsrType', 'vot', 'fr')).toBeUndefined()
    expect(codeLabel('toString', 'vot', 'fr')).toBeUndefined()
  })
})
