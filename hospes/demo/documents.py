"""Papers of the demo: offers, labels, statements, as small PDF files that every reader opens."""

from __future__ import annotations


def document(name: str) -> bytes:
    """Return a PDF of one page that says what it is."""
    title = name.rpartition(".")[0].replace("-", " ").capitalize()
    lines = ["Kaldera", title, "", "This paper belongs to the demo.", "kaldera.example"]
    text = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
    page = f"BT /F1 18 Tf 26 TL 72 760 Td\n{text}\nET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return _file(objects)


def _file(objects: tuple[bytes, ...]) -> bytes:
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table_at, count = len(made), len(objects) + 1
    made += b"xref\n0 %d\n0000000000 65535 f \n" % count
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, table_at)
    return bytes(made)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
