"""The locks of the house beside the use-cases' own, each with how it is broken and who must notice.

A line that has changed in the house is found no more, and a test says so: then it is written here as it stands now.
"""

LOCKS, FOREIGN = "tests/security/test_locks_first.py", "tests/security/test_foreign_ids.py"
GATE, SESSIONS = "tests/security/test_gate_locks.py", "tests/security/test_sessions.py"
SOCKET = "tests/web/test_gate.py::test_a_session_that_was_ended_closes_its_socket_at_the_next_message"
SEEN, FORMULAS = "tests/security/test_canaries.py", "tests/security/test_formulas.py"
UPLOADS, REFUSED = "tests/security/test_photo_uploads.py", "tests/usecases/test_people.py"
ERASED, REVEALED = "tests/record/test_erasure.py", "tests/identity/test_reveals.py"
RELEASED, API = "tests/identity/test_release.py", "tests/web/test_api.py"
ACCOUNTS, TRIES = "tests/usecases/test_accounts.py", "tests/usecases/test_throttle.py"
MOVES, IDLE = "tests/usecases/test_moves.py", "tests/usecases/test_sessions.py"
RATES, TOLD = "tests/security/test_rates.py", "tests/domain/test_release.py"
SEALED, OWN_DATA = "tests/record/test_sealed.py", "tests/identity/test_own_data.py"
PROXIES = "tests/web/test_proxies.py"
WAYS = "tests/usecases/test_ways_in.py"
SEASONS = "tests/identity/test_seasons.py"
TEXTS, REGISTER = "tests/record/test_texts_sealed.py", "tests/usecases/test_register.py"
FAR_SOCKET = "tests/web/test_gate.py::test_a_socket_from_another_page_is_refused"

