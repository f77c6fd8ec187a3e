"""Evidence bundles: reading, and what each signed object in one is worth (docs/spec/07-bundle-and-verifier.md)."""
import re
from datetime import datetime
from amana_bytes import Refused, b64, digest, is_digest, is_int, is_text, list_of, need, one_of, parse
from amana_charter import DAY
from amana_evidence import Evidence, check_digest, evidence_form, read_record
from amana_objects import PURPOSES, first_previous, verdict
from amana_trust import is_policy_of, read_policy, trust_of

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
    'evidence': evidence_form(OBJECTS, TEXTS),
    'end': {**{name: is_count for name in COUNTS.values()}, 'sha256': is_digest}}


def read_bundle_record(line):
    kind, record = read_record(line, RECORDS)
    if kind == 'bundle':
        need(record['range'][0] <= record['range'][1] <= record['size'], 'AUDIT_BUNDLE_RECORD')
    return kind, record


LEAF = 'actor class data event index log prev sd seq time v'.split()
DIGESTS = {'x.sealed': ('env', 'std'), 'x.received': ('env', 'std'), 'x.refused': ('env', 'std'),
           'x.receipt': ('env', 'std', 'rcpt'), 'x.delivered': ('env', 'std', 'rcpt'),
           **dict.fromkeys(('g.roster', 'g.policy', 'g.recovery'), ('new',))}


def read_leaf(text):
    """A leaf, as far as this program reads it: digests of what is signed, and when a roster was seen."""
    try:
        leaf = parse(b64(text), 8192)
    except Refused:
        raise Refused('AUDIT_LEAF_CANONICAL') from None
    need(isinstance(leaf, dict) and sorted(leaf) == LEAF and isinstance(leaf['data'], dict), 'AUDIT_LEAF_SCHEMA')
    need(list_of(is_digest, 0, 64, '')(leaf['sd']), 'AUDIT_LEAF_SCHEMA')
    need(all(is_digest(leaf['data'].get(name)) for name in DIGESTS.get(str(leaf['event']), ())), 'AUDIT_LEAF_SCHEMA')
    need(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', str(leaf['time'])), 'AUDIT_LEAF_SCHEMA')
    return leaf


def instant_of(leaf):
    return int(datetime.fromisoformat(leaf['time']).timestamp())


class Reading:
    """A bundle, record by record. Of leaves only the form is read: the tree and its checkpoints are not judged here."""

    def __init__(self, data):
        self.header, self.leaves, self.evidence = None, [], []
        self.counts, self.stage, self.following = dict.fromkeys(COUNTS.values(), 0), -1, 0
        self.open_to = None  # the leaf before, and what it committed to
        *lines, rest = data.split(b'\n')
        for line in lines:
            kind, record = read_bundle_record(line)
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
        if kind == 'open':
            need(self.open_to and self.open_to[0] == record['index'], 'AUDIT_BUNDLE_ORDER')
            need(digest(record['disclosure']) in self.open_to[1], 'AUDIT_DISCLOSURE')
        else:
            self.open_to = (record['index'], self.leaves[-1]['sd']) if kind == 'leaf' else None
        if kind in ('evidence', 'end'):
            need(self.following == self.header['size'], 'AUDIT_INDEX_GAP')
        if kind == 'end':
            need(self.leaves, 'AUDIT_BUNDLE_EMPTY')
        if kind == 'evidence':
            check_digest(record)
            self.evidence.append(record)


class Bundle(Evidence):
    """What the signed objects of one bundle are worth, one by one."""

    def __init__(self, data, policy):
        named, logs = read_policy(policy)
        reading = Reading(data)
        need(reading.header['log'] in logs, 'WRONG_LOG')
        super().__init__(reading.evidence)
        self.header, self.policy, self.named = reading.header, policy, named
        self.leaves, self.begins_at = reading.leaves, reading.header['range'][0]
        self.seen = {leaf['data']['new']: instant_of(leaf) for leaf in self.leaves if leaf['event'] == 'g.roster'}

    def verdicts(self):
        """(kind, digest, verdict) of every object, then of channels, then what leaves name and nobody shows.

        Without trust documents that verify nothing else is judged."""
        need(self.named in [one for one, _ in self.of('charter')], 'CHARTER_MISMATCH')
        try:
            self.trust = self.documents()
        except Refused as refusal:
            need(str(refusal) != 'POLICY_MISMATCH', 'POLICY_MISMATCH')
            return self.rows
        for kind, check in (('dispatch', self.dispatch), ('receipt', self.receipt), ('statement', self.statement)):
            for one, jws in self.of(kind):
                self.say(kind, one, verdict(check, jws))
        for name in sorted({one.content['channel'] for one in self.dispatches.values()}):
            self.say('channel', name, verdict(self.channel, name))
        claimed = {('receipt', leaf['data']['rcpt']) for leaf in self.leaves if leaf['event'] == 'x.delivered'}
        for pair in sorted(self.names() - {(kind, one) for kind, one, _ in self.records}):
            self.say(*pair, 'RECEIPT_UNSUPPORTED' if pair in claimed else 'EVIDENCE_MISSING')
        return self.rows

    def documents(self):
        chain, vouched = self.chain(self.named)
        need(is_policy_of(self.header['policy'], self.policy, chain), 'POLICY_MISMATCH')
        for place, charter in enumerate(chain):
            early = charter.recovers and self.is_early(charter, chain[place - 1], place < vouched)
            self.say('charter', charter.digest, 'RECOVERY_EARLY' if early else None)
        return trust_of(chain, self.contents('roster'), self.say)

    def is_early(self, charter, before, is_vouched):
        """A recovery waits 7 days from when the last agency of the version before saw it.

        Where no leaf says when it came into force, it counts only if the policy names it or one after it."""
        about = [leaf for leaf in self.leaves if leaf['data'].get('new') == charter.digest]
        sights = [leaf['data'] for leaf in reversed(about) if leaf['event'] == 'g.recovery']
        seen = {str(one.get('agency')): one['time'] for one in sights if is_count(one.get('time'))}
        begun = [instant_of(leaf) for leaf in about if leaf['event'] == 'g.policy'][:1]
        if not begun:
            return not is_vouched
        waited = all(one in seen and begun[0] >= seen[one] + 7 * DAY - 300 for one in before.agencies)
        return not waited

    def names(self):
        data = [(leaf['event'], leaf['data']) for leaf in self.leaves]
        refused = {one['std'] for event, one in data if event == 'x.refused'}
        sealed = [one for event, one in data if event in ('x.sealed', 'x.received')]
        answered = [one for event, one in data if event in ('x.receipt', 'x.delivered')]
        return {*(('dispatch', one['env']) for one in sealed), *(('receipt', one['rcpt']) for one in answered),
                *(('statement', one['std']) for one in sealed if one['std'] not in refused)}

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
