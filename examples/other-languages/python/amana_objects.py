"""Statements, seals from outside, dispatches, envelopes, receipts (docs/spec 03, 04; of 05 and 06 some lists)."""
from datetime import datetime, timezone
from amana_bytes import (
    Refused, Signed, admit, b64, b64text, canon, digest, in_form, is_digest, is_instant, is_int, is_sequence, is_text,
    list_of, map_of, members, need, one_of, parse, shape, verify)
from amana_keys import is_agency, is_id, is_kind, is_name, is_null_or
from amana_trust import SUITES

SALT = '[A-Za-z0-9_-]*'
CLOSED = 'closed'  # nothing refuses it up to the seal

# 05 audit log: why a file was made
PURPOSES = ('audit data-subject emergency investigation joint-operation legal-request prosecution protection quality '
            'referral supervision').split()

# 06 messages: what a signature can be judged by. kind: field groups, years kept, widest TLP
REFERRAL = ('routing person identity safeContact contact travel child safety risk needs healthSummary health fitness '
            'exploitation investigation consent custody placement statistics')
KINDS = {'victim.referral/1': (REFERRAL, 5, 'AMBER'), 'victim.referral/2': (REFERRAL + ' references', 5, 'AMBER'),
         'referral.event/1': ('body', 5, 'AMBER'),
         'handover.receipt/1': ('body', 5, 'AMBER'), 'task.travel-document/1': ('routing travel risk', 5, 'AMBER'),
         'task.clearance/1': ('routing travel', 5, 'AMBER'), 'intel.report/1': ('body', 3, 'AMBER'),
         'jtwg.minutes/1': ('body', 10, 'GREEN'), 'desk.answer/1': ('body', 5, 'AMBER'),
         'referral.stranded-migrant/1': (
             'routing person identity safeContact contact travel child safety risk needs healthSummary health fitness '
             'screening consent custody placement statistics', 5, 'AMBER'),
         'referral.assessment/1': ('routing safety risk needs health fitness child consent', 5, 'AMBER'),
         'referral.consent/1': ('routing consent', 5, 'AMBER'),
         'referral.follow-up/1': (
             'routing placement risk needs health investigation statistics consent rights', 5, 'AMBER'),
         'referral.told/1': ('body', 5, 'AMBER'), 'handover.escort-plan/1': ('routing custody travel', 5, 'AMBER'),
         'handover.check-in/1': ('body', 5, 'AMBER'),
         'handover.manifest/1': ('routing custody travel statistics', 5, 'AMBER'),
         'task.service/1': ('routing needs placement coordination', 5, 'AMBER'),
         'task.bed-query/1': ('routing placement needs', 1, 'AMBER'),
         'task.assistance/1': ('routing travel coordination', 5, 'AMBER'),
         'rights.request/1': ('routing rights', 5, 'AMBER'), 'rights.answer/1': ('routing rights', 5, 'AMBER'),
         'rights.correction/1': ('routing rights', 5, 'AMBER'), 'rights.erasure/1': ('routing rights', 5, 'AMBER'),
         'rights.breach/1': ('body', 5, 'AMBER'),
         'receipt.read/1': ('body', 5, 'AMBER'), 'receipt.acted/1': ('body', 5, 'AMBER')}
# 02: kinds that every charter opens, listed or not
OPEN_TO_ALL = ['desk.answer/1', 'receipt.read/1', 'receipt.acted/1']
# 02: kinds that a charter opens with another one, and how many approve
OPENED_WITH = {
    'victim.referral/1': {'referral.stranded-migrant/1': 1, 'rights.answer/1': 1, 'rights.breach/1': 0,
                          'rights.correction/1': 0, 'rights.erasure/1': 1, 'rights.request/1': 0},
    'referral.event/1': {'referral.assessment/1': 0, 'referral.consent/1': 0, 'referral.follow-up/1': 0,
                         'referral.told/1': 0},
    'handover.receipt/1': {'handover.check-in/1': 0, 'handover.escort-plan/1': 0, 'handover.manifest/1': 0},
    'task.travel-document/1': {'task.assistance/1': 2, 'task.bed-query/1': 0, 'task.service/1': 0}}
