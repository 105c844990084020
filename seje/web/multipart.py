"""A photo as a request brings it: as the body itself, or as a file of a form, as `curl -F` sends it."""

from email.message import Message

from fastapi import Request

from seje.errors import SejeError

FORM = "multipart/form-data"
NEEDED = "the form has no photo: send it as the field `photo`, as in curl -F photo=@dinner.jpg"


async def upload(request: Request) -> bytes:
    """Read the photo of a request; raises SejeError where a form has none."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    return photo_of(body, kind) if kind.lower().lstrip().startswith(FORM) else body


def photo_of(body: bytes, kind: str) -> bytes:
    """Take the one field `photo` out of a form; `kind` is its Content-Type. Raises SejeError.

    Other fields are refused: what else is asked stands in the address.
    """
    boundary = _parameter("content-type", kind, "boundary")
    if not boundary:
        raise SejeError("the form has no boundary in its Content-Type")
    # Each part stands between two lines of the boundary; the line breaks beside them are theirs (RFC 2046).
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(errors="replace"))[1:-1]
    found: bytes | None = None
    for part in parts:
        head, _, content = part.partition(b"\r\n\r\n")
        name = _name(head)
        if name != "photo" or found is not None:
            raise SejeError(f"the form has the field {name!r:.80} beside the photo: give it in the address")
        found = content
    if found is None:
        raise SejeError(NEEDED)
    return found


def _name(head: bytes) -> str:
    """Read the name of a field from the head of its part."""
    for line in head.decode(errors="replace").split("\r\n"):
        header, _, value = line.partition(":")
        if header.strip().lower() == "content-disposition":
            return _parameter(header, value.strip(), "name")
    return ""


def _parameter(header: str, value: str, name: str) -> str:
    message = Message()
    message[header] = value.replace("\r", " ").replace("\n", " ")
    found = message.get_param(name, "", header)
    return found if isinstance(found, str) else found[2]
