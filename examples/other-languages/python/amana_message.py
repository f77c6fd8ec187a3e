"""Message files: reading, and the verifier's steps (docs/spec/07-bundle-and-verifier.md#message-file)."""
from amana_bytes import Refused, canon, digest, is_digest, is_int, need, one_of
from amana_charter import chain_of
from amana_evidence import Evidence, check_digest, evidence_form, pairs_of, read_record
from amana_objects import (
    PURPOSES, check_dispatch, check_receipt, check_statement, read_dispatch, read_receipt, read_statement)
from amana_presentation import check_disclosure, check_presentation, read_disclosure, read_presentation
from amana_trust import is_policy_of, read_policy, trust_of

KINDS = ['charter', 'roster', 'dispatch', 'statement', 'receipt', 'presentation', 'disclosure']
is_count = is_int(0, 2**53 - 1)
RECORDS = {
    'message': {'created': is_count, 'policy': is_digest, 'purpose': one_of(*PURPOSES), 'statement': is_digest,
                'v': one_of(1)},
    'evidence': evidence_form([kind for kind in KINDS if kind != 'presentation'], ['presentation']),
    'end': {'evidence': is_count, 'sha256': is_digest}}


def may_follow(last, kind):
    """Each kind in its place; the last two kinds stand once, and a disclosure only beside a presentation."""
    now, before = KINDS.index(kind), KINDS.index(last) if last else 0
    return before == 5 if now == 6 else now > before if now == 5 else now >= before


def read_message(data):
    """The record `message` and the evidence, once the end has been reached."""
    *lines, rest = data.split(b'\n')
    records, last, size = [], None, 0
    for number, line in enumerate(lines):
        need(number < 10000, 'AUDIT_BUNDLE_LIMIT')
        kind, record = read_record(line, RECORDS)
        is_over = bool(records) and records[-1]['record'] == 'end'
        need(not is_over and (kind == 'message') == (number == 0), 'AUDIT_BUNDLE_ORDER')
        if kind == 'evidence':
            need(may_follow(last, record['kind']), 'AUDIT_BUNDLE_ORDER')
            check_digest(record)
            last = record['kind']
        if kind == 'end':
            expected = {'evidence': number - 1, 'record': 'end', 'sha256': digest(data[:size])}
            need(record == expected, 'AUDIT_BUNDLE_DIGEST')
        records.append(record)
        size += len(line) + 1
    need(len(rest) < 2097152, 'AUDIT_BUNDLE_LIMIT')
    need(records and records[-1]['record'] == 'end' and rest == b'', 'AUDIT_BUNDLE_TRUNCATED')
    return records[0], records[1:-1]