TLP = ['RED', 'AMBER+STRICT', 'AMBER', 'GREEN']
SCOPES = {'named-persons': 0, 'agency': 1, 'bilateral': 1, 'jtwg': 2, 'partners': 2, 'community': 3}
CAVEATS = [*(f'dist:{scope}' for scope in SCOPES), 'eu:H0', 'eu:H1', 'eu:H2', 'eu:H3', 'pap:RED', 'pap:AMBER',
           'pap:GREEN', 'pap:CLEAR', 'test:data']
is_handling = shape(caveats=list_of(one_of(*CAVEATS), 0, 8, ''), tlp=one_of(*TLP),
                    retainUntil=is_text(10, 10, '[0-9]{4}-12-31'))


def check_handling(handling, kind, iat):
    need(kind in KINDS, 'WIRE_SCHEMA')
    _, years, widest = KINDS[kind]
    year, rank = datetime.fromtimestamp(iat, timezone.utc).year, TLP.index(handling['tlp'])
    of = {area: [one.split(':')[1] for one in handling['caveats'] if one.startswith(area)]
          for area in ('dist', 'pap', 'eu')}
    need(handling['retainUntil'] == f'{year + years:04}-12-31', 'WIRE_POLICY')
    need(len(of['dist']) <= 1 and all(rank >= SCOPES[one] for one in of['dist']), 'WIRE_POLICY')
    need(len(of['pap']) <= 1 and (len(of['eu']) <= 1 or 'H0' not in of['eu']), 'WIRE_POLICY')
    need(rank <= TLP.index(widest), 'WIRE_POLICY')


# 03 statement
is_context = shape(charter=is_digest, rosters=map_of(is_agency, is_digest, 0, 2**16))
STATEMENT = {
    '_sd': list_of(is_digest, 1, 1), '_sd_alg': is_text(0, 32), 'aud': list_of(is_agency, 1, 8, ''),
    'context': is_context, 'exp?': is_instant, 'handling': is_handling, 'iat': is_instant, 'iss': is_agency,
    'kind': is_kind, 'jti': is_text(22, 22, '[A-Za-z0-9_-]{21}[AQgw]'),
    'relates?': list_of(shape(digest=is_digest, relation=one_of(
        'agrees', 'answers', 'reply', 'supersedes', 'withdraws')), 1, 8)}


def read_statement(jws):
    statement = Signed(jws, 'amana-statement+sd-jwt', 65536, 4, act=True).read(STATEMENT)
    return need(statement.content['_sd_alg'] == 'sha-256', 'WIRE_SD_ALG') and statement


def check_roster(trust, content, agency):
    need(trust.knows(agency, content['context']['rosters'].get(agency)), 'WIRE_TRUST_CONTEXT')


def check_context(trust, content, agency, instant):
    """The charter by which an object of that instant is judged."""
    charter = trust.counting(content['context'], instant)
    check_roster(trust, content, agency)
    return charter


def check_statement(trust, statement, covered=False):
    """Context, signatures, roles and approvals, audience, handling."""
    content, signers = statement.content, []
    issuer, kind, iat = content['iss'], content['kind'], content['iat']
    charter = check_context(trust, content, issuer, iat)
    kinds = {kind: {'approvals': 0, 'aud': list(charter['agencies'])} for kind in OPEN_TO_ALL}
    for listed, opened in OPENED_WITH.items():
        if listed in charter['kinds']:
            aud = charter['kinds'][listed]['aud']
            kinds |= {opens: {'approvals': approvals, 'aud': aud} for opens, approvals in opened.items()}
    kinds |= {'victim.referral/2': charter['kinds']['victim.referral/1']} if 'victim.referral/1' in charter['kinds'] else {}
    kinds |= charter['kinds']
    for signature in statement.signatures:
        officer = trust.signer('officer', issuer, signature[0]['kid'], iat, covered)
        verify(officer['key'], signature)
        signers.append((signature[0]['act'], officer))
    authors = [officer['id'] for act, officer in signers if act == 'author']
    need(kind in kinds and len(authors) == 1 and issuer in kinds[kind]['aud'], 'WIRE_POLICY')
    area = kind.split('.')[0]
    need(area == 'receipt' or all(f'{act}:{area}' in officer['roles'] for act, officer in signers), 'WIRE_POLICY')
    approvers = {officer['id'] for act, officer in signers if act == 'approve'} - set(authors)
    need(len(approvers) >= kinds[kind]['approvals'], 'TRUST_SECOND_OFFICER')
    need(all(agency in kinds[kind]['aud'] for agency in content['aud']), 'WIRE_AUD')
    check_handling(content['handling'], kind, iat)


