from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import grpc
import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.credentials import Credentials, is_signed, read_credentials, sign

SECRET = "SCALENET_SEARCH_SECRET"
CERTIFICATE, KEY = "SCALENET_SEARCH_CERTIFICATE_FILE", "SCALENET_SEARCH_KEY_FILE"
CALL = (b"0123456789abcdef", "CreateTrial", "{}", b"body")


def test_the_chief_makes_a_secret_that_only_its_user_reads(tmp_path: Path) -> None:
    credentials = read_credentials(tmp_path / "search", True, {})
    assert credentials.of_worker() is None
    secret = credentials.of_chief()
    file = tmp_path / "search" / "secret"
    assert len(secret) == 64 and file.read_bytes() == secret + b"\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert credentials.of_chief() == credentials.of_worker() == secret  # also after a restart
    assert read_credentials(tmp_path / "other", True, {}).of_chief() != secret
    credentials.forget()
    credentials.forget()
    assert list(file.parent.iterdir()) == []


def test_a_secret_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()  # Root may read any file.
    with pytest.raises(ScaleNetError, match=r"secret', cannot be read \(Is a directory\)\. Start chief and"):
        Credentials(tmp_path / "secret").of_worker()


@pytest.mark.parametrize("left", ["", "\n", "0123456789"])
def test_half_a_file_is_no_secret(left: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(left)
    credentials = Credentials(tmp_path / "secret")
    assert credentials.of_worker() is None
    assert len(credentials.of_chief()) == 64


def test_the_user_s_own_secret_needs_no_file(tmp_path: Path) -> None:
    credentials = read_credentials(tmp_path, True, {SECRET: " ein langes Geheimnis, länger als nötig\n"})
    assert (
        credentials.of_chief() == credentials.of_worker() == "ein langes Geheimnis, länger als nötig".encode()
    )
    credentials.forget()
    assert list(tmp_path.iterdir()) == []
    for short in ("", "short"):
        with pytest.raises(
            ScaleNetError, match=rf"{SECRET} must have at least 16 .* Received: {len(short)} ch"
        ):
            read_credentials(tmp_path, True, {SECRET: short})


def test_a_signature_is_that_of_all_parts_of_a_call() -> None:
    signature = sign(*CALL)
    assert is_signed(signature, *CALL)
    for place, other in enumerate((b"another secret ..", "EndTrial", "{ }", b"bodz")):
        assert not is_signed(signature, *CALL[:place], other, *CALL[place + 1 :])  # type: ignore[arg-type]
    assert not is_signed("", *CALL) and not is_signed("é", *CALL)
    assert sign(b"s", "CreateTrial", "ab", b"c") != sign(b"s", "CreateTrial", "a", b"bc")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of localhost and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=DNS:localhost", "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_tls_takes_a_certificate_and_its_key(pair: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = map(str, pair)
    chief = read_credentials(tmp_path, True, {CERTIFICATE: certificate, KEY: key})
    assert isinstance(chief.server(), grpc.ServerCredentials)
    assert read_credentials(tmp_path, True, {CERTIFICATE: "", KEY: ""}).server() is None
    assert read_credentials(tmp_path, False, {CERTIFICATE: certificate, KEY: key}).key
    for variables, word in (({CERTIFICATE: certificate}, "a certificate"), ({KEY: key}, "a key")):
        with pytest.raises(ScaleNetError, match=rf"needs both .* Received: {word} alone"):
            read_credentials(tmp_path, True, variables)
    with pytest.raises(ScaleNetError, match=r"a worker needs the certificate .* Received: a key alone"):
        read_credentials(tmp_path, False, {KEY: key})


def test_files_that_are_no_certificate_are_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = pair
    garbage, missing = tmp_path / "garbage.pem", tmp_path / "missing.pem"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nno\n")
    for one, other in ((garbage, key), (certificate, garbage), (key, certificate)):
        with pytest.raises(ScaleNetError, match="must be a certificate and its private key"):
            Credentials(tmp_path, certificate=one, key=other).server()
    with pytest.raises(ScaleNetError, match=rf"the file of {KEY} cannot be read: .*missing\.pem' \(No such"):
        Credentials(tmp_path, certificate=certificate, key=missing).server()
    with pytest.raises(ScaleNetError, match=rf"the file of {CERTIFICATE} cannot be read: .*missing"):
        Credentials(tmp_path, certificate=missing).channel("localhost:1", [])
    with pytest.raises(ScaleNetError, match=r"garbage\.pem' must hold the chief's certificate"):
        Credentials(tmp_path, certificate=garbage).channel("localhost:1", [])


def test_a_worker_with_the_certificate_reaches_the_chief_and_no_other_does(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    certificate, key = pair
    credentials = Credentials(tmp_path / "secret", certificate=certificate, key=key)
    from concurrent import futures

    server = grpc.server(futures.ThreadPoolExecutor(1))
    answer = grpc.unary_unary_rpc_method_handler(lambda body, context: body)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("s", {"m": answer}),))
    port = server.add_secure_port("localhost:0", credentials.server())
    server.start()
    try:
        with credentials.channel(f"localhost:{port}", []) as channel:
            assert channel.unary_unary("/s/m")(b"body", timeout=20) == b"body"
        for stranger, host in ((Credentials(tmp_path), "localhost"), (credentials, "127.0.0.1")):
            with stranger.channel(f"{host}:{port}", []) as channel, pytest.raises(grpc.RpcError):
                channel.unary_unary("/s/m")(b"body", timeout=5)
    finally:
        server.stop(0).wait()
