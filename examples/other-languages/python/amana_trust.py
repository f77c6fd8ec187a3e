"""Keys and trust: charter, rosters, who signed, policy file (docs/spec/02-keys-and-trust.md)."""
import hashlib
import re
from collections import namedtuple
from amana_bytes import (
    Refused, Signed, admit, b64, b64padded, b64text, canon, is_digest, is_instant, is_int, is_key, is_text, is_version,
    list_of, map_of, need, one_of, public, shape, thumbprint, verify, verify_text)

is_agency = is_text(1, 64, r'[a-z]{2}\.[a-z0-9]+(-[a-z0-9]+)*')
is_id = is_text(1, 32, '[a-z0-9]+(-[a-z0-9]+)*')
is_kind = is_text(1, 64, r'[a-z]+\.[a-z]+(-[a-z]+)*/[1-9][0-9]{0,2}')
is_role = is_text(1, 32, '(author|approve):[a-z]+|desk:[a-z0-9-]+'
                         '|case_manager|duty_officer|escort|custodian|supervisor|clinician|head')
is_desk_role = one_of('shelter', 'medical', 'embassy_consular', 'border_officer', 'escort_transport', 'prosecutor',
                      'investigator', 'juvenile_judge', 'guardian_representative', 'ngo_service_provider',
                      'io_partner_iom')
is_name, is_peer, is_signature = is_text(1, 128), is_text(1, 64, '[1-9A-HJ-NP-Za-km-z]+'), is_text(86, 86)


def spanned(**spec):
    whole = shape(exp=is_instant, nbf=is_instant, **spec)
    return lambda v: whole(v) and v['nbf'] < v['exp']


def is_null_or(test):
    return lambda v: v is None or test(v)


is_pair = shape(ed=is_key('Ed25519'), pq=is_key('ML-DSA-65'))
is_rotating, is_desk_key = spanned(jwk=is_key('HPKE-9-KE')), spanned(jwk=is_key('HPKE-9-KE', 'ECDH-ES+A256KW'))
is_vkey_pair = list_of(is_text(0, 2048), 2, 2)
CHARTER = {
    'agencies': map_of(is_agency, shape(
        name=is_name, recovery=list_of(is_pair, 1, 8), recoveryThreshold=is_int(0, 8),
        roots=list_of(is_pair, 1, 8), threshold=is_int(0, 8),
        roster=shape(digest=is_digest, version=is_version),
        rosterKeys=lambda v: need(list_of(is_key('Ed25519'), 1, 4)(v), 'WIRE_KEY')), 2, 4),
    'exp': is_instant, 'iat': is_instant,
    'kinds': map_of(is_kind, shape(approvals=is_int(0, 3), aud=list_of(is_agency, 1, 4, '')), 0, 64),
    'limits': shape(hold=is_int(0, 31536000), recipients=is_int(1, 16), skew=is_int(0, 3600)),
    'previous': is_null_or(is_digest), 'suites': list_of(one_of('A1', 'A2'), 1, 2, ''), 'version': is_version,
    'witnesses': list_of(shape(key=is_key('Ed25519'), name=is_name), 0, 8)}
ROSTER = {
    'agency': is_agency, 'exp': is_instant, 'iat': is_instant, 'matching': one_of([]), 'version': is_version,
    'desks': list_of(shape(encryption=list_of(is_desk_key, 1, 16), external=one_of(True, False), id=is_id,
                           roles=list_of(is_desk_role, 0, 32, '')), 0, 32, 'id'),
    'nodes': list_of(spanned(
        addresses=list_of(is_text(2, 256, '/[!-~]+'), 0, 8), binding=is_signature, peerId=is_peer,
        depositKey=list_of(is_rotating, 1, 16), desks=list_of(is_id, 0, 32, ''), sealKey=is_key('Ed25519'),
        log=shape(genesis=is_digest, log=is_vkey_pair, origin=is_text(0, 128), witness=is_vkey_pair)), 0, 4, 'peerId'),
    'officers': list_of(spanned(
        encryption=list_of(is_rotating, 0, 16), id=is_id, key=is_key('Ed25519'), organisation=is_agency,
        proof=is_signature, roles=list_of(is_role, 0, 32, '')), 0, 512, 'id'),
    'previous': is_null_or(is_digest),
    'revoked': list_of(shape(kid=is_digest, since=is_instant,
                             reason=one_of('compromise', 'left', 'lost', 'superseded')), 0, 1024, 'kid')}


def span(content, days):
    need(content['iat'] < content['exp'] <= content['iat'] + days * 86400, 'TRUST_EXPIRED')