# 03 seal, from outside
WRAPS = {'A1': (54, {'epk': shape(crv=one_of('X25519'), kty=one_of('OKP'), x=is_text(43, 43, SALT))}),
         'A2': (64, {'ek': is_text(1494, 1494, SALT)})}
is_seal = shape(
    aad=is_text(0, 16384, SALT), ciphertext=is_text(form=SALT), iv=is_text(16, 16, SALT),
    protected=is_text(0, 600, SALT), recipients=list_of(lambda v: True, 1, 16), tag=is_text(22, 22, SALT))


def check_seal(text, suite, dispatch=None):
    """Opening a seal of a suite, up to the key that opens it."""
    seal = parse(text.encode('utf-8', 'surrogatepass'), 921600)
    in_form(is_seal, seal, 'WIRE_JWE')
    typ = 'amana-seal+jwe' if suite == 'A1' else 'amana-seal-draft+jwe'
    expected = {'alg': SUITES[suite], 'cty': 'amana-openings+json', 'enc': 'A256GCM', 'typ': typ}
    if seal['protected'] != b64text(canon(expected).encode()):
        header = parse(b64(seal['protected']), 300)
        need(isinstance(header, dict), 'WIRE_JWE')
        need('zip' not in header, 'WIRE_ZIP')
        need('crit' not in header, 'WIRE_CRIT')
        need(header.get('alg') == expected['alg'], 'WIRE_SUITE')
        raise Refused('WIRE_JWE')
    length, wrap = WRAPS[suite]
    entry = shape(encrypted_key=is_text(length, length, SALT), header=shape(kid=is_digest, **wrap))
    in_form(list_of(entry, 1, 16), seal['recipients'], 'WIRE_JWE')
    kids = [one['header']['kid'] for one in seal['recipients']]
    need(kids == sorted(set(kids)), 'WIRE_JWE')
    for one in seal['recipients'] if suite == 'A1' else []:
        in_form(lambda key: admit(SUITES['A1'], key) is None, b64(one['header']['epk']['x']), 'WIRE_JWE')
    aad = parse(b64(seal['aad']), 8192)
    if dispatch:
        need(aad == {name: dispatch[name] for name in ('from', 'statements', 'to')}, 'WIRE_AAD')
        need(kids == dispatch['to']['kids'], 'WIRE_TO')


# 04 dispatch, envelope, receipt
is_party, is_channel = shape(agency=is_agency, node=is_text(1, 64)), is_text(3, 129, '[a-z0-9.-]+>[a-z0-9.-]+')
def is_sealed_length(v):
    """10: salt, chunks of 64 KiB with their tags; the last one is empty only where it is the one."""
    if not is_int(32, 2148007952)(v):
        return False
    rest = (v - 16) % 65552
    return rest == 0 or rest > 16 or v == 32


is_file = shape(digest=is_digest, length=is_sealed_length)
is_files = list_of(is_file, 0, 64, 'digest')
DISPATCH = {
    'acknowledges': is_null_or(shape(digest=is_digest, sequence=is_sequence)), 'attachments': is_files,
    'channel': is_channel, 'context': is_context, 'from': is_party, 'keyCommitment': is_digest, 'previous': is_digest,
    'seal': is_digest, 'sealBytes': is_int(1, 921600), 'sentAt': is_instant, 'sequence': is_sequence,
    'signatures': list_of(is_digest, 1, 64), 'statements': list_of(is_digest, 1, 64), 'suite': one_of('A1', 'A2'),
    'to': shape(agency=is_agency, desk=is_id, kids=list_of(is_digest, 1, 16, ''))}
