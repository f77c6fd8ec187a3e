"""Rosters, the view of all trust documents, who signed, policy file (docs/spec/02-keys-and-trust.md)."""
import re
from amana_bytes import (
    Refused, Signed, b64, digest, glance, is_digest, is_instant, is_key, is_text, is_version, list_of, need, one_of,
    public, shape, thumbprint, verify)
from amana_charter import counting, span
from amana_keys import (
    admit_all, is_agency, is_id, is_null_or, is_peer, is_role, is_signature, one_use, peer_key, proven, uses_of_charter,
    uses_of_roster, vkeys)


def spanned(**spec):
    whole = shape(exp=is_instant, nbf=is_instant, **spec)
    return lambda v: whole(v) and v['nbf'] < v['exp']


is_desk_role = one_of('shelter', 'medical', 'embassy_consular', 'border_officer', 'escort_transport', 'prosecutor',
                      'investigator', 'juvenile_judge', 'guardian_representative', 'ngo_service_provider',
                      'io_partner_iom')
is_rotating, is_desk_key = spanned(jwk=is_key('HPKE-9-KE')), spanned(jwk=is_key('HPKE-9-KE', 'ECDH-ES+A256KW'))
is_vkey_pair = list_of(is_text(0, 2048), 2, 2)
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


def verify_roster(jws, charter, before=None, room=33554432):
    """The first roster that the charter binds, or the one that follows `before`; as history, with room in its chain."""
    roster = Signed(jws, 'amana-roster+jws', 262144, 1).read(ROSTER)
    content, entries = roster.content, charter.content['agencies']
    need(content['agency'] in entries, 'WIRE_ISS')
    entry = entries[content['agency']]
    signed_by_roster_key(roster, entry)
    span(content, 35)
    if before:
        need(content['version'] != before.content['version'], 'WIRE_FORK')
        need(content['version'] == before.content['version'] + 1, 'TRUST_ROLLBACK')
        need(content['previous'] == before.digest and content['iat'] >= before.content['iat'], 'TRUST_CHAIN')
    else:
        need(content['version'] == entry['roster']['version'], 'TRUST_ROLLBACK')
        need(roster.digest == entry['roster']['digest'], 'WIRE_FORK')
        need(content['version'] != 1 or content['previous'] is None, 'TRUST_CHAIN')
    revocations(content, before.content if before else None)
    revokes = len(content['revoked']) > (len(before.content['revoked']) if before else 0)
    need(size_of(jws) <= room or revokes, 'TRUST_CHAIN_FULL')
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


def size_of(jws):
    return max(len(b64(jws['payload'])), 16384)


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


class RosterChain:
    """The rosters of an agency from the one on that a charter names, all under the roster keys of that charter."""

    def __init__(self, charter, agency):
        self.charter, self.rosters, self.room = charter, [], 33554432
        self.begin = charter.agencies[agency]['roster']

    def continues(self, jws):
        """Whether a roster says to be the first one or the next one; nothing is verified yet."""
        content, name = glance(jws['payload']), digest(jws['payload'])
        if not self.rosters:
            return name == self.begin['digest']
        last = self.rosters[-1]
        return content.get('previous') == last.digest and content.get('version') == last.content['version'] + 1

    def take(self, jws):
        before = self.rosters[-1] if self.rosters else None
        self.rosters.append(verify_roster(jws, self.charter, before, self.room))
        self.room -= size_of(jws)


def roster_chains(charters):
    """Each agency's chains of rosters, oldest first."""
    chains = {}
    for charter in charters:
        for agency, entry in charter.agencies.items():
            own = chains.setdefault(agency, [])
            if not own or own[-1].begin != entry['roster']:
                own.append(RosterChain(charter, agency))
    return chains


def place_of(jws):
    """Version and agency as a roster says them: only the order of verifying rests on it."""
    content = glance(jws['payload'])
    need(is_agency(content.get('agency')) and is_version(content.get('version')), 'WIRE_MEMBER')
    return content['version'], content['agency']


def trust_of(charters, documents, said=lambda kind, one, code=None: None):
    """The view of charters that follow each other, with every roster as history, by the charter that begins its chain.

    What is of no later chain is of the first one, and there what is older than its beginning is passed over."""
    kind, one, chains = 'charter', charters[-1].digest, roster_chains(charters)
    try:
        placed = [(place_of(jws), jws) for jws in {digest(jws['payload']): jws for jws in reversed(documents)}.values()]
        for (version, agency), jws in sorted(placed, key=lambda of: of[0]):
            kind, one = 'roster', digest(jws['payload'])
            first, *later = chains.get(agency) or [RosterChain(charters[0], min(charters[0].agencies))]
            chain = next((chain for chain in reversed(later) if chain.continues(jws)), first)
            if chain is not first or agency not in chains or version >= first.begin['version']:
                chain.take(jws)
                said(kind, one)
        need(all(chain.rosters for own in chains.values() for chain in own[1:]), 'TRUST_CHAIN')
        return Trust(charters, chains)
    except Refused as refusal:
        said(kind, one, str(refusal))
        raise


SUITES = {'A1': 'ECDH-ES+A256KW', 'A2': 'HPKE-9-KE'}


class Trust:
    """A view: the charter in force, those before it, and the rosters known under them."""

    def __init__(self, charters, chains):
        self.charters, self.content = charters, charters[-1].content
        for own in chains.values():  # one that was left behind does not come back
            need(len({chain.begin['digest'] for chain in own}) == len(own), 'TRUST_CHAIN')
        self.rosters = {agency: [one for chain in own for one in chain.rosters] for agency, own in chains.items()}
        self.has_newest = {agency for agency, own in chains.items() if own[-1].rosters}
        contents = [roster.content for known in self.rosters.values() for roster in known]
        one_use(*(uses_of_charter(charter.content) for charter in charters), *map(uses_of_roster, contents))
        self.uses = [(content, one) for content in contents for one in uses_of_roster(content)]
        self.elsewhere = {kid for charter in charters for kid in charter.others()}

    def counting(self, context, instant):
        """What the charter says that an object of that instant names."""
        return counting(self.charters, context['charter'], instant).content

    def named(self, context):
        """The same, whenever it counted; of a charter that is not here, what the one in force says."""
        return next((one.content for one in self.charters if one.digest == context['charter']), self.content)

    def known(self, agency):
        need(agency in self.content['agencies'], 'WIRE_ISS')
        return need(agency in self.has_newest, 'TRUST_NO_ROSTER') and self.rosters[agency]

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


def is_policy_of(name, policy, charters):
    """Whether a header names this policy, if need be with another charter of the chain in it."""
    line = f'#amana charter {read_policy(policy)[0]}\n'.encode()
    texts = [policy.replace(line, f'#amana charter {one.digest}\n'.encode()) for one in charters]
    return name in map(digest, [policy, *texts])


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
