"""Evidence bundles: reading, and what each signed object in one is worth (docs/spec/07-bundle-and-verifier.md)."""
import re
from datetime import datetime
from amana_bytes import Refused, Signed, b64, digest, is_digest, is_int, is_text, list_of, members, need, one_of, parse
from amana_objects import (
    check_dispatch, check_receipt, check_statement, first_previous, is_signed_form, read_dispatch, read_statement,
    verdict)
from amana_trust import Trust, read_policy, verify_charter, verify_roster

PURPOSES = ('audit data-subject emergency investigation joint-operation legal-request prosecution protection quality '
            'referral supervision').split()
COUNTS = {'checkpoint': 'checkpoints', 'evidence': 'evidence', 'hash': 'hashes', 'leaf': 'leaves', 'node': 'nodes',
          'open': 'opens'}
STAGES = {'bundle': 0, 'checkpoint': 1, 'leaf': 2, 'hash': 2, 'node': 2, 'open': 2, 'evidence': 3, 'end': 4}
OBJECTS, TEXTS = ('charter', 'roster', 'statement', 'dispatch', 'receipt'), ('peer-note', 'presentation')
is_count = is_int(0, 2**53 - 1)
RECORDS = {
    'bundle': {
        'classes': list_of(one_of('a', 'g', 'w', 'x'), 1, 4, ''), 'created': is_count, 'policy': is_digest,
        'log': is_text(1, 120, '[a-z0-9][a-z0-9.-]+/amana/audit/[1-9][0-9]*'), 'purpose': one_of(*PURPOSES),
        'range': list_of(is_count, 2, 2), 'size': is_int(1, 2**53 - 1), 'v': one_of(1)},
    'checkpoint': {'note': is_text(0, 262144)}, 'leaf': {'bytes': is_text(1, 10923), 'index': is_count},
    'hash': {'hash': is_digest, 'index': is_count}, 'open': {'disclosure': is_text(1, 8192), 'index': is_count},
    'node': {'hash': is_digest, 'index': is_count, 'level': is_int(1, 52)},
    'evidence': {'content': lambda v: isinstance(v, str) or is_signed_form(v), 'digest': is_digest,
                 'kind': one_of(*OBJECTS, *TEXTS)},
    'end': {**{name: is_count for name in COUNTS.values()}, 'sha256': is_digest}}


def read_record(line):
    need(len(line) < 2097152, 'AUDIT_BUNDLE_LIMIT')
    try:
        record = parse(line, 2097152)
        kind = record.get('record') if isinstance(record, dict) else None
        need(kind in RECORDS and members(record, {**RECORDS[kind], 'record': is_text()}), 'AUDIT_BUNDLE_RECORD')
    except Refused:
        raise Refused('AUDIT_BUNDLE_RECORD') from None
    if kind == 'bundle':
        need(record['range'][0] <= record['range'][1] <= record['size'], 'AUDIT_BUNDLE_RECORD')
    if kind == 'evidence':
        need((record['kind'] in TEXTS) == isinstance(record['content'], str), 'AUDIT_BUNDLE_RECORD')
    return kind, record


LEAF = 'actor class data event index log prev sd seq time v'.split()
DIGESTS = {'x.sealed': ('env', 'std'), 'x.received': ('env', 'std'), 'x.refused': ('env', 'std'),
           'x.receipt': ('env', 'std', 'rcpt'), 'x.delivered': ('env', 'std', 'rcpt'), 'g.roster': ('new',)}


