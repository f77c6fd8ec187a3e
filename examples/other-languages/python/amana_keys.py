"""Identifiers, and one key for one use (docs/spec/02-keys-and-trust.md#one-key-one-use)."""
import hashlib
import re
from collections import namedtuple
from amana_bytes import (
    admit, b64, b64padded, b64text, canon, is_text, need, public, thumbprint, verify_text)

is_agency = is_text(1, 64, r'[a-z]{2}\.[a-z0-9]+(-[a-z0-9]+)*')
is_id = is_text(1, 32, '[a-z0-9]+(-[a-z0-9]+)*')
is_kind = is_text(1, 64, r'[a-z]+\.[a-z]+(-[a-z]+)*/[1-9][0-9]{0,2}')
is_role = is_text(1, 32, '(author|approve):[a-z]+|desk:[a-z0-9-]+'
                         '|case_manager|duty_officer|escort|custodian|supervisor|clinician|head')
is_name, is_peer, is_signature = is_text(1, 128), is_text(1, 64, '[1-9A-HJ-NP-Za-km-z]+'), is_text(86, 86)


def is_null_or(test):
    return lambda v: v is None or test(v)


def proven(key, label, content, signature):
    verify_text(key, f'amana/1/{label}\0{canon(content)}'.encode(), b64(signature))


BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'


def peer_key(peer):
    """The Ed25519 key inside a peer id: base58btc of 002408011220 and 32 bytes, in its one spelling."""
    number = 0
    for letter in peer:
        number = number * 58 + BASE58.index(letter)
    need(peer[0] == '1' and peer[1] != '1' and number < 2**296, 'WIRE_KEY')
    data = number.to_bytes(37, 'big')
    return need(data[:5].hex() == '2408011220', 'WIRE_KEY') and data[5:]


def vkeys(log, agency):
    """Name, type, length and id of the four verifier keys; gives their public keys."""
    number, keys = '[1-9][0-9]{0,5}', []
    need(re.fullmatch(f'{re.escape(agency)}/amana/audit/{number}', log['origin']), 'WIRE_KEY')
    for text, kind in zip(log['log'] + log['witness'], (1, 6, 4, 6)):
        name, ident, data = (text.split('+', 2) + ['', ''])[:3]
        data = b64padded(data)
        witness = re.fullmatch(f'{re.escape(agency)}/amana/witness/{number}', name)
        need(name == log['origin'] if text in log['log'] else witness, 'WIRE_KEY')
        need(data[:1] == bytes([kind]) and len(data) == (1313 if kind == 6 else 33), 'WIRE_KEY')
        need(ident == hashlib.sha256(name.encode() + b'\n' + data).hexdigest()[:8], 'WIRE_KEY')
        keys.append(data[1:])
    return keys


Use = namedtuple('Use', 'use owner alg data kid holder')


def use_of(use, owner, key, holder=None):
    return Use(use, owner, key['alg'], public(key), thumbprint(key), holder)


def bare_use(use, owner, data):
    """A key that stands in a peer id or a verifier key. An Ed25519 key has an id there too."""
    if len(data) == 32:
        return use_of(use, owner, {'alg': 'Ed25519', 'crv': 'Ed25519', 'kty': 'OKP', 'x': b64text(data)})
    return Use(use, owner, 'ML-DSA-44', data, None, None)


def uses_of_charter(content):
    for agency, entry in content['agencies'].items():
        for use, pairs in (('root', entry['roots']), ('recovery', entry['recovery'])):
            for pair in pairs:
                yield from (use_of(use, (agency,), pair[half]) for half in ('ed', 'pq'))
        yield from (use_of('roster', (agency,), key) for key in entry['rosterKeys'])
    yield from (use_of('charter witness', (one['name'],), one['key']) for one in content['witnesses'])


def uses_of_roster(content):
    agency = content['agency']
    for desk in content['desks']:
        yield from (use_of('desk', (agency, desk['id']), key['jwk'], key) for key in desk['encryption'])
    for officer in content['officers']:
        owner = agency, officer['id']
        yield use_of('officer', owner, officer['key'], officer)
        yield from (use_of('officer encryption', owner, key['jwk'], key) for key in officer['encryption'])
    for node in content['nodes']:
        owner = agency, node['peerId']
        yield use_of('node', owner, node['sealKey'], node)
        yield bare_use('libp2p', owner, peer_key(node['peerId']))
        yield from (use_of('deposit', owner, key['jwk'], key) for key in node['depositKey'])
    for node in content['nodes'][:1]:
        for place, key in enumerate(vkeys(node['log'], agency)):
            yield bare_use(('log', 'witness')[place // 2], (agency,), key)


def one_use(*documents):
    """In one document a key stands once; in several for one use and one owner."""
    owners = {}
    for uses in map(list, documents):
        need(len({one.data for one in uses}) == len(uses), 'WIRE_KEY')
        need(all(owners.setdefault(one.data, one[:2]) == one[:2] for one in uses), 'WIRE_KEY')


def admit_all(uses):
    for one in uses:
        admit(one.alg, one.data)
