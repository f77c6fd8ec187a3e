"""Charters: the first, those that follow, recovery, which one counts (docs/spec/02-keys-and-trust.md)."""
from amana_bytes import (
    Signed, digest, glance, is_digest, is_instant, is_int, is_key, is_version, list_of, map_of, need, one_of, shape,
    thumbprint, verify)
from amana_keys import admit_all, is_agency, is_kind, is_name, is_null_or, one_use, uses_of_charter

DAY = 86400
is_pair = shape(ed=is_key('Ed25519'), pq=is_key('ML-DSA-65'))
CHARTER = {
    'agencies': map_of(is_agency, shape(
        name=is_name, recovery=list_of(is_pair, 1, 8), recoveryThreshold=is_int(0, 8),
        roots=list_of(is_pair, 1, 8), threshold=is_int(0, 8),
        roster=shape(digest=is_digest, version=is_version),
        rosterKeys=lambda v: need(list_of(is_key('Ed25519'), 1, 4)(v), 'WIRE_KEY')), 2, 4),
    'exp': is_instant, 'iat': is_instant,
    'kinds': map_of(is_kind, shape(approvals=is_int(0, 3), aud=list_of(is_agency, 1, 4, '')), 0, 64),
    'limits': shape(hold=is_int(3600, 31536000), recipients=is_int(1, 16), skew=is_int(0, 3600)),
    'previous': is_null_or(is_digest), 'suites': list_of(one_of('A1', 'A2'), 1, 2, ''), 'version': is_version,
    'witnesses': list_of(shape(key=is_key('Ed25519'), name=is_name), 0, 8)}


def span(content, days):
    need(content['iat'] < content['exp'] <= content['iat'] + days * DAY, 'TRUST_EXPIRED')


class Charter(Signed):
    """A charter of sound form. No signature is verified yet."""

    def __init__(self, jws):
        super().__init__(jws, 'amana-charter+jws', 65536, 64)
        content = self.read(CHARTER).content
        self.version, self.previous, self.agencies = content['version'], content['previous'], content['agencies']
        self.recovers = None  # the agency whose recovery pairs stand in for its quorum
        for entry in self.agencies.values():
            need(1 <= entry['recoveryThreshold'] <= len(entry['recovery']), 'TRUST_THRESHOLD')
            need(2 <= entry['threshold'] <= len(entry['roots']), 'TRUST_THRESHOLD')
        span(content, 365)
        need(all(set(rule['aud']) <= set(self.agencies) for rule in content['kinds'].values()), 'WIRE_MEMBER')
        admit_all(uses_of_charter(content))
        one_use(uses_of_charter(content))

    def keys(self, *uses):
        """By id, the keys that this charter lists as `roots` or `recovery`."""
        pairs = [pair for entry in self.agencies.values() for use in uses for pair in entry[use]]
        return {thumbprint(key): key for pair in pairs for key in pair.values()}

    def others(self):
        return {one.kid for one in uses_of_charter(self.content)}

    def quorum(self, agency, use, threshold):
        """Whether enough pairs of an agency signed `by` with both halves."""
        entry = self.agencies[agency]
        pairs = [{thumbprint(key) for key in pair.values()} for pair in entry[use]]
        return lambda signers: sum(pair <= signers for pair in pairs) >= entry[threshold]


def signers_of(charter, keys, others):
    """Who signed. Of each pair the Ed25519 half is verified, the ML-DSA-65 half must only be there."""
    for signature in charter.signatures:
        kid = signature[0]['kid']
        need(kid in keys, 'WIRE_KEY_USE' if kid in others else 'WIRE_KID_UNKNOWN')
        verify(keys[kid], signature)
    return {signature[0]['kid'] for signature in charter.signatures}


def missing(charter, signers):
    """The agencies whose root pairs, as this charter lists them, are no quorum of these signers."""
    return {agency for agency in charter.agencies if not charter.quorum(agency, 'roots', 'threshold')(signers)}


def verify_charter(jws):
    """Charter 1 as history."""
    charter = Charter(jws)
    need(charter.version == 1 and charter.previous is None, 'TRUST_CHAIN')
    signers = signers_of(charter, charter.keys('roots'), charter.others())
    return need(not missing(charter, signers), 'TRUST_THRESHOLD') and charter


def verify_next(jws, before):
    """Version N+1 by version N as history, or N again; with the agency, if any, whose recovery pairs signed for it."""
    charter = Charter(jws)
    if charter.digest != before.digest:
        need(charter.version != before.version, 'WIRE_FORK')
        need(charter.version == before.version + 1, 'TRUST_ROLLBACK')
        need(charter.previous == before.digest, 'TRUST_CHAIN')
    one_use(uses_of_charter(before.content), uses_of_charter(charter.content))
    for agency in set(charter.agencies) & set(before.agencies):
        now, then = charter.agencies[agency], before.agencies[agency]
        need((now['rosterKeys'] == then['rosterKeys']) == (now['roster'] == then['roster']), 'TRUST_CHAIN')
    keys = {**before.keys('roots', 'recovery'), **charter.keys('roots')}
    signers = signers_of(charter, keys, before.others() | charter.others())
    absent = missing(before, signers)
    recovered = {agency for agency in absent if before.quorum(agency, 'recovery', 'recoveryThreshold')(signers)}
    need(not missing(charter, signers) and absent == recovered and len(absent) <= 1, 'TRUST_THRESHOLD')
    charter.recovers = min(absent, default=None)
    return charter


def place_of(jws):
    """What a charter says that it follows, and its version: only where to look next rests on it."""
    content = glance(jws['payload'])
    before = content.get('previous', '')
    need((before is None or isinstance(before, str)) and is_version(content.get('version')), 'WIRE_MEMBER')
    return before, content['version']


def chain_of(named, documents):
    """The charters of a file from version 1 on, and how many of them lead to the one that the policy names."""
    by_digest = {digest(jws['payload']): (*place_of(jws), jws) for jws in reversed(documents)}
    back = [by_digest[named]]
    while back[0][0] is not None:
        before, version, _ = back[0]
        need(before in by_digest and by_digest[before][1] < version, 'TRUST_CHAIN')
        back.insert(0, by_digest[before])
    chain = [verify_charter(back[0][2])]
    for _, _, jws in back[1:]:
        chain.append(verify_next(jws, chain[-1]))
    while following := [jws for before, _, jws in by_digest.values() if before == chain[-1].digest]:
        need(len(following) == 1, 'WIRE_FORK')
        chain.append(verify_next(following[0], chain[-1]))
    return chain, len(back)


def counting(chain, named, instant):
    """The charter of that digest, if an object of that instant may name it."""
    place = next((place for place, charter in enumerate(chain) if charter.digest == named), None)
    need(place is not None, 'WIRE_TRUST_CONTEXT')
    need(all(instant < later.content['iat'] + 60 * DAY for later in chain[place + 1:place + 2]), 'WIRE_TRUST_CONTEXT')
    need(instant < chain[place].content['exp'] + 30 * DAY, 'TRUST_EXPIRED')
    return chain[place]
