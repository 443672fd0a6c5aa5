from django.core.management.base import OutputWrapper

WIDTH = 30


def progress(out: OutputWrapper, what: str, done: int, total: int) -> None:
    """A bar that fills, on a terminal; elsewhere a line when it is full."""
    if out.isatty():
        bar = ("#" * round(WIDTH * done / total)).ljust(WIDTH, ".")
        out.write(f"\r{bar} {done}/{total} {what}", ending="\n" if done == total else "")
    elif done == total:
        out.write(f"{what}: {total}")