class MessageFile(Evidence):
    """What a message file shows of one statement: rows of kind, digest, and `accepted` or a finding with its code."""

    def __init__(self, data, policy):
        self.charter, self.logs = read_policy(policy)
        self.header, evidence = read_message(data)
        super().__init__({(one['kind'], digest(canon(one))): one for one in evidence}.values())
        self.policy, self.name, self.statements = policy, self.header['statement'], []

    def verdicts(self):
        charters = []
        try:
            charters = self.documents()
        except Refused as refusal:
            if not any(found != 'accepted' for _, _, found in self.rows):
                self.find('charter', self.charter, 'TRUST_INVALID', refusal)
        if not is_policy_of(self.header['policy'], self.policy, charters):
            self.find('message', self.name, 'POLICY_MISMATCH')
        if charters:
            for kind, check in (('dispatch', self.sent), ('receipt', self.answered)):
                for one, jws in self.of(kind):
                    self.judge(kind, one, 'SIGNATURE_INVALID', check, jws)
            self.signed()
            for one, text in self.of('presentation'):
                self.judge('presentation', one, 'PRESENTATION_INVALID', self.shown, text)
                for other, jws in self.of('disclosure'):
                    self.judge('disclosure', other, 'DISCLOSURE_INVALID', self.disclosed, jws, text)
        return self.rows

    def find(self, kind, one, finding, code=''):
        self.say(kind, one, f'{finding} {code}'.strip())

    def judge(self, kind, one, finding, check, *arguments):
        """Accepted, or a finding: its own where the check names one, else that of its kind with the code behind it."""
        try:
            self.say(kind, one, check(*arguments))
        except Refused as refusal:
            self.find(kind, one, finding, refusal)

    def documents(self):
        """Step 2. That a recovery waited only a log shows; those before the policy's charter it vouches for itself."""
        if self.charter not in dict(self.of('charter')):
            self.find('charter', self.charter, 'CHARTER_MISMATCH')
            raise Refused('CHARTER_MISMATCH')
        charters, vouched = chain_of(self.charter, self.contents('charter'))
        for place, charter in enumerate(charters):
            self.say('charter', charter.digest, 'RECOVERY_EARLY' if charter.recovers and place >= vouched else None)
        said = lambda kind, one, code=None: self.say(kind, one, code and f'TRUST_INVALID {code}')
        self.trust = trust_of(charters, self.contents('roster'), said)
        return charters

    def sent(self, jws):
        """Step 3."""
        dispatch = read_dispatch(jws)
        check_dispatch(self.trust, dispatch)
        if self.name not in dict(pairs_of(dispatch)):
            return 'DISPATCH_MISMATCH'
        self.dispatches.setdefault(dispatch.digest, dispatch)

    def answered(self, jws):
        """Step 4."""
        receipt = read_receipt(jws)
        dispatch = self.dispatches.get(receipt.content['dispatch'])
        if not dispatch:
            return 'EVIDENCE_MISSING'
        self.receipts.append(check_receipt(self.trust, receipt, dispatch))
        log, receiver = receipt.content['log'], dispatch.content['to']['agency']
        return None if log in self.logs and log.split('/')[0] == receiver else 'RECEIPT_MISMATCH'

    def signed(self):
        """Step 5: the statement under each set of signatures that a dispatch binds, and under no other."""
        for one, jws in self.of('statement'):
            try:
                if one == self.name:
                    self.statements.append(read_statement(jws))
                else:
                    self.find('statement', one, 'EVIDENCE_MISMATCH')
            except Refused as refusal:
                self.find('statement', one, 'SIGNATURE_INVALID', refusal)
        bound = {of for dispatch in self.dispatches.values() for name, of in pairs_of(dispatch) if name == self.name}
        here = {one.signatures_digest: one for one in self.statements}
        if not here or bound - set(here):
            self.find('statement', self.name, 'EVIDENCE_MISSING')
        for of, statement in here.items():
            if bound and of not in bound:
                self.find('statement', self.name, 'EVIDENCE_MISMATCH')
            else:
                self.officers(statement)

    def officers(self, statement):
        bound = self.binding(statement)
        try:
            check_statement(self.trust, statement, self.covered(statement, bound))
            self.say('statement', self.name)
        except Refused as refusal:
            if bound and all(self.outcome(one.digest) == 'refused' for one in bound):
                self.say('statement', self.name, 'REFUSED')
            else:
                self.find('statement', self.name, 'SIGNATURE_INVALID', refusal)

    def outcome(self, dispatch):
        """What the newest receipt for a dispatch says of the statement."""
        answers = [one.content for one in self.receipts if one.content['dispatch'] == dispatch]
        newest = max(answers, key=lambda one: one['issuedAt'], default={'results': []})
        return next((one['result'] for one in newest['results'] if one['statement'] == self.name), None)

    def shown(self, text):
        """Step 6. It is covered as the statement is whose author's signature it carries."""
        presented = read_presentation(text)
        held = [one for one in self.statements if presented.signatures[0] in one.signatures]
        need(held, 'WIRE_DIS')
        check_presentation(self.trust, presented, self.covered(presented, self.binding(held[0])))

    def disclosed(self, jws, text):
        """Step 7."""
        disclosure = read_disclosure(jws)
        need(disclosure.content['purpose'] == self.header['purpose'], 'WIRE_MEMBER')
        check_disclosure(self.trust, disclosure, text)