def read_leaf(text):
    """A leaf, as far as this program reads it: digests of what is signed, and when a roster was seen."""
    try:
        leaf = parse(b64(text), 8192)
    except Refused:
        raise Refused('AUDIT_LEAF_CANONICAL') from None
    need(isinstance(leaf, dict) and sorted(leaf) == LEAF and isinstance(leaf['data'], dict), 'AUDIT_LEAF_SCHEMA')
    need(all(is_digest(leaf['data'].get(name)) for name in DIGESTS.get(str(leaf['event']), ())), 'AUDIT_LEAF_SCHEMA')
    need(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', str(leaf['time'])), 'AUDIT_LEAF_SCHEMA')
    return leaf


class Reading:
    """A bundle, record by record. Of leaves only the form is read: the tree and its checkpoints are not judged here."""

    def __init__(self, data):
        self.header, self.leaves, self.evidence = None, [], []
        self.counts, self.stage, self.following = dict.fromkeys(COUNTS.values(), 0), -1, 0
        *lines, rest = data.split(b'\n')
        for line in lines:
            kind, record = read_record(line)
            need(self.stage < 4 and STAGES[kind] >= self.stage, 'AUDIT_BUNDLE_ORDER')
            need((kind == 'bundle') == (self.stage == -1), 'AUDIT_BUNDLE_ORDER')
            self.stage = STAGES[kind]
            self.take(kind, record)
        need(self.stage == 4 and rest == b'', 'AUDIT_BUNDLE_TRUNCATED')
        before_end = data[:-len(lines[-1]) - 1]
        need(record == {**self.counts, 'record': 'end', 'sha256': digest(before_end)}, 'AUDIT_BUNDLE_DIGEST')

    def take(self, kind, record):
        if kind in COUNTS:
            self.counts[COUNTS[kind]] += 1
        if kind == 'bundle':
            self.header = record
        if kind in ('leaf', 'hash', 'node'):
            width = 2 ** record.get('level', 0)
            whole = record['index'] == self.following and self.following % width == 0
            need(whole and self.following + width <= self.header['size'], 'AUDIT_INDEX_GAP')
            self.following += width
        if kind == 'leaf':
            first, after = self.header['range']
            need(first <= record['index'] < after, 'AUDIT_BUNDLE_ORDER')
            self.leaves.append(read_leaf(record['bytes']))
        need(kind != 'open', 'AUDIT_DISCLOSURE')  # no event of the specification commits to one
        if kind in ('evidence', 'end'):
            need(self.following == self.header['size'], 'AUDIT_INDEX_GAP')
        if kind == 'end':
            need(self.leaves, 'AUDIT_BUNDLE_EMPTY')
        if kind == 'evidence':
            content = record['content']
            text = content if isinstance(content, str) else content['payload']
            need(record['digest'] == digest(text), 'AUDIT_EVIDENCE')
            self.evidence.append(record)


def place_of(jws):
    """Agency and version as a roster says them: only the order of verifying rests on it."""
    content = parse(b64(jws['payload']), 524288)
    whole = isinstance(content, dict) and isinstance(content.get('agency'), str) and is_count(content.get('version'))
    return need(whole, 'WIRE_MEMBER') and (content['version'], content['agency'])


def trust_of(charter_jws, rosters_jws, said=lambda kind, one, code=None: None):
    """Charter and rosters as history: each agency's one after the other from the version on that the charter names."""
    try:
        kind, one = 'charter', digest(charter_jws['payload'])
        charter, newest, rosters = verify_charter(charter_jws), {}, []
        said(kind, one)
        for (version, agency), jws in sorted(((place_of(jws), jws) for jws in rosters_jws), key=lambda pair: pair[0]):
            kind, one = 'roster', digest(jws['payload'])
            if version >= charter.content['agencies'].get(agency, {'roster': {'version': 0}})['roster']['version']:
                newest[agency] = verify_roster(jws, charter, newest.get(agency))
                rosters.append(newest[agency])
                said(kind, one)
        return Trust(charter, rosters)
    except Refused as refusal:
        said(kind, one, str(refusal))
        raise


class Bundle:
    """What the signed objects of one bundle are worth, one by one."""

    def __init__(self, data, policy):
        named, logs = read_policy(policy)
        reading = Reading(data)
        need(reading.header['log'] in logs, 'WRONG_LOG')
        need(reading.header['policy'] == digest(policy), 'POLICY_MISMATCH')
        self.leaves, self.begins_at = reading.leaves, reading.header['range'][0]
        self.evidence = [(one['kind'], one['digest'], one['content']) for one in reading.evidence]
        charters = [jws for kind, one, jws in self.evidence if (kind, one) == ('charter', named)]
        self.charter = need(charters, 'CHARTER_MISMATCH') and charters[0]
        self.dispatches, self.receipts, self.rows = {}, [], []

    def say(self, kind, name, code=None):
        self.rows.append((kind, name, code or 'accepted'))

    def verdicts(self):
        """(kind, digest, verdict) of every object, then of channels, then what leaves name and nobody shows.

        Without trust documents that verify nothing else is judged."""
        rosters = {one: jws for kind, one, jws in self.evidence if kind == 'roster'}
        try:
            self.trust = trust_of(self.charter, rosters.values(), self.say)
        except Refused:
            return self.rows
        for kind, check in (('dispatch', self.dispatch), ('receipt', self.receipt), ('statement', self.statement)):
            for its_kind, one, jws in self.evidence:
                if its_kind == kind:
                    self.say(kind, one, verdict(check, jws))
        for name in sorted({one.content['channel'] for one in self.dispatches.values()}):
            self.say('channel', name, verdict(self.channel, name))
        for pair in sorted(self.named() - {(kind, one) for kind, one, _ in self.evidence}):
            self.say(*pair, 'EVIDENCE_MISSING')
        return self.rows

    def named(self):
        data = [(leaf['event'], leaf['data']) for leaf in self.leaves]
        refused = {one['std'] for event, one in data if event == 'x.refused'}
        sealed = [one for event, one in data if event in ('x.sealed', 'x.received')]
        answered = [one for event, one in data if event in ('x.receipt', 'x.delivered')]
        return {*(('dispatch', one['env']) for one in sealed), *(('receipt', one['rcpt']) for one in answered),
                *(('statement', one['std']) for one in sealed if one['std'] not in refused)}

    def dispatch(self, jws):
        dispatch = read_dispatch(jws)
        check_dispatch(self.trust, dispatch)
        self.dispatches[dispatch.digest] = dispatch

    def receipt(self, jws):
        asked = Signed(jws, 'amana-receipt+jws', 24576, 1).content
        dispatch = self.dispatches.get(asked.get('dispatch') if isinstance(asked, dict) else None)
        self.receipts.append(check_receipt(self.trust, jws, need(dispatch, 'NO_DISPATCH') and dispatch))

    def statement(self, jws):
        """With the signatures that a dispatch bound; one statement may stand in two under two sets of them."""
        statement = read_statement(jws)
        pair = statement.digest, statement.signatures_digest
        binding = [one for one in self.dispatches.values() if statement.digest in one.content['statements']]
        bound = [one for one in binding if pair in zip(one.content['statements'], one.content['signatures'])]
        need(bound or not binding, 'EVIDENCE_MISMATCH')
        covered = self.covered(statement, {one.digest for one in bound})
        check_statement(self.trust, statement, covered)

    def covered(self, statement, dispatches):
        """Another agency's receipt is older than the first sight of every roster that revokes one of its keys."""
        issuer, sights = statement.content['iss'], []
        seen = {leaf['data']['new']: leaf['time'] for leaf in self.leaves if leaf['event'] == 'g.roster'}
        for head, _, _ in statement.signatures:
            revoking = [one for one in self.trust.rosters.get(issuer, [])
                        if any(entry['kid'] == head['kid'] for entry in one.content['revoked'])]
            sights += [int(datetime.fromisoformat(seen[one.digest]).timestamp()) if one.digest in seen
                       else one.content['iat'] for one in revoking[:1]]
        return bool(sights) and any(
            one.content['dispatch'] in dispatches and one.content['receiver']['agency'] != issuer
            and one.content['issuedAt'] < min(sights) for one in self.receipts)

    def channel(self, name):
        """Each dispatch follows the one before; in a bundle of the whole log the first one is the channel's first."""
        places = sorted((one for one in self.dispatches.values() if one.content['channel'] == name),
                        key=lambda one: one.content['sequence'])
        head = None if self.begins_at else (0, first_previous(self.trust, name), 0)
        for one in places:
            content = one.content
            need(name == f'{content["from"]["agency"]}>{content["to"]["agency"]}', 'CHANNEL_BROKEN')
            if head:
                need(content['sequence'] != head[0], 'FORK')
                need((content['sequence'] - 1, content['previous']) == head[:2], 'CHANNEL_BROKEN')
                need(content['sentAt'] >= head[2], 'CHANNEL_BROKEN')
            head = content['sequence'], one.digest, content['sentAt']
