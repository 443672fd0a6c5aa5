from hashlib import sha256


def content_etag(version: str, *parts: object) -> str:
    """The entity tag of a response that depends on the content version and on these values."""
    return f'"{sha256(repr((version, *parts)).encode()).hexdigest()[:32]}"'