#: One line each: file, what stands there, what it becomes, who guards it.
BROKEN: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("domain/access.py", "scope is Scope.REGION and actor.region is None", "False", ("tests/domain/test_access.py",)),
    ("storage/scopes.py", "return col(Visit.volunteer_id) == reach.person_id", "return true()", (FOREIGN,)),
    ("storage/scopes.py", 'return col(Person.role) != "volunteer"', "return true()", (FOREIGN,)),
    ("storage/scopes.py", '& (col(Person.role) == "volunteer")', "", (FOREIGN, REFUSED)),
    ("storage/scopes.py", "return region == reach.region", "return true()", (FOREIGN,)),
    ("storage/scopes.py", "released & (col(Case.region_id) == reach.region)", "released", (FOREIGN,)),
    (
        "storage/scopes.py",
        "col(Case.released_at) <= reach.now if reach.now is not None else false()",
        "true()",
        (RELEASED,),
    ),
    ("storage/intake.py", ', col(Visit.volunteer_id) == bindparam("person"))', ")", (FOREIGN,)),
    ("storage/visit_queries.py", "            col(Photo.released).is_(True),\n", "", (FOREIGN,)),
    ("storage/visit_queries.py", "            col(Photo.visit_id).in_(opened),\n", "", (FOREIGN,)),
    ("storage/people_queries.py", "        col(SignedIn.revoked_at).is_(None),\n", "", (SESSIONS,)),
    ("storage/people_queries.py", '        col(SignedIn.expires_at) > bindparam("now"),\n', "", (SESSIONS,)),
    ("storage/people_queries.py", "col(Invite.used_at).is_(None), ", "", (SESSIONS,)),
    ("storage/people_queries.py", ", col(Invite.expires_at) > now", "", (SESSIONS,)),
    ("usecases/evidence.py", " or photo.withdrawn_at is not None", "", (FOREIGN,)),
    (
        "usecases/evidence.py",
        '    return custody.digest({"visit": visit_id, "photo": photo_id})',
        "    return photo_id",
        (UPLOADS,),
    ),
    ("usecases/erasure.py", "order.asked_by == work.actor.code", "False", (ERASED,)),
    ("usecases/reveals.py", "    if row.asked_by == work.actor.code:", "    if False:", (REVEALED,)),
    ("usecases/reveals.py", "row is None or row.asked_by != work.actor.code", "row is None", (FOREIGN, REVEALED)),
    (
        "usecases/reveals.py",
        'row.state != "consented" or _is_over(row, work.now)',
        'row.state != "consented"',
        (REVEALED,),
    ),
    ("web/gate.py", "self._too_often(scope, headers, actor)\n            or ", "", (RATES,)),
    ("domain/release.py", "return max(over, midnight) + after", "return known + after", (TOLD,)),
    ("domain/release.py", "week_of(said) != week_of(half)", "said != half[:10]", (TOLD,)),
    ("storage/erasing.py", "photo.wrapped = None, None, None", "_ = None, None, None", (SEALED,)),
    ("storage/photos.py", "        if kept.wrapped is None:", "        if False:", (SEALED,)),
    ("usecases/own_data.py", " if name not in KEPT_BACK}", "}", (OWN_DATA,)),
    ("usecases/people.py", "role not in MAY_BRING_IN[work.actor.role]", "False", (REFUSED,)),
    ("usecases/people.py", "work.actor.region is not None and region != work.actor.region", "False", (REFUSED,)),
    ("usecases/people.py", " or _comes_in_otherwise(session, settings, actor.person_id)", "", (ACCOUNTS,)),
    ("usecases/moves.py", "not {role, Role(person.role)} <= MAY_BRING_IN[work.actor.role]", "False", (MOVES,)),
    ("usecases/moves.py", " or person.id == work.actor.person_id", "", (MOVES,)),
    ("usecases/sessions.py", "    if idle and unseen > timedelta(seconds=idle):", "    if False:", (IDLE,)),
    ("usecases/sessions.py", "    if not is_enough(settings, actor.role, how):", "    if False:", (ACCOUNTS,)),
    ("usecases/people.py", "    if _still_finishes(work, person.id):", "    if False:", (SEASONS,)),
    ("usecases/dispatch.py", "not standings[person.id].is_renewed and ", "", (SEASONS,)),
    ("usecases/dispatch.py", " and when - person.created_at <= work.settings.season,", ",", (SEASONS,)),
    ("usecases/seasons.py", "        if one.id not in busy:\n            _end(work, one)", "        pass", (SEASONS,)),
    ("usecases/review.py", "        seasons.end_if_over(work, row.visit.volunteer_id)", "        pass", (SEASONS,)),
    ("usecases/identities.py", "len({everyone_she_was(vault, id_) for", "len({id_ for", (SEASONS,)),
    ("usecases/people.py", "TAKING_AWAY) == work.actor.code:", "TAKING_AWAY) == '':", (WAYS,)),
    ("usecases/ways_in.py", "    if (issuer.strip() or subject.strip()) and was_used:", "    if False:", (WAYS,)),
    ("usecases/ways_in.py", "    people_queries.forget_invites(session, person.id)  #", "    #", (WAYS,)),
    ("usecases/known_browsers.py", "name if is_right and held is not None", "name if kept and held", (ACCOUNTS,)),
    ("usecases/known_browsers.py", "|{held.person_id}|{since}|", "|{since}|", (ACCOUNTS,)),
    ("usecases/known_browsers.py", "|{since}|", "|", (ACCOUNTS,)),
    ("usecases/accounts.py", "at = [throttle.of_browser(settings, known, whom)]", "at = []", (ACCOUNTS,)),
    ("usecases/accounts.py", "    at = [throttle.of_proof(settings, actor.person_id)]", "    at = []", (ACCOUNTS,)),
    ("usecases/accounts.py", "    _admit(settings, at, now)\n    is_right", "    is_right", (ACCOUNTS,)),
    (
        "usecases/accounts.py",
        "    prove(settings, actor, current, now)\n    check_policy",
        "    check_policy",
        (ACCOUNTS,),
    ),
    ("usecases/accounts.py", "    if step is None:\n        raise", "    if False:\n        raise", (ACCOUNTS,)),
    ("storage/account_queries.py", ", col(Credential.factor_step) < step)", ")", (ACCOUNTS,)),
    ("storage/account_queries.py", "        col(RecoveryCode.used_at).is_(None),\n", "", (ACCOUNTS,)),
    ("usecases/throttle.py", "before, now) > now:", "before, now) > now and False:", (TRIES,)),
    ("usecases/passwords.py", "    with _SEATS:\n        decoy", "    if True:\n        decoy", (ACCOUNTS,)),
    ("usecases/cases.py", "text=released, sealed=released is None", "text=str(value), sealed=False", (REGISTER,)),
    ("usecases/texts.py", "return None if VisitState(state) in WEIGHED else work.texts", "return work.texts", (TEXTS,)),
    ("usecases/sync.py", "        if is_free and value is not None:", "        if False:", (TEXTS,)),
    ("usecases/sync.py", "            if is_free:\n", "            if False:\n", (TEXTS,)),
    ("storage/guards.py", "return \" and \".join(was_plain + rest)", "return \" and \".join(was_plain)", (TEXTS,)),
    ("storage/free_texts.py", " if texts else SEALED", " if texts else row.question_id", (TEXTS,)),
    ("usecases/cases.py", "coarse(half_day(datetime.fromisoformat(str(value)), ZONE))", "str(value)", (RELEASED,)),
    ("usecases/register_export.py", "starts.startswith(_RUNS)", "False", (FORMULAS,)),
    ("web/proxies.py", " or not _is_ours(_address(peer[0]), proxies):", ":", (PROXIES,)),
    ("web/proxies.py", "reversed(said)", "said", (PROXIES,)),
    ("web/gate.py", "            scope = seen_through(scope, self.settings.proxies)", "            pass", (PROXIES,)),
    ("web/gate.py", "        if not self._is_our_host(headers):", "        if False:", (GATE,)),
    (
        "web/gate.py",
        "        if not (self._is_open(path) or needs_session(path, self.pages)):",
        "        if False:",
        (GATE,),
    ),
    ("web/gate.py", " and self.settings.sign_in.way == OIDC)", ")", (GATE,)),
    ("web/gate.py", "        if actor is None and not (", "        if False and not (", (GATE,)),
    ("web/gate.py", 'headers.get("x-fc") != "1" or ', "", (GATE,)),
    ("web/gate.py", " or not is_same_origin(headers):\n                return", ":\n                return", (GATE,)),
    ("web/gate.py", " and is_same_origin(headers)\n", "\n", (FAR_SOCKET,)),
    ("web/gate.py", "if still is None or still.person_id != actor.person_id:", "if False:", (SOCKET,)),
    ("web/gate.py", 'OPEN_BELOW = ("/pocket/", "/static/")', 'OPEN_BELOW = ("/pocket/", "/static/", "/api/")', (GATE,)),
    (
        "web/gate.py",
        'OPEN_BELOW = ("/pocket/", "/static/")',
        'OPEN_BELOW = ("/pocket/", "/static/", "/media/")',
        (GATE,),
    ),
    ("web/gate.py", 'SIGNED_IN_BELOW = ("/api/"', 'SIGNED_IN_BELOW = ("/_stcore/", "/api/"', (GATE,)),
    ("web/gate.py", "        if announced(headers) > limit_for(path):", "        if False:", (GATE,)),
    ("web/gate.py", "self.seen > self.limit", "False", (GATE,)),
    ("web/gate.py", ".startswith(ACCOUNT)", ".startswith(b'no such header')", (GATE,)),
    ("web/gate.py", '        b"x-content-type-options": b"nosniff",\n', "", (GATE,)),
    (
        "web/cookies.py",
        '            httponly=True,\n            samesite="lax",\n        )',
        "        )",
        (SESSIONS,),
    ),
    ("web/api.py", "    if not isinstance(actor, Actor):", "    if False:", (API,)),
    ("web/api.py", "    if owner and not hmac.compare_digest(", "    if False and not hmac.compare_digest(", (API,)),
)
