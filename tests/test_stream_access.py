"""Who may connect: browsers, strangers, names that pretend, tokens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocap.errors import InvalidValue
from mocap.stream.access import Access, is_loopback, new_token

HOME = Access()
TOKEN = "correct-horse-battery"
ABROAD = Access("0.0.0.0", TOKEN)


def status(
    access: Access,
    *,
    host: str = "127.0.0.1:8765",
    origin: str | None = None,
    path: str = "/",
    **more: str,
) -> int:
    """What HTTP says; 101 for come in."""
    headers = [("Host", host), *more.items()]
    if origin is not None:
        headers.append(("Origin", origin))
    refusal = access.refusal(path, headers)
    return 101 if refusal is None else refusal.status


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.9.8.7", "localhost", "LOCALHOST", "::1", "[::1]", "x.localhost",
     "localhost.", "::ffff:127.0.0.1"],
)  # fmt: skip
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "", "192.168.1.2", "127.0.0.1.evil.com", "localhost.evil.com",
     "notlocalhost", "128.0.0.1", "127.0.0", "127.1", "2130706433", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_others_are_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "studio.example"])
def test_other_hosts_need_a_token_or_the_word_that_none_is_needed(host: str) -> None:
    with pytest.raises(InvalidValue, match="give a token"):
        Access(host)
    assert status(Access(host, no_token=True), host=f"{host}:1" if ":" not in host else "x") == 101
    with pytest.raises(InvalidValue, match="leave out either"):
        Access(host, TOKEN, no_token=True)


@pytest.mark.parametrize(
    "token", ["", "short", "spa\nce long", "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"]
)
def test_poor_tokens_are_refused_at_birth(token: str) -> None:
    with pytest.raises(InvalidValue, match="at least 8"):
        Access(token=token)


def test_programs_of_this_machine_come_in() -> None:
    assert status(HOME) == 101
    assert status(HOME, host="localhost:8765") == 101
    assert status(HOME, host="[::1]:8765") == 101


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:5173", "HTTP://LOCALHOST:1"],
)
def test_pages_of_this_machine_come_in(origin: str) -> None:
    assert status(HOME, origin=origin) == 101


@pytest.mark.parametrize(
    "origin",
    ["https://evil.com", "null", "", "http://localhost.evil.com", "http://localhost@evil.com",
     "http://evil.com:8765", "http://evil.com#localhost", "http://127.0.0.1.evil.com",
     "file://", "localhost", "http://localhost:3000/x", "http://evil.com/ http://localhost",
     "chrome-extension://localhost", "http://localhost:999999"],
)  # fmt: skip
def test_other_pages_stay_out(origin: str) -> None:
    assert status(HOME, origin=origin) == 403
    assert status(ABROAD, origin=origin, path=f"/?token={TOKEN}") == 403


def test_named_pages_come_in_and_their_neighbours_do_not() -> None:
    access = Access(origins=("https://Studio.example:8443/", "null"))
    assert status(access, origin="https://studio.example:8443") == 101
    assert status(access, origin="null") == 101
    for other in ("https://studio.example", "http://studio.example:8443", "https://x.example"):
        assert status(access, origin=other) == 403
    assert (
        "https://studio.example:8443"
        in access.refusal("/", [("Host", "localhost"), ("Origin", "https://evil.com")]).message
    )  # type: ignore[union-attr]


@pytest.mark.parametrize("origin", ["studio.example", "*", "https://a b", "https://a.b/c"])
def test_a_wrong_origin_is_refused_at_birth(origin: str) -> None:
    with pytest.raises(InvalidValue, match="expected one like"):
        Access(origins=(origin,))


@pytest.mark.parametrize("host", ["evil.com", "evil.com:8765", "192.168.1.2:8765", "0.0.0.0:8765"])
def test_names_that_pretend_to_be_this_machine_stay_out(host: str) -> None:
    """DNS rebinding: the page is of the same origin as the server, as the browser sees it."""
    assert status(HOME, host=host, origin=f"http://{host}") == 403
    assert status(HOME, host=host) == 403


@pytest.mark.parametrize("headers", [[], [("Host", "localhost"), ("host", "localhost")]])
def test_one_host_and_one_origin_are_expected(headers: list[tuple[str, str]]) -> None:
    refusal = HOME.refusal("/", headers)
    assert refusal is not None
    assert refusal.status == 400
    twice = [("Host", "localhost"), ("Origin", "http://localhost"), ("Origin", "http://evil.com")]
    assert HOME.refusal("/", twice).status == 400  # type: ignore[union-attr]
    assert status(HOME, host="a b") == 400
    assert status(HOME, host="localhost/evil.com") == 400


@pytest.mark.parametrize("access", [ABROAD, Access(token=TOKEN)], ids=["abroad", "home"])
def test_a_token_opens(access: Access) -> None:
    assert status(access, path=f"/?token={TOKEN}") == 101
    assert status(access, path=f"/stream?a=b&token={TOKEN}") == 101
    assert status(access, Authorization=f"Bearer {TOKEN}") == 101
    assert status(access, authorization=f"bearer {TOKEN}") == 101
    assert status(access, path="/?token=wrong", Authorization=f"Bearer {TOKEN}") == 101


@pytest.mark.parametrize(
    "path",
    ["/", "/?token=", "/?token=wrong", f"/?token={TOKEN}x", f"/?token={TOKEN[:-1]}",
     f"/?Token={TOKEN}", f"/{TOKEN}", "/?token=%00", "/?token=\udcff", "/?token=" + "x" * 8000,
     "/?" + "&".join(["a=b"] * 101), "//[?token=x"],
)  # fmt: skip
def test_without_it_nobody_comes_in(path: str) -> None:
    assert status(ABROAD, path=path) in (400, 401)
    assert status(ABROAD, path=path, Authorization=f"Basic {TOKEN}") in (400, 401)


def test_no_refusal_tells_the_token() -> None:
    for path in ("/", "/?token=wrong"):
        refusal = ABROAD.refusal(path, [("Host", "x")])
        assert refusal is not None
        assert TOKEN not in refusal.message
    assert TOKEN not in repr(ABROAD)


def test_new_tokens_differ_and_serve() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(status(Access("0.0.0.0", t), path=f"/?token={t}") == 101 for t in tokens)


headers = st.lists(
    st.tuples(st.sampled_from(["Host", "Origin", "Authorization", "X"]), st.text(max_size=30)),
    max_size=5,
)


@given(st.text(max_size=50), headers)
def test_whatever_is_sent_nobody_comes_in_without_the_token(
    path: str, headers: list[tuple[str, str]]
) -> None:
    refusal = ABROAD.refusal(path, headers)
    assert refusal is not None
    assert refusal.status in (400, 401, 403)
    assert len(refusal.message) < 400


@given(st.text(max_size=30))
def test_whatever_an_origin_says_it_must_be_known(origin: str) -> None:
    allowed = status(HOME, origin=origin) == 101
    assert allowed == ("localhost" in origin.lower() and allowed)
