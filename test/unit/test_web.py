"""The page for web browsers: what is served, to whom, and what counts as watched."""
from http.client import HTTPConnection

from physai_ros.adapters import web
import pytest

NAME = 'r1/head_camera/image_raw'


@pytest.fixture
def page():
    page = web.Web(('sim/overview/image_raw', NAME), 0)
    yield page
    page.close()


def get(page, path, host=None):
    connection = HTTPConnection(page.url.removeprefix('http://'), timeout=5)
    connection.request('GET', path, headers={'Host': host} if host else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.getheader('Content-Type'), body


def test_the_page_names_every_picture(page):
    status, kind, body = get(page, '/')
    assert (status, kind) == (200, 'text/html; charset=utf-8')
    assert body.count(b'<img') == 2
    assert f'data-src="/{NAME}.jpg"'.encode() in body


def test_a_picture_is_watched_once_it_is_asked_for_and_shown_once_it_is_there(page):
    assert not page.watched(NAME)
    assert get(page, f'/{NAME}.jpg')[0] == 503
    assert page.watched(NAME) and not page.watched('sim/overview/image_raw')
    page.put(NAME, b'jpeg')
    assert get(page, f'/{NAME}.jpg?1') == (200, 'image/jpeg', b'jpeg')


def test_an_old_picture_is_not_shown_and_nobody_watches_for_ever(page, monkeypatch):
    page.put(NAME, b'jpeg')
    get(page, f'/{NAME}.jpg')
    now_s = web.time.monotonic()
    monkeypatch.setattr(web.time, 'monotonic', lambda: now_s + 3.0)
    assert not page.watched(NAME)
    assert get(page, f'/{NAME}.jpg')[0] == 503


@pytest.mark.parametrize('path', ['/other.jpg', '/../etc/passwd', '/%2e%2e/x', '/x y'])
def test_nothing_else_is_served(page, path):
    assert get(page, path.replace(' ', '%20'))[0] == 404


@pytest.mark.parametrize('host, status', [
    ('localhost:9000', 200), ('127.0.0.1', 200), ('evil.example', 403), ('10.0.0.1:8765', 403)])
def test_only_this_machine_is_answered(page, host, status):
    assert get(page, '/', host)[0] == status


def test_a_taken_port_is_an_error(page):
    with pytest.raises(OSError):
        web.Web((), int(page.url.rsplit(':', 1)[1]))
