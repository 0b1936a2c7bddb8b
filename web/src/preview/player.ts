import { SmoothClock } from "./clock";

/** What of it is shown beside the picture; changes seldom, not with every frame. */
export interface Playing {
  isPlaying: boolean;
  /** At its beginning or over, so that nobody looks at a certain moment. */
  isAtRest: boolean;
  isLooping: boolean;
  rate: number;
  duration_s: number;
  /** Rises whenever another moment was gone to. */
  moves: number;
}

const STILL: Playing = {
  isPlaying: false,
  isAtRest: true,
  isLooping: false,
  rate: 1,
  duration_s: 0,
  moves: 0,
};

/** Plays a track's sound and tells the time, by which everything else is drawn. */
export class Player {
  readonly #sound = new Audio();
  readonly #clock = new SmoothClock();
  readonly #watchers = new Set<() => void>();
  #state = STILL;
  #said = "";

  constructor() {
    this.#sound.preload = "auto";
    this.#sound.preservesPitch = true;
    const refresh = () => this.#set({ isPlaying: !this.#sound.paused && !this.#sound.ended });
    for (const name of ["play", "pause", "ended", "seeked"]) {
      this.#sound.addEventListener(name, refresh);
    }
  }

  get state(): Playing {
    return this.#state;
  }

  watch = (told: () => void): (() => void) => {
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  };

  /**
   * Take another sound, at the same moment of it as far as there is one.
   *
   * said: equal for sounds that are equal; such a one goes on as it is.
   */
  load(said: string, address: string, duration_s: number): void {
    if (said === this.#said) return;
    const time_s = Math.min(this.#sound.currentTime, duration_s);
    const wasPlaying = this.#state.isPlaying;
    this.#said = said;
    this.#sound.src = address;
    this.#sound.playbackRate = this.#state.rate;
    this.#sound.currentTime = time_s < duration_s ? time_s : 0;
    this.#set({ duration_s, moves: this.#state.moves + 1 });
    if (wasPlaying) this.play();
  }

  unload(): void {
    if (!this.#said) return;
    this.pause();
    this.#said = "";
    this.#sound.removeAttribute("src");
    this.#sound.load();
    this.#set({ duration_s: 0, moves: this.#state.moves + 1 });
  }

  play(): void {
    if (!this.#said) return;
    // Refused where nothing on the page was touched yet; the button stays as it was.
    this.#sound.play().catch(() => this.#set({ isPlaying: false }));
  }

  pause(): void {
    this.#sound.pause();
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.play();
  }

  seek(time_s: number): void {
    this.#sound.currentTime = Math.min(Math.max(time_s, 0), this.#state.duration_s);
    this.#set({ moves: this.#state.moves + 1 });
  }

  setRate(rate: number): void {
    this.#sound.playbackRate = rate;
    this.#sound.defaultPlaybackRate = rate;
    this.#set({ rate });
  }

  setLooping(isLooping: boolean): void {
    this.#sound.loop = isLooping;
    this.#set({ isLooping });
  }

  /** The moment that is heard, smooth from frame to frame. now_ms: of the frame. */
  timeAt(now_ms: number): number {
    const { rate, isPlaying } = this.#state;
    const isRunning = isPlaying && !this.#sound.seeking && this.#sound.readyState > 2;
    return this.#clock.read(now_ms, this.#sound.currentTime, rate, isRunning);
  }

  get time_s(): number {
    return this.#sound.currentTime;
  }

  #set(to: Partial<Playing>) {
    const { ended, currentTime } = this.#sound;
    const isAtRest = !this.#said || ended || currentTime === 0;
    const next = { ...this.#state, isAtRest, ...to };
    const isSame = (Object.keys(next) as (keyof Playing)[]).every(
      (name) => next[name] === this.#state[name],
    );
    if (isSame) return;
    this.#state = next;
    for (const told of this.#watchers) told();
  }
}
