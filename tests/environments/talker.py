"""An adapter that needs no packages: it stands for engines that speak and that draw."""

import os
import time


class Adapter:
    def check(self, call):
        yield {"fine": True}

    def say(self, call):
        """A ramp as long as each text, and its letters."""
        for given in call.inputs():
            text = given["text"]
            samples = memoryview(bytearray(4 * len(text))).cast("f")
            for index in range(len(text)):
                samples[index] = index / 8
            yield {"text": text.upper(), "samples": samples, "heard": len(given.get("sound", b""))}

    def frames(self, call):
        """Pictures of one grey, brighter each time."""
        width, height = call.values["size"]
        for index in range(call.values["count"]):
            call.progress(index / call.values["count"], "drawing")
            picture = memoryview(bytes([index % 256]) * (width * height * 3))
            yield {"index": index, "image": picture.cast("B", (height, width, 3))}

    def refuse(self, call):
        raise call.refuse(call.values["kind"], "there is no voice 'bob'")
        yield

    def crash(self, call):
        print("a package prints this")
        raise ZeroDivisionError("by nothing")
        yield

    def die(self, call):
        os.write(2, b"first\nmalloc(): corrupted\n")
        os._exit(3)
        yield

    def hang(self, call):
        os.kill(os.getpid(), 19)  # stops all its threads, as a machine that swaps does
        yield

    def slow(self, call):
        time.sleep(call.values["seconds"])
        yield {"slept": call.values["seconds"]}
