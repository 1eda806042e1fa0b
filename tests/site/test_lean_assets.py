"""The joined style sheet keeps each rule that can match, and no other."""

import pytest
import tinycss2


@pytest.fixture
def lean_assets(extension):
    return extension("lean_assets")


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        ("p{color:red}", "p{color:red}"),
        (".used{color:red}", ".used{color:red}"),
        (".unused{color:red}", ""),
        (".used .unused,p{color:red}", "p{color:red}"),
        ("a:not(.unused).used{color:red}", "a:not(.unused).used{color:red}"),
        ("a:is(.used,.unused){color:red}", "a:is(.used,.unused){color:red}"),
        ('[href$=".unused"]{color:red}', '[href$=".unused"]{color:red}'),
        (r".sm\:used{color:red}", r".sm\:used{color:red}"),
        ("@media print{.used{color:red}.unused{a:b}}", "@media print{.used{color:red}}"),
        ("@media print{.unused{color:red}}", ""),
        ("#gone{color:red}", ""),
        (
            "p{background:url(data:image/png;base64,.x)}",
            "p{background:url(data:image/png;base64,.x)}",
        ),
    ],
)
def test_purged(lean_assets, sheet, kept):
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    assert lean_assets.purged(rules, {"used", "sm:used"}) == kept


def test_a_broken_sheet_stops_the_build(lean_assets):
    rules = tinycss2.parse_stylesheet("p", skip_comments=True, skip_whitespace=True)
    with pytest.raises(ValueError, match="style sheet, line 1"):
        lean_assets.purged(rules, set())


def test_used_names(lean_assets):
    page = '<p class="one two" id="three" title="four">'
    assert lean_assets.used_names([page], "add('five')") == {"one", "two", "three", "add", "five"}


def test_addresses_lead_from_the_joined_sheet(lean_assets):
    sheet = 'a{src:url(../fonts/x.woff)} b{src:url("data:x")}'
    assert lean_assets.rebased(sheet, "styles/a.css") == (
        'a{src:url("fonts/x.woff")} b{src:url("data:x")}'
    )


def test_a_sheet_is_purged_again_only_if_something_has_changed(lean_assets, tmp_path, monkeypatch):
    sheet = ".used{color:red}.unused{color:red}"
    assert lean_assets.purged_once(sheet, {"used"}, tmp_path) == ".used{color:red}"
    with monkeypatch.context() as patch:
        patch.setattr(lean_assets, "purged", None)
        assert lean_assets.purged_once(sheet, {"used", "else"}, tmp_path) == ".used{color:red}"
    assert "unused" in lean_assets.purged_once(sheet, {"used", "unused"}, tmp_path)
    assert lean_assets.purged_once(f"p{sheet}", {"used"}, tmp_path) == "p.used{color:red}"
