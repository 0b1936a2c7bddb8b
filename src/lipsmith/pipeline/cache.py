"""What several renders use again: prepared portraits and loaded engines."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lipsmith.core.closing import Closing
from lipsmith.core.options import EngineOptions
from lipsmith.core.portrait import Portrait
from lipsmith.core.request import FaceChoice, RenderRequest
from lipsmith.registry import EngineSpec, load_engine

if TYPE_CHECKING:
    from lipsmith.engines.base import Engine

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_PORTRAITS, _ENGINES = 4, 2


class RenderCache(Closing):
    """Keeps the portraits, engines and finishers used last; use it as a context manager.

    For renders that follow each other, not for several at once.
    """

    def __init__(self, portraits: int = _PORTRAITS, engines: int = _ENGINES) -> None:
        """portraits, engines: how many to keep at most; there are as many finishers."""
        self._portraits: Latest[Hashable, tuple[Portrait, ...]] = Latest(portraits)
        self._engines: Latest[tuple[EngineSpec, EngineOptions], Engine] = Latest(engines, _close)
        self._finishers: Latest[tuple[EngineSpec, Hashable], Any] = Latest(engines, _close)

    def engine(
        self, spec: EngineSpec, options: EngineOptions, check: Callable[[Engine], None]
    ) -> Engine:
        """The engine with its weights loaded; `check` looks at it before that takes its time.

        Raises:
            LipsmithError: see `load_engine` and `Engine.load`; or what `check` raises.
        """

        def load(engine: Engine) -> None:
            check(engine)
            engine.load(options)

        engine = self._engines.get((spec, options), lambda: _loaded(spec, load))
        check(engine)
        return engine

    def finisher(self, spec: EngineSpec, options: Hashable, load: Callable[[Any], None]) -> Any:
        """The restorer or the upscaler with its weights loaded by `load`, as `options` tell.

        Raises:
            LipsmithError: see `load_engine`; or what `load` raises.
        """
        return self._finishers.get((spec, options), lambda: _loaded(spec, load))

    def portraits(
        self,
        request: RenderRequest,
        faces: Sequence[FaceChoice],
        prepare: Callable[[], tuple[Portrait, ...]],
    ) -> tuple[Portrait, ...]:
        """The portraits of a request's faces, from `prepare` if they are not known."""
        if not isinstance(request.picture, Path):
            return prepare()
        files = [request.picture, request.background.image, *faces]
        key = (
            tuple(_state_of(file) for file in files if isinstance(file, Path)),
            request.source,
            request.size,
            request.fit,
            request.background,
            # Upscaled pictures are drawn smaller.
            (request.finishing.upscale, request.finishing.upscale_factor),
            request.engine_options.crop,  # names the detector
            tuple(faces),
        )
        return self._portraits.get(key, prepare)

    def close(self) -> None:
        """Free everything."""
        self._portraits.clear()
        self._engines.clear()
        self._finishers.clear()


class Latest(Generic[K, V]):
    """The values that were asked for last; `drop` is told of each one that goes."""

    def __init__(self, size: int, drop: Callable[[V], None] = lambda value: None) -> None:
        self._size = size
        self._drop = drop
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        if key not in self._values:
            # Room is made first, so that there is never one more in memory.
            while len(self._values) >= self._size:
                self._drop(self._values.popitem(last=False)[1])
            self._values[key] = make()
        self._values.move_to_end(key)
        return self._values[key]

    def clear(self) -> None:
        while self._values:
            self._drop(self._values.popitem()[1])


def _loaded(spec: EngineSpec, load: Callable[[Any], None]) -> Any:
    engine = load_engine(spec)
    try:
        load(engine)
    except BaseException:
        engine.close()
        raise
    return engine


def _close(engine: Any) -> None:
    engine.close()


def _state_of(file: Path) -> tuple[str, int, int]:
    """What changes when a file does."""
    about = file.stat()
    return str(file.resolve()), about.st_size, about.st_mtime_ns