VOID = {'channel': is_channel, 'dispatch': is_digest, 'sequence': is_sequence}
RESULT = {'groups?': is_digest, 'leaf': shape(hash=is_digest, sequence=is_int(0, 2**53 - 1)), 'statement': is_digest,
          'refusal?': one_of('size', 'malformed', 'trust', 'order', 'content', 'policy'),
          'result': one_of('opened', 'refused', 'stored', 'held')}
RECEIPT = {'channel': is_channel, 'dispatch': is_digest, 'issuedAt': is_instant, 'log': is_name, 'receiver': is_party,
           'results': list_of(lambda v: members(v, RESULT), 1, 64), 'sequence': is_sequence}


def read_dispatch(jws):
    return Signed(jws, 'amana-dispatch+jws', 32768, 1).read(DISPATCH)


def signed_by_node(trust, signed, party, instant):
    node = trust.signer('node', party['agency'], signed.signatures[0][0]['kid'], instant)
    need(node['peerId'] == party['node'], 'WIRE_NODE')
    verify(node['sealKey'], signed.signatures[0])


def check_dispatch(trust, dispatch):
    signed_by_node(trust, dispatch, dispatch.content['from'], dispatch.content['sentAt'])


def read_receipt(jws):
    return Signed(jws, 'amana-receipt+jws', 24576, 1).read(RECEIPT)


def check_receipt(trust, receipt, dispatch):
    """All but whether the opened groups are those that were sent, which only the sender knows."""
    content, asked, results = receipt.content, dispatch.content, receipt.content['results']
    signed_by_node(trust, receipt, content['receiver'], content['issuedAt'])
    need(content['dispatch'] == dispatch.digest, 'WIRE_RECEIPT')
    need(content['channel'] == asked['channel'] and content['sequence'] == asked['sequence'], 'WIRE_RECEIPT')
    need(content['receiver']['agency'] == asked['to']['agency'], 'WIRE_RECEIPT')
    need([one['statement'] for one in results] == asked['statements'], 'WIRE_RECEIPT')
    for one in results:
        need(('refusal' in one) == (one['result'] == 'refused'), 'WIRE_RECEIPT')
        need(('groups' in one) == (one['result'] == 'opened'), 'WIRE_RECEIPT')
    late = content['issuedAt'] >= asked['sentAt'] - trust.named(asked['context'])['limits']['skew']
    need(late or all(one['result'] != 'opened' for one in results), 'WIRE_TIME_ORDER')
    return receipt


def first_previous(trust, channel):
    logs = [trust.known(agency)[-1].content['nodes'][0]['log']['genesis'] for agency in channel.split('>')]
    return digest('\0'.join(['amana/1/channel', channel, *logs]))


def receive(trust, text, here):
    """The receiver's order up to the seal, for a receiver to whom nothing came before."""
    try:
        dispatch, void, statements, seal = before_the_place(trust, text, here)
    except Refused as refusal:
        return ['none', str(refusal)]
    try:
        whole_dispatch(trust, dispatch, void, here)
    except Refused as refusal:
        return ['taken'] + [str(refusal)] * len(dispatch['statements'])
    results, taken = [], set()
    for statement in statements:
        results.append(verdict(one_statement, trust, statement, dispatch, here, taken) or CLOSED)
    inside = verdict(check_seal, seal, dispatch['suite'], dispatch) if CLOSED in results else None
    return ['taken'] + [inside or CLOSED if one == CLOSED else one for one in results]


def verdict(check, *arguments):
    """The code with which a check refuses, or nothing."""
    try:
        check(*arguments)
    except Refused as refusal:
        return str(refusal)
    return None