def verify_charter(jws):
    """Charter 1 as history. Of each root pair the Ed25519 half is verified, the ML-DSA-65 half must only be there."""
    charter = Signed(jws, 'amana-charter+jws', 65536, 64).read(CHARTER)
    content, pairs, signers = charter.content, {}, set()
    for agency, entry in content['agencies'].items():
        need(1 <= entry['recoveryThreshold'] <= len(entry['recovery']), 'TRUST_THRESHOLD')
        need(2 <= entry['threshold'] <= len(entry['roots']), 'TRUST_THRESHOLD')
        pairs[agency] = [{thumbprint(pair[half]): pair[half] for half in ('ed', 'pq')} for pair in entry['roots']]
    span(content, 365)
    need(all(set(rule['aud']) <= set(pairs) for rule in content['kinds'].values()), 'WIRE_MEMBER')
    admit_all(uses_of_charter(content))
    one_use(uses_of_charter(content))
    need(content['version'] == 1 and content['previous'] is None, 'TRUST_CHAIN')
    roots = {kid: key for of_agency in pairs.values() for pair in of_agency for kid, key in pair.items()}
    others = {one.kid for one in uses_of_charter(content)}
    for signature in charter.signatures:
        kid = signature[0]['kid']
        need(kid in roots, 'WIRE_KEY_USE' if kid in others else 'WIRE_KID_UNKNOWN')
        verify(roots[kid], signature)
        signers.add(kid)
    for agency, entry in content['agencies'].items():
        need(sum(set(pair) <= signers for pair in pairs[agency]) >= entry['threshold'], 'TRUST_THRESHOLD')
    return charter


def verify_roster(jws, charter, before=None):
    """The first roster that the charter binds, or the one that follows `before`; as history."""
    roster = Signed(jws, 'amana-roster+jws', 262144, 1).read(ROSTER)
    content, entries = roster.content, charter.content['agencies']
    need(content['agency'] in entries, 'WIRE_ISS')
    entry = entries[content['agency']]
    signed_by_roster_key(roster, entry)
    span(content, 35)
    if before:
        need(content['version'] == before.content['version'] + 1, 'TRUST_ROLLBACK')
        need(content['previous'] == before.digest, 'TRUST_CHAIN')
    else:
        need(content['version'] == entry['roster']['version'], 'TRUST_ROLLBACK')
        need(roster.digest == entry['roster']['digest'], 'WIRE_FORK')
        need(content['version'] != 1 or content['previous'] is None, 'TRUST_CHAIN')
    revocations(content, before.content if before else None)
    desks, nodes = {desk['id'] for desk in content['desks']}, content['nodes']
    need(all(set(node['desks']) <= desks and node['log'] == nodes[0]['log'] for node in nodes), 'WIRE_MEMBER')
    admit_all(uses_of_roster(content))
    earlier = [uses_of_roster(before.content)] if before else []
    one_use(uses_of_charter(charter.content), *earlier, uses_of_roster(content))
    for node in nodes:
        bound = {'agency': content['agency'], 'peerId': node['peerId'], 'sealKey': thumbprint(node['sealKey'])}
        proven(peer_key(node['peerId']), 'bind', bound, node['binding'])
    for officer in content['officers']:
        own = {'agency': content['agency'], 'id': officer['id'], 'kid': thumbprint(officer['key'])}
        proven(public(officer['key']), 'pop', own, officer['proof'])
    return roster


def signed_by_roster_key(roster, entry):
    keys = {thumbprint(key): key for key in entry['rosterKeys']}
    need(roster.signatures[0][0]['kid'] in keys, 'WIRE_SIG')
    verify(keys[roster.signatures[0][0]['kid']], roster.signatures[0])


def revocations(content, before):
    now = {entry['kid']: entry for entry in content['revoked']}
    known = {entry['kid']: entry for entry in before['revoked']} if before else {}
    need(all(now.get(kid) == entry for kid, entry in known.items()), 'TRUST_REVOCATION')
    if before or content['version'] == 1:
        fresh = [entry for kid, entry in now.items() if kid not in known]
        need(all(entry['reason'] in ('compromise', 'lost') or entry['since'] >= content['iat'] for entry in fresh),
             'TRUST_REVOCATION')


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
            for place, pair in enumerate(pairs):
                yield from (use_of(use, (agency, place), pair[half]) for half in ('ed', 'pq'))
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


SUITES = {'A1': 'ECDH-ES+A256KW', 'A2': 'HPKE-9-KE'}


