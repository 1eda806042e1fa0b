"""The page that a student gets back."""

import html

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{max-width:45rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 sans-serif}}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def feedback(name: str, result: dict) -> str:
    """Return the page that a student may read: points, and where to look for what failed."""
    title = f"Feedback on {html.escape(name)}"
    lines = [f"<h1>{title}</h1>"]
    if result["problem"]:
        lines.append(f"<p><strong>Not graded:</strong> {html.escape(result['problem'])}.</p>")
    lines.append(f"<p>{result['score']:g} of {result['possible']:g} points by tests.</p>")
    for found in result["questions"].values():
        lines.append(
            f"<h2>{html.escape(found['title'])}: {found['points']:g} of {found['possible']:g}</h2>"
        )
        failed = "".join(f"<li>{html.escape(text)}</li>" for text in found["failed"])
        lines.append(f"<ul>{failed}</ul>" if failed else "<p>All tests passed.</p>")
    if result["errors"]:
        raised = "".join(f"<li><code>{html.escape(text)}</code></li>" for text in result["errors"])
        lines.append(f"<h2>What your cells raised</h2><ul>{raised}</ul>")
    if result["person"] and not result["problem"]:
        read = "".join(
            f"<li>{html.escape(title)}: up to {points:g}</li>"
            for title, points in result["person"].items()
        )
        lines.append(f"<h2>What a person reads</h2><ul>{read}</ul>")
    return PAGE.format(title=title, body="\n".join(lines))
