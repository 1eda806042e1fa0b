"""The matrix runs its rows, and a row that fails is not lost."""

import locale
import os
import subprocess
import sys

import pytest

from tools.contracts import matrix


@pytest.fixture
def book(tmp_path, monkeypatch, root, write_notebook, run_notebook):
    """Return a folder with a book of two notebooks, in which the matrix runs."""
    (tmp_path / "book").mkdir()
    for name in "ab":
        path = write_notebook(tmp_path / f"book/{name}.ipynb", {"text": f"print('{name}', 0.5)"})
        run_notebook(path)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_row_that_holds(book, capsys):
    assert matrix.main(["reversed order"]) == 0
    assert "1 of 1 rows held" in capsys.readouterr().out
    assert "contracts: 2 notebooks, 2 cells" in (book / matrix.LOG).read_text()


@pytest.mark.slow
def test_a_row_that_fails_is_not_repeated(book, capsys):
    path = book / "book/b.ipynb"
    path.write_text(path.read_text().replace("b 0.5", "b 0.7"))
    assert matrix.main(["ten times"]) == 1
    printed = capsys.readouterr().out
    assert "FAILED" in printed
    assert "0 of 1 rows held" in printed
    log = (book / matrix.LOG).read_text()
    assert "0.7 became 0.5" in log
    assert log.count("contracts: 2 notebooks, 2 cells") == 1


def test_every_row_changes_what_it_says(monkeypatch):
    environments = []

    def run(command, env, **_):
        environments.append({name: env.get(name) for name in ("LC_ALL", *names)})
        environments[-1]["order"] = command[-2:]
        return subprocess.CompletedProcess(command, 0, "", "")

    names = ("ATEN_CPU_CAPABILITY", "MKL_CBWR", "OMP_NUM_THREADS", "LOCPATH")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(matrix.subprocess, "run", run)
    monkeypatch.setattr(matrix, "make_locale", lambda *_: None)
    for name in matrix.ROWS:
        matrix.run_row(name, ["a", "b"])
    found = [str(environment) for environment in environments]
    # the first row is repeated by the last one; all others differ from each other
    assert len(set(found)) == len(matrix.ROWS) - 1
    assert found.count(found[0]) == 1 + matrix.REPETITIONS


def test_an_unknown_row_is_an_error(capsys):
    with pytest.raises(SystemExit, match="2"):
        matrix.main(["OMP_NUM_THREADS=3"])
    assert "no row is called 'OMP_NUM_THREADS=3'" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="localedef is glibc's")
def test_an_absent_locale_is_an_error_and_a_present_one_is_used(tmp_path):
    with pytest.raises(RuntimeError, match="no locale xx_YY"):
        matrix.make_locale("xx_YY.UTF-8", tmp_path)
    if not os.path.exists("/usr/share/i18n/locales/zh_CN"):
        pytest.skip("the sources of locales are not installed")
    matrix.make_locale(matrix.CHINESE, tmp_path)
    environment = os.environ | {"LC_ALL": matrix.CHINESE, "LOCPATH": str(tmp_path)}
    command = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv())"
    result = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True
    )
    assert "CNY" in result.stdout
    assert locale.localeconv()["int_curr_symbol"].strip() != "CNY"
