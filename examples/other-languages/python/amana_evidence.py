"""Evidence: records of bundles and message files, and what each signed object in them is worth (docs/spec 07)."""
from amana_bytes import Refused, digest, form_of_signed, in_form, is_digest, members, need, one_of, is_text, parse
from amana_charter import chain_of
from amana_objects import check_dispatch, check_receipt, check_statement, read_dispatch, read_receipt, read_statement


def is_signed_form(value):
    return in_form(lambda v: form_of_signed(v) is None, value, 'WIRE_MEMBER')


def evidence_form(objects, texts):
    def fits(record):
        text = record.get('kind') in texts and isinstance(record.get('content'), str) and record['content']
        return text or (record.get('kind') in objects and is_signed_form(record.get('content')))
    return {'content': lambda v: True, 'digest': is_digest, 'kind': one_of(*objects, *texts), '': fits}


def read_record(line, forms):
    """One line in canonical form, with exactly the members of its record. The form '' is of the record as a whole."""
    need(len(line) < 2097152, 'AUDIT_BUNDLE_LIMIT')
    try:
        record = parse(line, 2097152)
        kind = record.get('record') if isinstance(record, dict) else None
        need(isinstance(kind, str) and kind in forms, 'AUDIT_BUNDLE_RECORD')
        form = dict(forms[kind])
        fits = form.pop('', lambda v: True)
        need(members(record, {**form, 'record': is_text()}) and fits(record), 'AUDIT_BUNDLE_RECORD')
    except Refused:
        raise Refused('AUDIT_BUNDLE_RECORD') from None
    return kind, record


def check_digest(record):
    content = record['content']
    text = content if isinstance(content, str) else content['payload']
    need(record['digest'] == digest(text), 'AUDIT_EVIDENCE')


def pairs_of(dispatch):
    """The statements that a dispatch binds, each with the digest of its signatures; the first of two counts."""
    content = dispatch.content
    return list(dict(reversed(list(zip(content['statements'], content['signatures'])))).items())


class Evidence:
    """Signed objects of one file under the trust documents beside them."""

    def __init__(self, records):
        self.records = [(one['kind'], one['digest'], one['content']) for one in records]
        self.dispatches, self.receipts, self.rows, self.seen, self.trust = {}, [], [], {}, None

    def say(self, kind, name, code=None):
        self.rows.append((kind, name, code or 'accepted'))

    def of(self, kind):
        return [(one, content) for its_kind, one, content in self.records if its_kind == kind]

    def contents(self, kind):
        return [content for _, content in self.of(kind)]

    def chain(self, named):
        try:
            return chain_of(named, self.contents('charter'))
        except Refused as refusal:
            self.say('charter', named, str(refusal))
            raise

    def dispatch(self, jws):
        dispatch = read_dispatch(jws)
        check_dispatch(self.trust, dispatch)
        self.dispatches[dispatch.digest] = dispatch

    def receipt(self, jws):
        receipt = read_receipt(jws)
        dispatch = self.dispatches.get(receipt.content['dispatch'])
        self.receipts.append(check_receipt(self.trust, receipt, need(dispatch, 'NO_DISPATCH') and dispatch))

    def statement(self, jws):
        """With the signatures that a dispatch bound; one statement may stand in two under two sets of them."""
        statement = read_statement(jws)
        bound = self.binding(statement)
        need(bound or not self.carrying(statement.digest), 'EVIDENCE_MISMATCH')
        check_statement(self.trust, statement, self.covered(statement, bound))

    def carrying(self, name):
        return [one for one in self.dispatches.values() if name in one.content['statements']]

    def binding(self, statement):
        """The dispatches that bind a statement with exactly these signatures."""
        pair = statement.digest, statement.signatures_digest
        return [one for one in self.carrying(statement.digest) if pair in pairs_of(one)]

    def covered(self, statement, dispatches):
        """Another agency's receipt is older than the first sight of every roster that revokes one of its keys."""
        issuer, sights, names = statement.content['iss'], [], {one.digest for one in dispatches}
        for head, _, _ in statement.signatures:
            revoking = [one for one in self.trust.rosters.get(issuer, [])
                        if any(entry['kid'] == head['kid'] for entry in one.content['revoked'])]
            sights += [self.seen.get(one.digest, one.content['iat']) for one in revoking[:1]]
        return bool(sights) and any(
            one.content['dispatch'] in names and one.content['receiver']['agency'] != issuer
            and one.content['issuedAt'] < min(sights) for one in self.receipts)