class Trust:
    """A view: one charter and the rosters known under it."""

    def __init__(self, charter, rosters):
        self.charter, self.content, self.rosters = charter, charter.content, {}
        for roster in rosters:
            need(roster.content['agency'] in self.content['agencies'], 'WIRE_ISS')
            signed_by_roster_key(roster, self.content['agencies'][roster.content['agency']])
            known = self.rosters.setdefault(roster.content['agency'], [])
            same = [other for other in known if other.content['version'] == roster.content['version']]
            need(all(other.digest == roster.digest for other in same), 'WIRE_FORK')
            known.extend([] if same else [roster])
            known.sort(key=lambda one: one.content['version'])
        contents = [roster.content for known in self.rosters.values() for roster in known]
        one_use(uses_of_charter(self.content), *map(uses_of_roster, contents))
        self.uses = [(content, one) for content in contents for one in uses_of_roster(content)]
        self.elsewhere = {one.kid for one in uses_of_charter(self.content)}

    def known(self, agency):
        need(agency in self.content['agencies'], 'WIRE_ISS')
        return need(self.rosters.get(agency), 'TRUST_NO_ROSTER') and self.rosters[agency]

    def revoked(self, agency):
        return {entry['kid']: entry for entry in self.known(agency)[-1].content['revoked']}

    def signer(self, use, agency, kid, instant, covered=False):
        """The officer or node of `agency` that had this key at that instant."""
        rosters = self.known(agency)
        need(covered or kid not in self.revoked(agency), 'WIRE_KEY_REVOKED')
        for moment in (instant, instant + 300):
            at = ([roster for roster in rosters if roster.content['iat'] <= moment] or rosters[:1])[-1].content
            for content, one in self.uses:
                if content is at and one.use == use and one.kid == kid:
                    need(one.holder['nbf'] <= instant < one.holder['exp'], 'WIRE_KEY_EXPIRED')
                    need(instant < at['exp'], 'TRUST_EXPIRED')
                    return one.holder
        found = [one for _, one in self.uses if one.kid == kid]
        need(found or kid in self.elsewhere, 'WIRE_KID_UNKNOWN')
        need(found and found[0].use == use, 'WIRE_KEY_USE')
        need(found[0].owner[0] != agency, 'WIRE_KEY_EXPIRED')
        raise Refused('WIRE_ISS' if use == 'officer' else 'WIRE_NODE')

    def desk_keys(self, agency, desk, instant, roster, suite):
        """Ids of the keys of a suite that a desk had at an instant by the roster of that digest."""
        content = next(known.content for known in self.known(agency) if known.digest == roster)
        revoked = {entry['kid'] for entry in content['revoked']}
        keys = [key for one in content['desks'] if one['id'] == desk for key in one['encryption']]
        keys = [key['jwk'] for key in keys if key['nbf'] <= instant < key['exp'] and key['jwk']['alg'] == SUITES[suite]]
        return sorted({thumbprint(key) for key in keys} - revoked)

    def knows(self, agency, roster):
        return any(known.digest == roster for known in self.rosters.get(agency, []))


def read_policy(data):
    """Charter digest, and the genesis hash of each log; the file must be the one that would be printed."""
    need(len(data) <= 32768, 'WIRE_SIZE')
    text = data.decode('utf-8', 'replace')
    charter = (re.findall('^#amana charter (.*)$', text, re.M) or [''])[0]
    need(is_digest(charter), 'TRUST_POLICY')
    logs, witnesses = re.findall('^log (.*)$', text, re.M), re.findall('^witness [^ ]* (.*)$', text, re.M)
    genesis = re.findall('^#amana genesis ([^ ]*) (.*)$', text, re.M)
    need(all(re.fullmatch('[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=', one) for _, one in genesis), 'TRUST_POLICY')
    agencies = [origin.split('/')[0] for origin, _ in genesis]
    lines = ['#amana policy 1', f'#amana charter {charter}', *(f'log {log}' for log in logs)]
    for place, agency in enumerate(agencies):
        pair = (witnesses[2 * place:2 * place + 2] + ['', ''])[:2]
        both = [f'{agency}/ed25519', f'{agency}/ml-dsa-44']
        lines += [f'witness {name} {key}' for name, key in zip(both, pair)] + [f'group {agency} all {" ".join(both)}']
    lines += [f'group peers any {" ".join(agencies)}', 'quorum peers']
    lines += [f'#amana genesis {origin} {one}' for origin, one in genesis]
    need('\n'.join([*lines, '']) == text and len(logs) == len(witnesses) == 2 * len(agencies) >= 4, 'TRUST_POLICY')
    need(agencies == sorted(set(agencies)), 'TRUST_POLICY')
    for place, (origin, _) in enumerate(genesis):
        pair = slice(2 * place, 2 * place + 2)
        vkeys({'origin': origin, 'log': logs[pair], 'witness': witnesses[pair]}, agencies[place])
    return charter, dict(genesis)