def before_the_place(trust, text, here):
    envelope = parse(text.encode('utf-8', 'surrogatepass'), 1048576)
    need(isinstance(envelope, dict) and 'v' in envelope, 'WIRE_MEMBER')
    need(envelope['v'] == 1, 'WIRE_VERSION')
    anything, voided = (lambda v: True), 'void' in envelope
    parts = {'void': anything} if voided else {
        'seal': is_text(1, 921600), 'statements': lambda v: isinstance(v, list) and 1 <= len(v) <= 64}
    members(envelope, {'dispatch': anything, 'v': anything, **parts})
    signed = read_dispatch(envelope['dispatch'])
    void = Signed(envelope['void'], 'amana-void+jws', 1024, 1).read(VOID) if voided else None
    statements, content = [read_statement(one) for one in envelope.get('statements', [])], signed.content
    check_dispatch(trust, signed)
    if voided:
        signed_by_node(trust, void, content['from'], content['sentAt'])
    matching(signed, void, statements, envelope.get('seal'))
    sender, to = content['from']['agency'], content['to']['agency']
    need(to == here['agency'], 'WIRE_NOT_FOR_ME')
    need(content['channel'] == f'{sender}>{to}' and sender != to, 'WIRE_CHANNEL')
    need(content['from']['node'] == here['carriedBy'], 'WIRE_NODE')
    need(content['sequence'] == 1, 'WIRE_SEQ_GAP')
    need(content['previous'] == first_previous(trust, content['channel']), 'WIRE_PREV')
    return content, void, statements, envelope.get('seal')


def matching(dispatch, void, statements, seal):
    content = dispatch.content
    bound = content['statements']
    need(len(bound) == len(content['signatures']) == len(set(bound)), 'WIRE_ENVELOPE')
    if void:
        expected = {name: content[name] for name in ('channel', 'sequence')} | {'dispatch': dispatch.digest, 'v': 1}
        need(void.content == expected, 'WIRE_ENVELOPE')
    else:
        data = seal.encode('utf-8', 'surrogatepass')
        need(content['seal'] == digest(data) and content['sealBytes'] == len(data), 'WIRE_ENVELOPE')
        need(bound == [one.digest for one in statements], 'WIRE_ENVELOPE')
        need(content['signatures'] == [one.signatures_digest for one in statements], 'WIRE_ENVELOPE')


def whole_dispatch(trust, dispatch, void, here):
    now, sent, to, sender = here['now'], dispatch['sentAt'], dispatch['to'], dispatch['from']['agency']
    need(not void, 'WIRE_POLICY')
    charter = trust.counting(dispatch['context'], sent)
    limits = charter['limits']
    need(dispatch['suite'] in charter['suites'], 'WIRE_SUITE')
    need(sent <= now + limits['skew'], 'WIRE_TIME_FUTURE')
    need(now <= sent + limits['hold'], 'WIRE_TIME_STALE')
    check_roster(trust, dispatch, sender)
    need(dispatch['acknowledges'] is None, 'WIRE_ACK')
    need(len(to['kids']) <= limits['recipients'], 'WIRE_SIZE')
    check_roster(trust, dispatch, to['agency'])
    roster = dispatch['context']['rosters'][to['agency']]
    need(to['kids'] == trust.desk_keys(to['agency'], to['desk'], sent, roster, dispatch['suite']), 'WIRE_TO')


def one_statement(trust, statement, dispatch, here, taken):
    skew = trust.named(dispatch['context'])['limits']['skew']
    content, latest = statement.content, min(here['now'], dispatch['sentAt']) + skew
    check_statement(trust, statement)
    need(content['iss'] == dispatch['from']['agency'], 'WIRE_ISS')
    need(here['agency'] in content['aud'], 'WIRE_AUD')
    need(content['iat'] <= latest, 'WIRE_TIME_FUTURE')
    need(here['now'] < content.get('exp', here['now'] + 1), 'WIRE_EXPIRED')
    need((content['iss'], content['jti']) not in taken, 'WIRE_FORK')
    taken.add((content['iss'], content['jti']))
